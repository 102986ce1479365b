// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import org.jspecify.annotations.Nullable;

/// Makes changes of events as the server writes them.
final class ChangeReader {
  private ChangeReader() {}

  /// @throws FreshetClientException if a row does not fit the type
  static <T> Change<T> read(Frame event, Mapper mapper, DataType<T> type) {
    var place =
        new ChangePlace(
            event.text("id", ""),
            event.text("collection", ""),
            event.text("documentId", ""),
            event.number("revision", 0),
            event.flag("snapshot"));
    return switch (event.text("action", "")) {
      case "create" -> new Change.Created<>(row(event, "created", mapper, type), place);
      case "update" ->
          new Change.Updated<>(
              before(event, mapper, type), row(event, "after", mapper, type), place);
      case "delete" -> new Change.Deleted<>(row(event, "deleted", mapper, type), place);
      case String other ->
          throw FreshetClientException.invalid("the server sends a change that is a " + other);
    };
  }

  private static <T> T row(Frame event, String member, Mapper mapper, DataType<T> type) {
    JsonValue row = event.value(member);
    return mapper.read(row == null ? JsonObject.empty() : row, type);
  }

  private static <T> @Nullable T before(Frame event, Mapper mapper, DataType<T> type) {
    JsonValue row = event.value("before");
    return row == null || row == JsonNull.NULL ? null : mapper.read(row, type);
  }
}
