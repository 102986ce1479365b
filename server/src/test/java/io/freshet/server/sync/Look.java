// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.util.List;

/// Looking into JSON.
public final class Look {
  private Look() {}

  /// An event as `operation revision id`.
  public static String told(JsonObject event) {
    return text(event, "metadata", "operation")
        + " "
        + number(event, "metadata", "revision")
        + " "
        + text(event, "metadata", "documentId");
  }

  public static JsonValue at(JsonValue value, Object... path) {
    JsonValue found = value;
    for (Object step : path) {
      found =
          switch (found) {
            case JsonObject object -> object.get((String) step);
            case JsonArray array -> array.get((Integer) step);
            case null -> null;
            case JsonValue _ -> null;
          };
    }
    return found;
  }

  public static String text(JsonValue value, Object... path) {
    return at(value, path) instanceof JsonString text ? text.value() : "no text in " + value;
  }

  public static long number(JsonValue value, Object... path) {
    if (at(value, path) instanceof JsonNumber number) {
      return number.longValue();
    }
    throw new AssertionError("no number at " + List.of(path) + " in " + value);
  }

  public static JsonValue json(String text) {
    return Json.parse(text.replace('\'', '"'));
  }
}
