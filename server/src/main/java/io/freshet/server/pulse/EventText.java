// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import io.freshet.protocol.Captured;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.filter.Action;
import io.freshet.protocol.filter.Model;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;

/// Writes changes as the events of one client's model. Immutable; any thread.
final class EventText {
  private final RowText rows;
  private final byte[] modelName;

  /// What became of a change.
  ///
  /// @param written whether there is an event; there is none for documents that are no rows
  /// @param mismatches values that were not of their field's type and are null
  record Written(boolean written, int mismatches) {
    static final Written NO_ROW = new Written(false, 0);
  }

  EventText(Model model) {
    this.rows = new RowText(model);
    this.modelName = Json.encode(JsonString.of(model.name()));
  }

  /// Writes the event of a change, of any operation but `OPEN`. Nothing is written if the row it
  /// would show is no object but a list.
  Written write(FrameText out, Change change) {
    Action action = Action.of(change.operation());
    if (action == null) {
      throw new IllegalArgumentException("shown to no stream: " + change.operation());
    }
    JsonValue shown = action == Action.DELETE ? deleted(change) : change.after().data();
    if (!(shown instanceof JsonObject row)) {
      return Written.NO_ROW;
    }
    out.raw("{\"id\":\"").raw(change.id().text()).raw("\",\"action\":\"").raw(action.text());
    out.raw("\",\"modelName\":").raw(modelName);
    int mismatches =
        switch (action) {
          case CREATE -> row(out.raw(",\"created\":"), change, row);
          case UPDATE ->
              before(out.raw(",\"before\":"), change) + row(out.raw(",\"after\":"), change, row);
          case DELETE -> row(out.raw(",\"deleted\":"), change, row);
        };
    out.raw("}");
    return new Written(true, mismatches);
  }

  private static JsonValue deleted(Change change) {
    Captured captured = change.captured();
    if (captured == null) {
      return change.before().data();
    }
    JsonObject former = captured.former();
    return former == null ? JsonObject.empty() : former;
  }

  /// What it was before; null if that was no row, or is not known.
  private int before(FrameText out, Change change) {
    Captured captured = change.captured();
    if (captured != null) {
      JsonObject former = captured.former();
      if (former != null) {
        return rows.writeKnown(out, former);
      }
      out.raw("null");
      return 0;
    }
    Document before = change.before();
    if (before.isLive() && before.data() instanceof JsonObject row) {
      return row(out, change, row);
    }
    out.raw("null");
    return 0;
  }

  private int row(FrameText out, Change change, JsonObject data) {
    return change.captured() == null
        ? rows.write(out, change.key().id(), data)
        : rows.writeKnown(out, data);
  }
}
