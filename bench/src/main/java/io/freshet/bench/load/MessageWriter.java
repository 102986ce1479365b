// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Builds one protocol message after the other, in buffers it reuses: `start`, fields in ascending
/// order, then [#appendTo] writes envelope and masked WebSocket frame behind what a connection has
/// not sent yet. Owned by the driver's thread.
final class MessageWriter {
  private byte[] body = new byte[1024];
  private int length;
  private final FrameWriter frames = new FrameWriter();

  MessageWriter start(int action) {
    length = 0;
    return number(Wire.ACTION, action);
  }

  /// Negative numbers take the ten bytes that protobuf gives an int32.
  MessageWriter number(int field, long value) {
    ensure(15);
    length = putVarint(body, length, (long) field << 3);
    length = putVarint(body, length, value);
    return this;
  }

  MessageWriter text(int field, byte[] utf8) {
    return text(field, utf8, 0, utf8.length);
  }

  MessageWriter text(int field, String value) {
    return text(field, value.getBytes(StandardCharsets.UTF_8));
  }

  MessageWriter text(int field, byte[] utf8, int from, int count) {
    ensure(10 + count);
    length = putVarint(body, length, ((long) field << 3) | 2);
    length = putVarint(body, length, count);
    System.arraycopy(utf8, from, body, length, count);
    length += count;
    return this;
  }

  /// A non-negative number as decimal text, without building a string.
  MessageWriter decimal(int field, long value) {
    ensure(30);
    length = putVarint(body, length, ((long) field << 3) | 2);
    int digits = digits(value);
    body[length++] = (byte) digits;
    long rest = value;
    for (int i = length + digits - 1; i >= length; i--) {
      body[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += digits;
    return this;
  }

  /// The message in a frame as servers send it: not masked.
  void appendUnmaskedTo(OutBuffer out, int topic) {
    int payload = envelopeSize(topic);
    int at = out.reserve(payload + FrameWriter.HEADER_BYTES_MAX);
    int start = FrameWriter.putUnmasked(out.bytes(), at, Wire.OPCODE_BINARY, payload);
    out.wrote(putEnvelope(out.bytes(), start, topic));
  }

  void appendTo(OutBuffer out, int topic) {
    int payload = envelopeSize(topic);
    int at = out.reserve(payload + FrameWriter.HEADER_BYTES_MAX);
    byte[] bytes = out.bytes();
    int start = frames.putHeader(bytes, at, Wire.OPCODE_BINARY, payload);
    int end = putEnvelope(bytes, start, topic);
    frames.mask(bytes, start, end);
    out.wrote(end);
  }

  private int envelopeSize(int topic) {
    int inner = 1 + varintSize(topic) + 1 + varintSize(length) + length;
    return varintSize(inner) + inner;
  }

  private int putEnvelope(byte[] bytes, int at, int topic) {
    int inner = 1 + varintSize(topic) + 1 + varintSize(length) + length;
    int next = putVarint(bytes, at, inner);
    bytes[next++] = 2 << 3;
    next = putVarint(bytes, next, topic);
    bytes[next++] = (3 << 3) | 2;
    next = putVarint(bytes, next, length);
    System.arraycopy(body, 0, bytes, next, length);
    return next + length;
  }

  private void ensure(int more) {
    if (body.length - length < more) {
      body = Arrays.copyOf(body, Math.max(body.length * 2, length + more));
    }
  }

  private static int digits(long value) {
    int digits = 1;
    for (long rest = value; rest >= 10; rest /= 10) {
      digits++;
    }
    return digits;
  }

  private static int varintSize(long value) {
    return value == 0 ? 1 : (63 - Long.numberOfLeadingZeros(value)) / 7 + 1;
  }

  private static int putVarint(byte[] bytes, int at, long value) {
    int next = at;
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[next++] = (byte) ((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    bytes[next++] = (byte) rest;
    return next;
  }
}
