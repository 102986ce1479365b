// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/// Writes WebSocket frames as a server sends them: final, unmasked, no extension (RFC 6455 section
/// 5.2). Stateless.
public final class WebSocketFrames {

  /// The longest header {@link #writeHeader} writes.
  public static final int HEADER_BYTES_MAX = 10;

  static final int CONTROL_PAYLOAD_BYTES_MAX = 125;
  static final int OPCODE_CLOSE = 0x8;
  static final int OPCODE_PING = 0x9;
  static final int OPCODE_PONG = 0xA;

  private static final int FINAL = 0x80;
  private static final int CODE_BYTES = 2;

  private WebSocketFrames() {}

  /// How many bytes the header of a message with this payload takes: 2, 4 or 10.
  public static int headerBytes(int payloadBytes) {
    if (payloadBytes <= CONTROL_PAYLOAD_BYTES_MAX) {
      return 2;
    }
    return payloadBytes <= 0xFFFF ? 4 : HEADER_BYTES_MAX;
  }

  /// Appends the header of a message sent as one frame; the payload is to follow.
  public static void writeHeader(ByteBuf out, MessageKind kind, int payloadBytes) {
    writeHeader(out, kind.opcode(), payloadBytes);
  }

  /// Appends a whole message: header and the readable bytes of the payload, whose reader index
  /// stays.
  public static void write(ByteBuf out, MessageKind kind, ByteBuf payload) {
    writeHeader(out, kind, payload.readableBytes());
    out.writeBytes(payload, payload.readerIndex(), payload.readableBytes());
  }

  /// Appends a ping with an empty payload.
  public static void writePing(ByteBuf out) {
    writeHeader(out, OPCODE_PING, 0);
  }

  static void writePong(ByteBuf out, ByteBuf payload) {
    writeHeader(out, OPCODE_PONG, payload.readableBytes());
    out.writeBytes(payload, payload.readerIndex(), payload.readableBytes());
  }

  /// A close frame without a body: the peer reports 1005.
  static void writeClose(ByteBuf out) {
    writeHeader(out, OPCODE_CLOSE, 0);
  }

  static void writeClose(ByteBuf out, int code, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    int length = cutAtCharacter(text, CONTROL_PAYLOAD_BYTES_MAX - CODE_BYTES);
    writeHeader(out, OPCODE_CLOSE, CODE_BYTES + length);
    ByteBufUtil.writeShortBE(out, code);
    out.writeBytes(text, 0, length);
  }

  private static void writeHeader(ByteBuf out, int opcode, int payloadBytes) {
    out.writeByte(FINAL | opcode);
    if (payloadBytes <= CONTROL_PAYLOAD_BYTES_MAX) {
      out.writeByte(payloadBytes);
    } else if (payloadBytes <= 0xFFFF) {
      out.writeByte(126).writeShort(payloadBytes);
    } else {
      out.writeByte(127).writeLong(payloadBytes);
    }
  }

  private static int cutAtCharacter(byte[] utf8, int bytesMax) {
    if (utf8.length <= bytesMax) {
      return utf8.length;
    }
    int end = bytesMax;
    while ((utf8[end] & 0xC0) == 0x80) {
      end--;
    }
    return end;
  }
}
