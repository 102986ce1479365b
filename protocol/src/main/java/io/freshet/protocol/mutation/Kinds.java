// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;

/// Kinds of values, as messages name them.
final class Kinds {
  private Kinds() {}

  static String name(JsonValue value) {
    return switch (value) {
      case JsonObject object -> "an object";
      case JsonArray array -> "an array";
      case JsonString string -> "a string";
      case JsonNumber number -> "a number";
      case JsonBoolean bool -> "a boolean";
      case JsonNull nothing -> "null";
    };
  }

  static FreshetException mismatch(String message) {
    return new FreshetException(ErrorCode.TYPE_MISMATCH, message);
  }

  /// The document to be edited, which is an object.
  static JsonObject document(JsonValue before) {
    if (before instanceof JsonObject object) {
      return object;
    }
    throw mismatch("The document is a list; only a replace with an array or a delete can write it");
  }
}
