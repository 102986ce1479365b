// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Composes one frame at a time: WebSocket header, envelope and body in one stretch of bytes.
///
/// The body is written first, behind room for the longest possible head; the head, whose lengths
/// are known only then, is put right before it. So nothing is measured twice or moved.
///
/// Use: [#begin], fields in ascending order, [#end]; then the frame stands in [#bytes] from
/// [#from], [#length] bytes, until the next begin.
///
/// Threading: confined to one event loop.
public final class FrameWriter {
  /// WebSocket header 10, envelope length 5, topic 2, body tag 1, body length 5.
  private static final int HEAD_BYTES_MAX = 23;

  private static final int KEPT_BYTES_MAX = 256 * 1024;
  private static final int BINARY_FINAL = 0x82;
  private static final int TOPIC_TAG = 2 << 3;
  private static final int BODY_TAG = 3 << 3 | WireReader.BYTES;

  private byte[] bytes = new byte[1024];
  private int from;
  private int at;

  public FrameWriter begin() {
    if (bytes.length > KEPT_BYTES_MAX) {
      bytes = new byte[1024];
    }
    at = HEAD_BYTES_MAX;
    return this;
  }

  public void number(int field, long value) {
    ensure(15);
    at = putVarint(field << 3, at);
    at = putVarint(value, at);
  }

  /// Writes nothing if it is false, which is what an absent flag means.
  public void flag(int field, boolean value) {
    if (value) {
      number(field, 1);
    }
  }

  /// Writes nothing if there is none.
  public void text(int field, @Nullable String text) {
    if (text == null) {
      return;
    }
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    bytes(field, utf8, 0, utf8.length);
  }

  public void bytes(int field, byte[] value, int valueFrom, int length) {
    ensure(10 + length);
    at = putVarint(field << 3 | WireReader.BYTES, at);
    at = putVarint(length, at);
    System.arraycopy(value, valueFrom, bytes, at, length);
    at += length;
  }

  public void json(int field, JsonValue value) {
    int length = value.encodedBytes();
    ensure(10 + length);
    at = putVarint(field << 3 | WireReader.BYTES, at);
    at = putVarint(length, at);
    at = Json.write(value, bytes, at);
  }

  /// A payload: as JSON if it is there, otherwise the text as it is; nothing if both are absent.
  public void data(int field, @Nullable JsonValue value, @Nullable Slice text) {
    if (value != null) {
      json(field, value);
    } else if (text != null) {
      bytes(field, text.bytes(), text.from(), text.length());
    }
  }

  /// One entry of a map from text to int32; both are always written.
  public void entry(int field, String key, int value) {
    byte[] utf8 = key.getBytes(StandardCharsets.UTF_8);
    int length = 1 + varintBytes(utf8.length) + utf8.length + 1 + varintBytes(value);
    ensure(10 + length);
    at = putVarint(field << 3 | WireReader.BYTES, at);
    at = putVarint(length, at);
    at = putVarint(1 << 3 | WireReader.BYTES, at);
    at = putVarint(utf8.length, at);
    System.arraycopy(utf8, 0, bytes, at, utf8.length);
    at += utf8.length;
    at = putVarint(2 << 3, at);
    at = putVarint(value, at);
  }

  /// Puts the head before the body.
  public void end(Topic topic) {
    int body = at - HEAD_BYTES_MAX;
    int envelope = 2 + 1 + varintBytes(body) + body;
    int message = varintBytes(envelope) + envelope;
    from = HEAD_BYTES_MAX + body - message - headerBytes(message);
    int to = putHeader(message, from);
    to = putVarint(envelope, to);
    to = putVarint(TOPIC_TAG, to);
    to = putVarint(topic.number(), to);
    to = putVarint(BODY_TAG, to);
    putVarint(body, to);
  }

  public byte[] bytes() {
    return bytes;
  }

  public int from() {
    return from;
  }

  public int length() {
    return at - from;
  }

  /// A copy of the frame.
  public byte[] toArray() {
    return Arrays.copyOfRange(bytes, from, at);
  }

  private void ensure(int more) {
    if (bytes.length - at < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, at + more));
    }
  }

  private int putVarint(long value, int start) {
    int to = start;
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes[to++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[to++] = (byte) rest;
    return to;
  }

  private static int varintBytes(long value) {
    return (70 - Long.numberOfLeadingZeros(value | 1)) / 7;
  }

  private static int headerBytes(int message) {
    return message <= 125 ? 2 : message <= 0xFFFF ? 4 : 10;
  }

  /// The header of a final, unmasked binary frame (RFC 6455, section 5.2).
  private int putHeader(int message, int start) {
    int to = start;
    bytes[to++] = (byte) BINARY_FINAL;
    if (message <= 125) {
      bytes[to++] = (byte) message;
      return to;
    }
    int lengthBytes = message <= 0xFFFF ? 2 : 8;
    bytes[to++] = (byte) (lengthBytes == 2 ? 126 : 127);
    for (int shift = (lengthBytes - 1) * 8; shift >= 0; shift -= 8) {
      bytes[to++] = (byte) ((long) message >>> shift);
    }
    return to;
  }
}
