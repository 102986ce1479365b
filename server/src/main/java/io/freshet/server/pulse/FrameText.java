// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// JSON text being written, in UTF-8. Confined to one thread.
final class FrameText {
  private static final int KEPT_BYTES_MAX = 256 << 10;

  private byte[] bytes = new byte[1024];
  private int length;

  /// Begins anew; what one large row took is not kept for ever.
  FrameText clear() {
    length = 0;
    if (bytes.length > KEPT_BYTES_MAX) {
      bytes = new byte[1024];
    }
    return this;
  }

  FrameText raw(String ascii) {
    return raw(ascii.getBytes(StandardCharsets.ISO_8859_1));
  }

  FrameText raw(byte[] text) {
    ensure(text.length);
    System.arraycopy(text, 0, bytes, length, text.length);
    length += text.length;
    return this;
  }

  FrameText string(String text) {
    return value(JsonString.of(text));
  }

  FrameText value(JsonValue value) {
    ensure(value.encodedBytes());
    length = Json.write(value, bytes, length);
    return this;
  }

  private void ensure(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(length, more)));
    }
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }
}
