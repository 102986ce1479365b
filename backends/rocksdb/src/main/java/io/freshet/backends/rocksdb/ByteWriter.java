// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A growing buffer for the store's encodings; reused from batch to batch by its one owner.
/// Variable-length integers are little endian, seven bits to a byte; fixed ones big endian.
final class ByteWriter {
  private byte[] bytes;
  private int size;

  ByteWriter(int capacity) {
    bytes = new byte[capacity];
  }

  int size() {
    return size;
  }

  byte[] copy() {
    return Arrays.copyOf(bytes, size);
  }

  /// Empties it, and lets go of an unusually large array.
  void reset(int capacityMax) {
    size = 0;
    if (bytes.length > capacityMax) {
      bytes = new byte[capacityMax];
    }
  }

  private void ensure(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(size, more)));
    }
  }

  void u8(int value) {
    ensure(1);
    bytes[size++] = (byte) value;
  }

  void fixed32(int value) {
    ensure(4);
    size += 4;
    setFixed32(size - 4, value);
  }

  void setFixed32(int at, int value) {
    bytes[at] = (byte) (value >>> 24);
    bytes[at + 1] = (byte) (value >>> 16);
    bytes[at + 2] = (byte) (value >>> 8);
    bytes[at + 3] = (byte) value;
  }

  void fixed64(long value) {
    fixed32((int) (value >>> 32));
    fixed32((int) value);
  }

  void varint(long value) {
    ensure(10);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  /// A signed number that is mostly near zero.
  void zigzag(long value) {
    varint(value << 1 ^ value >> 63);
  }

  @SuppressWarnings("deprecation") // getBytes(int, int, byte[], int): exactly right for ASCII
  void text(String text) {
    int length = text.length();
    if (isAscii(text)) {
      varint(length);
      ensure(length);
      text.getBytes(0, length, bytes, size);
      size += length;
    } else {
      bytes(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  /// Bytes with their length before them.
  void bytes(byte[] value) {
    varint(value.length);
    raw(value, 0, value.length);
  }

  void raw(byte[] source, int from, int length) {
    ensure(length);
    System.arraycopy(source, from, bytes, size, length);
    size += length;
  }

  /// A JSON value with its length before it.
  void json(JsonValue value) {
    int length = value.encodedBytes();
    varint(length);
    ensure(length);
    size = Json.write(value, bytes, size);
  }
}
