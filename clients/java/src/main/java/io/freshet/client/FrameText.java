// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import org.jspecify.annotations.Nullable;

/// Writes one frame, member by member. What is null is left out.
final class FrameText {
  private final StringBuilder text;

  FrameText(String type) {
    text = new StringBuilder(160).append("{\"type\":\"").append(type).append('"');
  }

  FrameText text(String member, @Nullable String value) {
    return value == null ? this : raw(member, quoted(value));
  }

  FrameText value(String member, @Nullable JsonValue value) {
    return value == null ? this : raw(member, Json.text(value));
  }

  FrameText number(String member, @Nullable Long value) {
    return value == null ? this : raw(member, Long.toString(value));
  }

  /// Left out when false.
  FrameText flag(String member, boolean value) {
    return value ? raw(member, "true") : this;
  }

  /// @param json taken as it is
  FrameText raw(String member, @Nullable String json) {
    if (json != null) {
      text.append(",\"").append(member).append("\":").append(json);
    }
    return this;
  }

  static String quoted(String value) {
    return isPlain(value) ? "\"" + value + "\"" : Json.text(JsonString.of(value));
  }

  private static boolean isPlain(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ' ' || c > '~' || c == '"' || c == '\\') {
        return false;
      }
    }
    return true;
  }

  String end() {
    return text.append('}').toString();
  }
}
