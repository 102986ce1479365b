// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.feed.Publication;
import io.freshet.engine.stream.SnapshotReading;
import io.freshet.protocol.Captured;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.filter.Action;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import java.util.HashMap;
import java.util.Map;

/// One change as the event that change streams are sent, made once for all of them; and its frame,
/// once for all whose streams are called the same.
///
/// Threading: any thread.
final class StreamEvents {
  private static final String ID = "id";

  private final byte[] event;
  private final Map<String, byte[]> frames = new HashMap<>(2);

  /// Those with tagged values, beside those without.
  private record Typed(StreamEvents events) {}

  private StreamEvents(Change change, RowForm form) {
    var out = new JsonOutput();
    write(out, change, form);
    this.event = out.toBytes();
  }

  static StreamEvents of(Publication publication, RowForm form) {
    return switch (form) {
      case RowForm.Plain _ ->
          publication.encoded(StreamEvents.class, change -> new StreamEvents(change, form));
      case RowForm.Typed _ ->
          publication
              .encoded(Typed.class, change -> new Typed(new StreamEvents(change, form)))
              .events();
    };
  }

  /// Not to be modified.
  byte[] event() {
    return event;
  }

  /// A whole WebSocket message. Not to be modified.
  synchronized byte[] frame(String streamId, JsonOutput scratch) {
    byte[] known = frames.get(streamId);
    if (known == null) {
      writeFrameHead(scratch.clear(), streamId).raw(event).raw("}");
      known = EventFrame.webSocket(scratch);
      frames.put(streamId, known);
    }
    return known;
  }

  /// A message, without its end, of a change that only one stream is sent.
  static JsonOutput writeFrameHead(JsonOutput out, String streamId) {
    return out.raw("{\"type\":\"change\",\"streamId\":\"").raw(streamId).raw("\",\"event\":");
  }

  static void write(JsonOutput out, Change change, RowForm form) {
    Action action = action(change);
    out.raw("{\"id\":\"").raw(change.id().text());
    out.raw("\",\"action\":\"").raw(action.text());
    out.raw("\",\"collection\":").string(change.key().collection());
    out.raw(",\"documentId\":").string(change.key().id());
    out.raw(",\"revision\":").number(change.revision());
    switch (action) {
      case CREATE -> after(out.raw(",\"created\":"), change, form);
      case UPDATE -> {
        before(out.raw(",\"before\":"), change, form);
        after(out.raw(",\"after\":"), change, form);
      }
      case DELETE -> before(out.raw(",\"deleted\":"), change, form);
    }
    out.raw(SnapshotReading.isRow(change) ? ",\"snapshot\":true}" : "}");
  }

  static Action action(Change change) {
    Action action = Action.of(change.operation());
    if (action == null) {
      throw new IllegalArgumentException("no stream shows an opening");
    }
    return action;
  }

  private static void after(JsonOutput out, Change change, RowForm form) {
    JsonValue row = form.of(change.key().collection(), change.after().data());
    if (change.captured() == null) {
      row(out, change.after(), row);
    } else {
      out.value(row);
    }
  }

  /// Of a source's row, what it tells.
  private static void before(JsonOutput out, Change change, RowForm form) {
    String collection = change.key().collection();
    Captured captured = change.captured();
    if (captured == null) {
      row(out, change.before(), form.of(collection, change.before().data()));
    } else {
      JsonObject former = captured.former();
      out.value(former == null ? JsonNull.NULL : form.of(collection, former));
    }
  }

  /// The row, with the document's id where it has none of its own.
  private static void row(JsonOutput out, Document document, JsonValue row) {
    if (row instanceof JsonObject object && object.get(ID) == null) {
      out.raw("{\"id\":").string(document.key().id()).membersBehind(object);
    } else {
      out.value(row);
    }
  }
}
