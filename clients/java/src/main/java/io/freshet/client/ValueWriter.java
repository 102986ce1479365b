// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.temporal.Temporal;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Makes JSON of Java's own types and of records.
final class ValueWriter {
  private ValueWriter() {}

  /// @throws FreshetClientException `INVALID_ARGUMENT` if it cannot be said as JSON
  static JsonValue write(@Nullable Object value) {
    try {
      return written(value);
    } catch (FreshetException e) {
      throw FreshetClientException.of(e.status(), e.code().name(), String.valueOf(e.getMessage()));
    }
  }

  private static JsonValue written(@Nullable Object value) {
    return switch (value) {
      case null -> JsonNull.NULL;
      case JsonValue json -> json;
      case String text -> JsonString.of(text);
      case Number number -> number(number);
      case Boolean bool -> bool ? JsonBoolean.TRUE : JsonBoolean.FALSE;
      case Map<?, ?> map -> object(map);
      case Iterable<?> elements -> array(elements);
      case Record components -> RecordShape.of(components.getClass()).write(components);
      case Enum<?> constant -> JsonString.of(constant.name());
      case Optional<?> optional -> written(optional.orElse(null));
      case byte[] bytes -> JsonString.of(Base64.getEncoder().encodeToString(bytes));
      case Object other -> textOrArray(other);
    };
  }

  private static JsonValue textOrArray(Object value) {
    boolean isText =
        value instanceof CharSequence
            || value instanceof Character
            || value instanceof Temporal
            || value instanceof Duration
            || value instanceof UUID;
    if (isText) {
      return JsonString.of(value.toString());
    }
    if (!value.getClass().isArray()) {
      throw FreshetClientException.invalid(
          value.getClass().getName()
              + ": only records and Java's own types are mapped without a JsonMapping");
    }
    var elements = new ArrayList<@Nullable Object>();
    for (int i = 0; i < Array.getLength(value); i++) {
      elements.add(Array.get(value, i));
    }
    return array(elements);
  }

  private static JsonNumber number(Number number) {
    return switch (number) {
      case Integer whole -> JsonNumber.of(whole.longValue());
      case Long whole -> JsonNumber.of(whole);
      case Short whole -> JsonNumber.of(whole.longValue());
      case Byte whole -> JsonNumber.of(whole.longValue());
      case BigDecimal decimal -> JsonNumber.of(decimal);
      case BigInteger whole -> JsonNumber.of(new BigDecimal(whole));
      case Number other -> decimal(other.toString());
    };
  }

  private static JsonNumber decimal(String text) {
    try {
      return JsonNumber.of(new BigDecimal(text));
    } catch (NumberFormatException e) {
      throw FreshetClientException.invalid("JSON has no number " + text);
    }
  }

  private static JsonObject object(Map<?, ?> map) {
    JsonObject object = JsonObject.empty();
    for (Map.Entry<?, ?> each : map.entrySet()) {
      object = object.with(String.valueOf(each.getKey()), written(each.getValue()));
    }
    return object;
  }

  private static JsonArray array(Iterable<?> elements) {
    var written = new ArrayList<JsonValue>();
    for (Object each : elements) {
      written.add(written(each));
    }
    return JsonArray.of(written);
  }
}
