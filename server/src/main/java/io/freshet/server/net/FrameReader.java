// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Turns bytes from a client into whole WebSocket messages (RFC 6455 section 5), refusing at the
/// first byte that shows a fault: a frame too large is refused by its header, not after it arrived.
///
/// Holds no memory while no frame is half received. What it holds otherwise is bounded by the
/// message limit, a frame header and one receive buffer, and grows only with bytes that arrived.
///
/// Threading: confined to the connection's event loop.
final class FrameReader {
  private static final int OPCODE_CONTINUATION = 0x0;
  private static final int FINAL = 0x80;
  private static final int RESERVED = 0x70;
  private static final int MASKED = 0x80;
  private static final int HEADER_BYTES_MIN = 2;
  private static final int MASK_BYTES = 4;

  /// A frame half received: its bytes so far.
  private @Nullable ByteBuf partial;

  /// A message half received: the payload of its fragments so far, and its kind.
  private @Nullable ByteBuf fragments;

  private MessageKind fragmentsKind = MessageKind.BINARY;

  /// What comes out. Every payload is lent for the call.
  interface Sink {
    void onMessage(MessageKind kind, ByteBuf payload);

    void onPing(ByteBuf payload);

    void onPong();

    void onClose(ByteBuf payload);

    void onFault(int closeCode, String reason);

    /// Once false, nothing more is read: the connection is closing.
    boolean reading();

    /// While false, what has arrived is kept for later.
    boolean taking();
  }

  /// Takes over the bytes and reports everything that is complete.
  void read(ByteBuf bytes, ByteBufAllocator allocator, int messageBytesMax, Sink sink) {
    ByteBuf source = joined(bytes);
    try {
      while (sink.reading()
          && sink.taking()
          && readFrame(source, allocator, messageBytesMax, sink)) {
        // one frame per turn
      }
    } finally {
      keepRest(source, allocator, sink.reading());
    }
  }

  /// Keeps bytes that arrived before there was anybody to tell; {@link #read} takes them up.
  void hold(ByteBuf bytes) {
    partial = joined(bytes);
  }

  /// Bytes of what has begun and not ended.
  int heldBytes() {
    return (partial == null ? 0 : partial.readableBytes())
        + (fragments == null ? 0 : fragments.readableBytes());
  }

  void release() {
    if (partial != null) {
      partial.release();
      partial = null;
    }
    if (fragments != null) {
      fragments.release();
      fragments = null;
    }
  }

  private ByteBuf joined(ByteBuf bytes) {
    if (partial == null) {
      return bytes;
    }
    ByteBuf whole = partial;
    partial = null;
    whole.writeBytes(bytes);
    bytes.release();
    return whole;
  }

  /// An idle connection must not pin a receive buffer, so a rest is copied into one of its own
  /// size.
  private void keepRest(ByteBuf source, ByteBufAllocator allocator, boolean reading) {
    int rest = source.readableBytes();
    if (rest == 0 || !reading) {
      source.release();
      if (!reading) {
        release();
      }
    } else if (source.readerIndex() == 0 && rest >= source.capacity() / 2) {
      partial = source;
    } else {
      partial = allocator.directBuffer(rest).writeBytes(source);
      source.release();
    }
  }

  /// Reads one frame if all of it is there.
  ///
  /// @return whether there was one; false also after a fault
  private boolean readFrame(
      ByteBuf source, ByteBufAllocator allocator, int messageBytesMax, Sink sink) {
    if (source.readableBytes() < HEADER_BYTES_MIN) {
      return false;
    }
    int start = source.readerIndex();
    int first = source.getUnsignedByte(start);
    int second = source.getUnsignedByte(start + 1);
    int opcode = first & 0x0F;
    boolean last = (first & FINAL) != 0;
    String fault = headerFault(first, second, opcode, last);
    if (fault != null) {
      sink.onFault(CloseCode.PROTOCOL_ERROR, fault);
      return false;
    }
    int lengthBytes = lengthBytes(second & 0x7F);
    if (source.readableBytes() < HEADER_BYTES_MIN + lengthBytes) {
      return false;
    }
    long length = payloadLength(source, start, lengthBytes);
    if (length < 0) {
      sink.onFault(CloseCode.PROTOCOL_ERROR, "payload length not in its shortest form");
      return false;
    }
    if (length + fragmentBytes(opcode) > messageBytesMax) {
      sink.onFault(CloseCode.TOO_BIG, "message above " + messageBytesMax + " bytes");
      return false;
    }
    int headerBytes = HEADER_BYTES_MIN + lengthBytes + MASK_BYTES;
    if (source.readableBytes() < headerBytes + length) {
      return false;
    }
    int payloadStart = start + headerBytes;
    unmask(source, payloadStart, (int) length);
    source.readerIndex(payloadStart + (int) length);
    deliver(source.slice(payloadStart, (int) length), opcode, last, allocator, sink);
    return true;
  }

