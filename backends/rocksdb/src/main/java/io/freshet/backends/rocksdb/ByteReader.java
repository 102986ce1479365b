// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Reads what [ByteWriter] wrote.
///
/// Every method throws `STORE_CORRUPT` when the bytes end too early or cannot be what they claim.
final class ByteReader {
  /// What was accepted once must stay readable whatever the doors' limits are today.
  private static final JsonLimits ANY =
      new JsonLimits(Integer.MAX_VALUE, 10_000, Integer.MAX_VALUE);

  private final byte[] bytes;
  private final int end;
  private int at;

  ByteReader(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  ByteReader(byte[] bytes, int from, int end) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  int at() {
    return at;
  }

  int remaining() {
    return end - at;
  }

  private void require(int more) {
    if (more < 0 || end - at < more) {
      throw Refusals.malformed("an entry ends too early");
    }
  }

  void skip(int count) {
    require(count);
    at += count;
  }

  int u8() {
    require(1);
    return bytes[at++] & 0xFF;
  }

  /// The next byte, which is not taken.
  int peek() {
    require(1);
    return bytes[at] & 0xFF;
  }

  int fixed32() {
    require(4);
    at += 4;
    return (bytes[at - 4] & 0xFF) << 24
        | (bytes[at - 3] & 0xFF) << 16
        | (bytes[at - 2] & 0xFF) << 8
        | (bytes[at - 1] & 0xFF);
  }

  long fixed64() {
    long high = fixed32();
    return high << 32 | fixed32() & 0xFFFF_FFFFL;
  }

  long varint() {
    if (at < end && bytes[at] >= 0) {
      return bytes[at++];
    }
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int next = u8();
      value |= (long) (next & 0x7F) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw Refusals.malformed("a number is too long");
  }

  int length() {
    long length = varint();
    if (length < 0 || length > remaining()) {
      throw Refusals.malformed("a length is too large");
    }
    return (int) length;
  }

  long zigzag() {
    long value = varint();
    return value >>> 1 ^ -(value & 1);
  }

  String text() {
    int length = length();
    at += length;
    return new String(bytes, at - length, length, StandardCharsets.UTF_8);
  }

  JsonValue json() {
    return json(length());
  }

  /// A JSON value as [#json] gives it; an object is parsed when it is looked into. Its bytes are
  /// copied: it may be kept for longer than what it was read from.
  JsonValue unread() {
    int length = length();
    if (length <= 2 || bytes[at] != '{') {
      return json(length);
    }
    at += length;
    return JsonObject.unread(Arrays.copyOfRange(bytes, at - length, at));
  }

  /// A JSON value of a known length.
  JsonValue json(int length) {
    skip(length);
    try {
      return Json.parse(bytes, at - length, length, ANY);
    } catch (FreshetException e) {
      throw Refusals.malformed("a document is not JSON (" + e.getMessage() + ")");
    }
  }
}
