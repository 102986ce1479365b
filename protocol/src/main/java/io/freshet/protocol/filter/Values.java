// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.TreeMap;

/// Order and spelling of values as [FieldType#read] makes them.
final class Values {
  static final int INCOMPARABLE = Integer.MIN_VALUE;

  private Values() {}

  /// Below, at or above 0; [#INCOMPARABLE] when the two have no order.
  static int compare(Object one, Object other) {
    if (one instanceof Long a && other instanceof Long b) {
      return Long.compare(a, b);
    }
    if (one instanceof String a && other instanceof String b) {
      return Integer.signum(Texts.compare(a, b));
    }
    if (one instanceof Instant a && other instanceof Instant b) {
      return Integer.signum(a.compareTo(b));
    }
    return one instanceof Number a && other instanceof Number b
        ? decimal(a).compareTo(decimal(b))
        : INCOMPARABLE;
  }

  private static BigDecimal decimal(Number number) {
    return number instanceof BigDecimal decimal ? decimal : BigDecimal.valueOf(number.longValue());
  }

  /// Unambiguous among values of one type: equal texts are equal values.
  static void render(Object value, StringBuilder to) {
    switch (value) {
      case String text -> to.append(Json.text(JsonString.of(text)));
      case JsonValue json -> renderJson(json, to);
      case Object scalar -> to.append(scalar);
    }
  }

  /// With sorted keys: their order has no meaning.
  private static void renderJson(JsonValue value, StringBuilder to) {
    switch (value) {
      case JsonObject object -> {
        var members = new TreeMap<String, JsonValue>();
        object.forEach(members::put);
        to.append('{');
        members.forEach((key, member) -> {
          render(key, to);
          to.append(':');
          renderJson(member, to);
          to.append(',');
        });
        to.append('}');
      }
      case JsonArray array -> {
        to.append('[');
        for (JsonValue element : array) {
          renderJson(element, to);
          to.append(',');
        }
        to.append(']');
      }
      case JsonValue scalar -> to.append(Json.text(scalar));
    }
  }
}
