// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Turns values of the program into JSON and back, by its own mapping if it has given one.
///
/// Immutable; any thread.
final class Mapper {
  /// What the server sends may be larger than what it takes: pages, lists of changes.
  private static final JsonLimits RECEIVED =
      new JsonLimits(Integer.MAX_VALUE, 10_000, Integer.MAX_VALUE);

  private final @Nullable JsonMapping mapping;

  Mapper(@Nullable JsonMapping mapping) {
    this.mapping = mapping;
  }

  /// @throws FreshetException if it is no JSON
  static JsonValue parse(String text) {
    return Json.parse(text.getBytes(StandardCharsets.UTF_8), RECEIVED);
  }

  /// @throws FreshetClientException `INVALID_ARGUMENT` if the value does not fit the type
  @SuppressWarnings({"unchecked", "NullAway"}) // null only for JSON's null, which documents are not
  <T> T read(JsonValue value, DataType<T> wanted) {
    Type type = wanted.type();
    if (mapping == null || isPlain(type)) {
      return (T) ValueReader.read(value, type);
    }
    try {
      return (T) mapping.read(Json.text(value), type);
    } catch (Exception e) {
      throw FreshetClientException.invalid(
          "what was received is no " + type.getTypeName() + ": " + e.getMessage(), e);
    }
  }

  private static boolean isPlain(Type type) {
    return type == Object.class || type == Map.class;
  }

  /// @throws FreshetClientException `INVALID_ARGUMENT` if it cannot be said as JSON
  JsonValue write(@Nullable Object value) {
    if (mapping == null || value == null || value instanceof JsonValue) {
      return ValueWriter.write(value);
    }
    try {
      return parse(mapping.write(value));
    } catch (Exception e) {
      throw FreshetClientException.invalid(
          value.getClass().getName() + " cannot be written as JSON: " + e.getMessage(), e);
    }
  }

  /// As the other, of what has to be an object.
  JsonObject writeObject(Object value) {
    if (write(value) instanceof JsonObject object) {
      return object;
    }
    throw FreshetClientException.invalid(
        value.getClass().getName() + " is no JSON object: use a record or a map");
  }
}
