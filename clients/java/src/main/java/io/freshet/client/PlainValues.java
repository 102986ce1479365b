// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// JSON as maps, lists, strings, booleans and numbers. A number is a `Long`, `BigInteger`, `Double`
/// or `BigDecimal`: the first of them that holds it exactly.
final class PlainValues {
  private PlainValues() {}

  static @Nullable Object of(JsonValue value) {
    return switch (value) {
      case JsonObject object -> membersOf(object);
      case JsonArray array -> elementsOf(array);
      case JsonString string -> string.value();
      case JsonNumber number -> numberOf(number);
      case JsonBoolean bool -> bool == JsonBoolean.TRUE;
      case JsonNull nothing -> null;
    };
  }

  /// A new map, which the caller may change.
  @SuppressWarnings("NullAway") // members may be null; the map's type cannot say so to its users
  static Map<String, Object> membersOf(JsonObject object) {
    var members = new LinkedHashMap<String, Object>();
    object.forEach((key, value) -> members.put(key, of(value)));
    return members;
  }

  @SuppressWarnings("NullAway") // as above
  private static List<Object> elementsOf(JsonArray array) {
    var elements = new ArrayList<Object>(array.size());
    array.forEach(value -> elements.add(of(value)));
    return elements;
  }

  static Number numberOf(JsonNumber number) {
    if (number.isLong()) {
      return number.longValue();
    }
    BigDecimal exact = number.value();
    if (exact.scale() <= 0) {
      return exact.toBigInteger();
    }
    double near = exact.doubleValue();
    return !Double.isInfinite(near) && BigDecimal.valueOf(near).compareTo(exact) == 0
        ? (Number) near
        : exact;
  }
}
