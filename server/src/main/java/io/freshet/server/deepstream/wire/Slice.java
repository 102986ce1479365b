// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonValue;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A stretch of a received frame. Only valid while that frame is being handled.
public final class Slice {
  private final byte[] bytes;
  private final int from;
  private final int length;

  public Slice(byte[] bytes, int from, int length) {
    this.bytes = bytes;
    this.from = from;
    this.length = length;
  }

  public byte[] bytes() {
    return bytes;
  }

  public int from() {
    return from;
  }

  public int length() {
    return length;
  }

  public boolean holds(byte[] other) {
    return other.length == length
        && Arrays.equals(bytes, from, from + length, other, 0, other.length);
  }

  /// @throws UndecodableException when it is not UTF-8
  public String text() {
    return isAscii() ? new String(bytes, from, length, StandardCharsets.ISO_8859_1) : strictUtf8();
  }

  private boolean isAscii() {
    for (int i = from; i < from + length; i++) {
      if (bytes[i] < 0) {
        return false;
      }
    }
    return true;
  }

  /// Without the decoder's exception, which records a stack for each broken text.
  private String strictUtf8() {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    CharBuffer text = CharBuffer.allocate(length);
    if (decoder.decode(ByteBuffer.wrap(bytes, from, length), text, true).isError()) {
      throw new UndecodableException("text is not UTF-8");
    }
    return text.flip().toString();
  }

  /// @throws io.freshet.protocol.error.FreshetException as [Json#parse]
  public JsonValue json(JsonLimits limits) {
    return Json.parse(bytes, from, length, limits);
  }
}
