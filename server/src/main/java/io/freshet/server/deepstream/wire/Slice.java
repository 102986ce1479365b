// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonValue;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
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

  private String strictUtf8() {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes, from, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw new UndecodableException("text is not UTF-8");
    }
  }

  /// @throws io.freshet.protocol.error.FreshetException as [Json#parse]
  public JsonValue json(JsonLimits limits) {
    return Json.parse(bytes, from, length, limits);
  }
}