  private @Nullable String headerFault(int first, int second, int opcode, boolean last) {
    if ((first & RESERVED) != 0) {
      return "reserved bits set without an extension";
    }
    if ((second & MASKED) == 0) {
      return "client frames must be masked";
    }
    if (isControl(opcode)) {
      return controlFault(opcode, second & 0x7F, last);
    }
    if (opcode > MessageKind.BINARY.opcode()) {
      return "unknown opcode";
    }
    if (opcode == OPCODE_CONTINUATION && fragments == null) {
      return "continuation without a beginning";
    }
    if (opcode != OPCODE_CONTINUATION && fragments != null) {
      return "new message before the last one ended";
    }
    return null;
  }

  private static @Nullable String controlFault(int opcode, int shortLength, boolean last) {
    if (opcode > WebSocketFrames.OPCODE_PONG) {
      return "unknown opcode";
    }
    if (!last) {
      return "fragmented control frame";
    }
    return shortLength > WebSocketFrames.CONTROL_PAYLOAD_BYTES_MAX
        ? "control frame above 125 bytes"
        : null;
  }

  private static boolean isControl(int opcode) {
    return opcode >= WebSocketFrames.OPCODE_CLOSE;
  }

  private static int lengthBytes(int shortLength) {
    if (shortLength < 126) {
      return 0;
    }
    return shortLength == 126 ? Short.BYTES : Long.BYTES;
  }

  /// Negative if the length is longer than it need be, or than a long can say.
  private static long payloadLength(ByteBuf source, int start, int lengthBytes) {
    int field = start + HEADER_BYTES_MIN;
    if (lengthBytes == 0) {
      return source.getUnsignedByte(start + 1) & 0x7F;
    }
    if (lengthBytes == Short.BYTES) {
      int length = source.getUnsignedShort(field);
      return length < 126 ? -1 : length;
    }
    long length = source.getLong(field);
    return length <= 0xFFFF ? -1 : length;
  }

  private long fragmentBytes(int opcode) {
    return fragments == null || isControl(opcode) ? 0 : fragments.readableBytes();
  }

  /// Eight bytes at a time; both sides little-endian, so that the mask's first byte meets the
  /// payload's first byte.
  private static void unmask(ByteBuf source, int payloadStart, int length) {
    int mask = source.getIntLE(payloadStart - MASK_BYTES);
    if (mask == 0) {
      return;
    }
    long wideMask = (mask & 0xFFFFFFFFL) | ((long) mask << 32);
    int at = payloadStart;
    int end = payloadStart + length;
    for (; at <= end - Long.BYTES; at += Long.BYTES) {
      source.setLongLE(at, source.getLongLE(at) ^ wideMask);
    }
    for (int i = 0; at < end; at++, i++) {
      source.setByte(at, source.getByte(at) ^ (mask >>> (i * Byte.SIZE)));
    }
  }

  private void deliver(
      ByteBuf payload, int opcode, boolean last, ByteBufAllocator allocator, Sink sink) {
    if (!isControl(opcode)) {
      deliverData(payload, opcode, last, allocator, sink);
    } else if (opcode == WebSocketFrames.OPCODE_CLOSE) {
      sink.onClose(payload);
    } else if (opcode == WebSocketFrames.OPCODE_PING) {
      sink.onPing(payload);
    } else {
      sink.onPong();
    }
  }

  private void deliverData(
      ByteBuf payload, int opcode, boolean last, ByteBufAllocator allocator, Sink sink) {
    MessageKind kind =
        opcode == OPCODE_CONTINUATION
            ? fragmentsKind
            : opcode == MessageKind.TEXT.opcode() ? MessageKind.TEXT : MessageKind.BINARY;
    if (last && fragments == null) {
      deliverMessage(kind, payload, sink);
      return;
    }
    if (fragments == null) {
      fragments = allocator.directBuffer(Math.max(payload.readableBytes(), 256));
      fragmentsKind = kind;
    }
    fragments.writeBytes(payload);
    if (last) {
      ByteBuf message = fragments;
      fragments = null;
      try {
        deliverMessage(kind, message, sink);
      } finally {
        message.release();
      }
    }
  }

  private static void deliverMessage(MessageKind kind, ByteBuf payload, Sink sink) {
    if (kind == MessageKind.TEXT && !ByteBufUtil.isText(payload, StandardCharsets.UTF_8)) {
      sink.onFault(CloseCode.INVALID_TEXT, "text is not valid UTF-8");
      return;
    }
    sink.onMessage(kind, payload);
  }
}
