// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import java.nio.charset.StandardCharsets;

/// A JSON string. Holds well-formed Unicode only: a lone surrogate is refused on construction,
/// because it has no UTF-8 form and would reach readers as something else.
public final class JsonString implements JsonValue {
  private final String value;
  private final int encodedBytes;

  private JsonString(String value, int encodedBytes) {
    this.value = value;
    this.encodedBytes = encodedBytes;
  }

  /// @throws io.freshet.protocol.error.FreshetException `INVALID_JSON` for a lone surrogate
  public static JsonString of(String value) {
    return new JsonString(value, JsonText.encodedBytes(value));
  }

  /// Of text in UTF-8. What is not UTF-8 becomes U+FFFD.
  public static JsonString ofUtf8(byte[] utf8, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (!TextReader.isPlain(utf8[i])) {
        return of(new String(utf8, offset, length, StandardCharsets.UTF_8));
      }
    }
    return new JsonString(
        new String(utf8, offset, length, StandardCharsets.ISO_8859_1), length + 2);
  }

  /// Of a string already known to be well-formed and to have this length when encoded.
  static JsonString known(String value, int encodedBytes) {
    return new JsonString(value, encodedBytes);
  }

  public String value() {
    return value;
  }

  @Override
  public int encodedBytes() {
    return encodedBytes;
  }

  @Override
  public int members() {
    return 0;
  }

  @Override
  public int depth() {
    return 0;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof JsonString that && value.equals(that.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return Json.text(this);
  }
}
