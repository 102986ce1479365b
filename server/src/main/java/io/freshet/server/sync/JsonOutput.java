// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// JSON text under construction. Values are written as they are; what stands between them is the
/// caller's.
///
/// Threading: one thread at a time.
final class JsonOutput {
  private static final int BYTES = 512;
  private static final int LONG_CHARACTERS_MAX = 20;

  /// Above this it is not kept for the next text.
  private static final int KEPT_BYTES_MAX = 256 << 10;

  private byte[] bytes = new byte[BYTES];
  private int length;

  /// Begins anew.
  JsonOutput clear() {
    length = 0;
    if (bytes.length > KEPT_BYTES_MAX) {
      bytes = new byte[BYTES];
    }
    return this;
  }

  private void require(int more) {
    if (more > bytes.length - length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
    }
  }

  /// Text as it is; plain ASCII only.
  @SuppressWarnings("deprecation") // getBytes(int, int, byte[], int): exactly right for ASCII
  JsonOutput raw(String ascii) {
    require(ascii.length());
    ascii.getBytes(0, ascii.length(), bytes, length);
    length += ascii.length();
    return this;
  }

  /// Text as it is.
  JsonOutput text(String text) {
    return raw(text.getBytes(StandardCharsets.UTF_8));
  }

  /// Bytes as they are.
  JsonOutput raw(byte[] text) {
    require(text.length);
    System.arraycopy(text, 0, bytes, length, text.length);
    length += text.length;
    return this;
  }

  JsonOutput value(JsonValue value) {
    require(value.encodedBytes());
    length = Json.write(value, bytes, length);
    return this;
  }

  /// The members of an object whose first ones are there already, and its end.
  JsonOutput membersBehind(JsonObject object) {
    if (object.size() == 0) {
      return raw("}");
    }
    int brace = length;
    value(object);
    bytes[brace] = ',';
    return this;
  }

  JsonOutput string(String text) {
    return value(JsonString.of(text));
  }

  JsonOutput number(long number) {
    require(LONG_CHARACTERS_MAX);
    return raw(Long.toString(number));
  }

  int length() {
    return length;
  }

  /// Its bytes up to [#length]; not to be changed, and good until the next change here.
  byte[] bytes() {
    return bytes;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  @Override
  public String toString() {
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
