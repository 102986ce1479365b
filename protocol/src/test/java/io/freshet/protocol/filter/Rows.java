// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
import io.freshet.protocol.Operation;
import io.freshet.protocol.Position;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import org.jspecify.annotations.Nullable;

/// Rows and changes to test filters on, from JSON with `'` for `"`.
final class Rows {
  private Rows() {}

  static JsonValue json(String text) {
    return Json.parse(text.replace('\'', '"'));
  }

  static JsonObject object(String text) {
    return (JsonObject) json(text);
  }

  /// Of a document `d1` that was just merged into.
  static Row row(String data) {
    return row(json(data));
  }

  static Row row(JsonValue data) {
    return new Row("d1", Operation.MERGE, data, null, false);
  }

  static Row partial(String data) {
    return new Row("d1", Operation.MERGE, json(data), null, true);
  }

  /// A change of the document `users/d1`; null stands for no live document.
  static Change change(Operation operation, @Nullable JsonValue before, @Nullable JsonValue after) {
    return new Change(
        EventId.NONE,
        new Position(new LogId("test"), 1, 1),
        operation,
        document(before, Document.Life.MISSING, 4),
        document(after, Document.Life.TOMBSTONE, 5),
        null,
        "ada");
  }

  static Change change(Operation operation, @Nullable String before, @Nullable String after) {
    return change(
        operation, before == null ? null : json(before), after == null ? null : json(after));
  }

  private static Document document(
      @Nullable JsonValue data, Document.Life otherwise, long revision) {
    return new Document(
        new DocumentKey("users", "d1"),
        data == null ? otherwise : Document.Life.LIVE,
        revision,
        data == null ? JsonObject.empty() : data,
        1,
        2);
  }
}
