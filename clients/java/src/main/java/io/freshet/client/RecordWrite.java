// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.PathEdit;
import io.freshet.protocol.path.RecordPath;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// One write of a live record that the server has not answered.
///
/// Threading: guarded by the hub's lock.
final class RecordWrite {
  final RecordState record;

  /// Null when one edit is made.
  final @Nullable JsonValue data;

  /// Null when the whole record is written.
  final @Nullable FieldOperation edit;

  /// Who waits for it; several when a merge took the place of several writes.
  final List<CompletableFuture<Void>> waiters = new ArrayList<>(1);

  /// Whether it was sent on this connection and not answered.
  boolean isInFlight;

  /// Whether it was sent on an earlier connection and not answered: the server may do it yet, even
  /// after the record was opened on the next one.
  private boolean isUncertain;

  /// Whether it was ever sent.
  boolean wasSent;

  RecordWrite(RecordState record, @Nullable JsonValue data, @Nullable FieldOperation edit) {
    this.record = record;
    this.data = data;
    this.edit = edit;
  }

  /// The connection fell.
  void down() {
    isUncertain |= isInFlight;
    isInFlight = false;
  }

  /// Whether a change that came as somebody else's is this write, done over an earlier connection.
  /// Who else has written the very same has done what this write would do.
  boolean mayHaveMade(JsonValue after, JsonValue before) {
    try {
      return isUncertain && appliedTo(before).equals(after);
    } catch (FreshetException e) {
      return false; // it does not fit what was there
    }
  }

  JsonValue appliedTo(JsonValue before) {
    if (data != null) {
      return data;
    }
    return edit == null ? before : PathEdit.apply(before, edit);
  }

  /// @param version it shall become
  String frame(String ownRef, String name, long version) {
    var frame =
        new FrameText("record").text("ref", ownRef).text("name", name).number("version", version);
    return switch (edit) {
      case null -> frame.text("op", "set").flag("upsert", true).value("data", data).end();
      case FieldOperation.Set(RecordPath path, JsonValue value) ->
          frame.text("op", "set").flag("upsert", true).raw("patch", patch(path, value)).end();
      case FieldOperation.Erase(RecordPath path) ->
          frame.text("op", "erase").raw("patch", patch(path, null)).end();
    };
  }

  static String patch(RecordPath path, @Nullable JsonValue value) {
    String start = "[{\"path\":" + FrameText.quoted(path.render());
    return value == null
        ? start + "}]"
        : start + ",\"value\":" + io.freshet.protocol.json.Json.text(value) + "}]";
  }

  /// What a patch of the server makes of a record.
  static JsonValue patched(JsonValue before, List<Frame> edits) {
    var operations = new ArrayList<FieldOperation>(edits.size());
    for (Frame each : edits) {
      RecordPath path = RecordPath.parse(each.text("path", ""));
      JsonValue value = each.value("value");
      operations.add(
          value == null ? new FieldOperation.Erase(path) : new FieldOperation.Set(path, value));
    }
    return PathEdit.applyAll(before, operations);
  }
}
