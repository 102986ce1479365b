// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;

/// Reading and writing JSON text.
public final class Json {
  private Json() {}

  /// Reads exactly one value.
  ///
  /// @throws io.freshet.protocol.error.FreshetException `INVALID_JSON`, `TOO_DEEP`,
  ///   `DOCUMENT_TOO_LARGE`, `NUMBER_OUT_OF_RANGE`, `FORBIDDEN_KEY` or `INVALID_ARGUMENT` (a key
  ///   over 1024 bytes)
  public static JsonValue parse(byte[] utf8, int offset, int length, JsonLimits limits) {
    return JsonReader.read(utf8, offset, length, limits);
  }

  /// As the other, of a whole array.
  public static JsonValue parse(byte[] utf8, JsonLimits limits) {
    return JsonReader.read(utf8, 0, utf8.length, limits);
  }

  /// As the other, of a string, within the default limits.
  public static JsonValue parse(String text) {
    return parse(text.getBytes(StandardCharsets.UTF_8), JsonLimits.DEFAULT);
  }

  /// The canonical UTF-8 encoding; its length is [JsonValue#encodedBytes].
  public static byte[] encode(JsonValue value) {
    var target = new byte[value.encodedBytes()];
    write(value, target, 0);
    return target;
  }

  /// The canonical encoding as a string.
  public static String text(JsonValue value) {
    return new String(encode(value), StandardCharsets.UTF_8);
  }

  /// Writes the canonical encoding at `at` and returns the place after it. The target must have
  /// room for [JsonValue#encodedBytes] bytes.
  public static int write(JsonValue value, byte[] target, int at) {
    return switch (value) {
      case JsonObject object -> writeObject(object, target, at);
      case JsonArray array -> writeArray(array, target, at);
      case JsonString string -> writeString(string, target, at);
      case JsonNumber number -> writeAscii(number.spelling(), target, at);
      case JsonBoolean bool -> writeAscii(bool == JsonBoolean.TRUE ? "true" : "false", target, at);
      case JsonNull nothing -> writeAscii("null", target, at);
    };
  }

  /// A string that takes one byte per character holds plain ASCII and is copied as it is.
  private static int writeString(JsonString string, byte[] target, int at) {
    String text = string.value();
    if (string.encodedBytes() != text.length() + 2) {
      return JsonText.write(text, target, at);
    }
    target[at] = '"';
    int to = writeAscii(text, target, at + 1);
    target[to] = '"';
    return to + 1;
  }

  private static int writeObject(JsonObject object, byte[] target, int at) {
    if (object instanceof UnreadObject unread) {
      System.arraycopy(unread.canonical(), 0, target, at, unread.encodedBytes());
      return at + unread.encodedBytes();
    }
    int[] to = {at};
    target[to[0]++] = '{';
    object.forEach((key, value) -> {
      if (to[0] > at + 1) {
        target[to[0]++] = ',';
      }
      to[0] = JsonText.write(key, target, to[0]);
      target[to[0]++] = ':';
      to[0] = write(value, target, to[0]);
    });
    target[to[0]++] = '}';
    return to[0];
  }

  private static int writeArray(JsonArray array, byte[] target, int at) {
    int to = at;
    target[to++] = '[';
    for (Iterator<JsonValue> elements = array.iterator(); elements.hasNext(); ) {
      to = write(elements.next(), target, to);
      if (elements.hasNext()) {
        target[to++] = ',';
      }
    }
    target[to++] = ']';
    return to;
  }

  @SuppressWarnings("deprecation") // getBytes(int, int, byte[], int): exactly right for ASCII
  private static int writeAscii(String text, byte[] target, int at) {
    text.getBytes(0, text.length(), target, at);
    return at + text.length();
  }
}
