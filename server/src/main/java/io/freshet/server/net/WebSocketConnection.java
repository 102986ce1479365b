// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.server.metrics.DoorMeters;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One open WebSocket.
///
/// Threading: as its superclass.
final class WebSocketConnection extends OpenConnection implements FrameReader.Sink {
  private static final Logger log = LoggerFactory.getLogger(WebSocketConnection.class);

  private final FrameReader reader = new FrameReader();

  /// The payload of a ping that could not be answered yet; at most 125 bytes.
  private byte @Nullable [] owedPong;

  /// Null as long as nothing has been counted.
  private @Nullable Pace pace;

  WebSocketConnection(Channel channel, Terms terms, DoorMeters meters) {
    super(channel, terms, meters);
  }

  @Override
  void started() {
    goOn();
  }

  @Override
  void goOn() {
    reader.read(Unpooled.EMPTY_BUFFER, allocator(), terms().limits().messageBytesMax(), this);
  }

  @Override
  void received(ByteBuf bytes) {
    if (handler() == null) {
      reader.hold(bytes);
      return;
    }
    if (terms().peers().isPaced()) {
      pace().bytes(bytes.readableBytes(), System.nanoTime());
    }
    int before = reader.heldBytes();
    reader.read(bytes, allocator(), terms().limits().messageBytesMax(), this);
    terms().loop().buffered(reader.heldBytes() - before);
  }

  @Override
  int heldInputBytes() {
    return reader.heldBytes();
  }

  @Override
  void releaseInput() {
    reader.release();
  }

  // What arrives, from the frame reader.

  @Override
  public void onMessage(MessageKind kind, ByteBuf payload) {
    meters().messagesIn().increment();
    SocketHandler gateway = handler();
    if (gateway != null) {
      gateway.onMessage(kind, payload);
    }
    if (terms().peers().isPaced()) {
      long now = System.nanoTime();
      pace().message(now);
      holdIfDue(now);
    }
  }

  private Pace pace() {
    Pace present = pace;
    if (present == null) {
      present = new Pace(terms().peers(), System.nanoTime());
      pace = present;
    }
    return present;
  }

  private void holdIfDue(long nowNanos) {
    long wait = pace().waitNanos(nowNanos);
    if (wait > 0) {
      hold(wait);
    }
  }

  @Override
  public void fault() {
    if (terms().peers().faultsPerSecond() > 0 && isOpen()) {
      long now = System.nanoTime();
      pace().fault(now);
      holdIfDue(now);
    }
  }

  /// Answered at once, or when the peer has taken most of what waits for it: of several pings only
  /// the last, as RFC 6455 allows.
  @Override
  public void onPing(ByteBuf payload) {
    onPong();
    if (writable()) {
      pong(payload);
    } else {
      var owed = new byte[payload.readableBytes()];
      payload.getBytes(payload.readerIndex(), owed);
      owedPong = owed;
    }
  }

  private void pong(ByteBuf payload) {
    ByteBuf pong = allocator().directBuffer(2 + payload.readableBytes());
    WebSocketFrames.writePong(pong, payload);
    send(pong, 0);
  }

  /// Before the gateway makes use of the room.
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    byte[] owed = owedPong;
    if (owed != null && writable()) {
      owedPong = null;
      pong(Unpooled.wrappedBuffer(owed));
      flush();
    }
    super.channelWritabilityChanged(ctx);
  }

  /// That something arrived is all it says.
  @Override
  public void onPong() {
    SocketHandler gateway = handler();
    if (gateway != null) {
      gateway.onSign();
    }
  }

  @Override
  public void onClose(ByteBuf payload) {
    shut(CloseCode.answerTo(payload), "", false);
  }

  @Override
  public void onFault(int closeCode, String reason) {
    log.debug("connection {} closed with {}: {}", id(), closeCode, reason);
    shut(closeCode, reason, true);
  }

  @Override
  public boolean reading() {
    return isOpen();
  }

  @Override
  public boolean taking() {
    return !isHeld();
  }

  // What leaves.

  @Override
  void write(ChannelHandlerContext ctx, ByteBuf frames) {
    var _ = ctx.write(frames, ctx.voidPromise());
  }

  @Override
  ByteBuf farewell(int code, String reason) {
    ByteBuf frame = allocator().directBuffer(WebSocketFrames.CONTROL_PAYLOAD_BYTES_MAX + 2);
    if (code == CloseCode.NONE) {
      WebSocketFrames.writeClose(frame);
    } else {
      WebSocketFrames.writeClose(frame, code, reason);
    }
    return frame;
  }
}
