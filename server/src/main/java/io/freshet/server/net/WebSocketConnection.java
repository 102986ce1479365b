// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.server.metrics.DoorMeters;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One open WebSocket: the only handler in its pipeline, so that an idle one costs little memory.
///
/// States: open → closing (close frame queued, peer's bytes dropped) → closed. A closing connection
/// shuts its sending side down once the close frame is out and lingers until the peer closes too,
/// because closing with unread bytes would reset the connection and take the close frame with it.
/// The loop's clock ends the lingering.
///
/// Threading: confined to the event loop, but for what {@link Connection} says may be called from
/// anywhere.
final class WebSocketConnection extends ChannelInboundHandlerAdapter
    implements Connection, FrameReader.Sink {
  private static final Logger log = LoggerFactory.getLogger(WebSocketConnection.class);
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final long id;
  private final Channel channel;
  private final LoopConnections loop;
  private final DoorMeters meters;
  private final SocketLimits limits;
  private final Admission admission;
  private final FrameReader reader = new FrameReader();

  private @Nullable ChannelHandlerContext context;
  private @Nullable SocketHandler handler;
  private boolean open = true;
  private boolean unflushed;
  private long lingerUntilNanos;

  /// Where this connection stands in its loop's list.
  int slot = -1;

  WebSocketConnection(
      Channel channel,
      LoopConnections loop,
      DoorMeters meters,
      SocketLimits limits,
      Admission admission) {
    this.id = admission.nextId();
    this.channel = channel;
    this.loop = loop;
    this.meters = meters;
    this.limits = limits;
    this.admission = admission;
  }

  /// Hands the connection to the gateway. The pipeline holds nothing else any more.
  void start(Door door, Handshake handshake) {
    meters.connections().increment();
    loop.add(this);
    try {
      handler = door.open(this, handshake);
      reader.read(Unpooled.EMPTY_BUFFER, allocator(), limits.messageBytesMax(), this);
    } catch (RuntimeException | Error failure) {
      fail(failure);
    }
    if (unflushed) {
      flush();
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!open || !(message instanceof ByteBuf bytes)) {
      ReferenceCountUtil.release(message);
      return;
    }
    meters.bytesIn().add(bytes.readableBytes());
    if (handler == null) {
      reader.hold(bytes);
      return;
    }
    try {
      int before = reader.heldBytes();
      reader.read(bytes, ctx.alloc(), limits.messageBytesMax(), this);
      loop.buffered(reader.heldBytes() - before);
    } catch (RuntimeException | Error failure) {
      fail(failure);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    SocketHandler gateway = handler;
    if (open && gateway != null) {
      try {
        gateway.onReadComplete();
      } catch (RuntimeException | Error failure) {
        fail(failure);
      }
    }
    if (unflushed) {
      flush();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    SocketHandler gateway = handler;
    if (open && gateway != null) {
      try {
        gateway.onWritabilityChanged(channel.isWritable());
      } catch (RuntimeException | Error failure) {
        fail(failure);
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    open = false;
    loop.remove(this);
    admission.socketGone();
    meters.connections().decrement();
    reportClosed();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      log.debug("connection {} broke: {}", id, cause.getMessage());
      var _ = channel.close();
    } else {
      fail(cause);
    }
  }

  void tick(long nowNanos) {
    SocketHandler gateway = handler;
    if (!open) {
      if (nowNanos - lingerUntilNanos > 0) {
        var _ = channel.close();
      }
    } else if (gateway != null) {
      try {
        gateway.onTick(nowNanos);
      } catch (RuntimeException | Error failure) {
        fail(failure);
      }
      if (unflushed) {
        flush();
      }
    }
  }

  // What arrives, from the frame reader.

  @Override
  public void onMessage(MessageKind kind, ByteBuf payload) {
    meters.messagesIn().increment();
    SocketHandler gateway = handler;
    if (gateway != null) {
      gateway.onMessage(kind, payload);
    }
  }

  /// Answered unless the peer is not reading: it may then wait for a later ping's pong.
  @Override
  public void onPing(ByteBuf payload) {
    if (channel.isWritable()) {
      ByteBuf pong = allocator().directBuffer(2 + payload.readableBytes());
      WebSocketFrames.writePong(pong, payload);
      send(pong, 0);
    }
  }

  @Override
  public void onClose(ByteBuf payload) {
    shut(CloseCode.answerTo(payload), "", false);
  }

  @Override
  public void onFault(int closeCode, String reason) {
    log.debug("connection {} closed with {}: {}", id, closeCode, reason);
    shut(closeCode, reason, true);
  }

  @Override
  public boolean reading() {
    return open;
  }

  // What the gateway asks for.

  @Override
  public long id() {
    return id;
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return (InetSocketAddress) channel.remoteAddress();
  }

  @Override
  public EventLoop eventLoop() {
    return channel.eventLoop();
  }

  @Override
  public ByteBufAllocator allocator() {
    return channel.alloc();
  }

  @Override
  public void send(ByteBuf frames, int messages) {
    ChannelHandlerContext ctx = context;
    if (!open || ctx == null) {
      frames.release();
      return;
    }
    int bytes = frames.readableBytes();
    long pending = pendingBytes();
    if (pending > 0 && pending + bytes > limits.pendingBytesMax()) {
      frames.release();
      log.info("connection {} closed: it reads too slowly, {} bytes wait for it", id, pending);
      admission.refused(Admission.Reason.SLOW);
      drop();
      return;
    }
    meters.messagesOut().add(messages);
    meters.bytesOut().add(bytes);
    unflushed = true;
    var _ = ctx.write(frames, ctx.voidPromise());
    loop.buffered(bytes);
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void flush() {
    unflushed = false;
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      ctx.flush();
    }
  }

  @Override
  public void close() {
    close(CloseCode.NONE, "");
  }

  @Override
  public void close(int code, String reason) {
    if (code != CloseCode.NONE && !CloseCode.maySend(code)) {
      throw new IllegalArgumentException("not a close code to send: " + code);
    }
    if (eventLoop().inEventLoop()) {
      shut(code, reason, true);
    } else {
      eventLoop().execute(() -> shut(code, reason, true));
    }
  }

  @Override
  public void pauseReading() {
    channel.config().setAutoRead(false);
  }

  @Override
  public void resumeReading() {
    channel.config().setAutoRead(true);
  }

  @Override
  public boolean writable() {
    return channel.isWritable();
  }

  @Override
  public long pendingBytes() {
    ChannelOutboundBuffer queue = channel.unsafe().outboundBuffer();
    return queue == null ? 0 : queue.totalPendingWriteBytes();
  }

  /// Bytes that are in memory because of this connection: not yet taken by it, or a message that
  /// has not come to its end.
  long heldBytes() {
    return pendingBytes() + reader.heldBytes();
  }

  // How it ends.

  /// All connections together hold too much, and this one holds most of it.
  void dropForMemory() {
    log.info("connection {} closed: memory is short, and it holds {} bytes", id, heldBytes());
    admission.refused(Admission.Reason.MEMORY);
    drop();
  }

  /// Ends it with everything that waits.
  private void drop() {
    open = false;
    reader.release();
    var _ = channel.close();
  }

  private void fail(Throwable failure) {
    log.error("connection {} closed by an internal error", id, failure);
    shut(CloseCode.INTERNAL_ERROR, "internal error", true);
  }

  /// @param linger wait for the peer's bytes to end, because it does not know yet
  private void shut(int code, String reason, boolean linger) {
    ChannelHandlerContext ctx = context;
    if (!open || ctx == null) {
      return;
    }
    open = false;
    lingerUntilNanos = System.nanoTime() + LINGER_NANOS;
    eventLoop().execute(this::reportClosed);
    channel.config().setAutoRead(true);
    ByteBuf frame = allocator().directBuffer(WebSocketFrames.CONTROL_PAYLOAD_BYTES_MAX + 2);
    if (code == CloseCode.NONE) {
      WebSocketFrames.writeClose(frame);
    } else {
      WebSocketFrames.writeClose(frame, code, reason);
    }
    ctx.writeAndFlush(frame).addListener(_ -> afterCloseFrame(linger));
  }

  private void afterCloseFrame(boolean linger) {
    if (linger && channel instanceof DuplexChannel duplex && channel.isActive()) {
      var _ = duplex.shutdownOutput();
    } else {
      var _ = channel.close();
    }
  }

  private void reportClosed() {
    reader.release();
    SocketHandler gateway = handler;
    handler = null;
    if (gateway != null) {
      try {
        gateway.onClosed();
      } catch (RuntimeException | Error failure) {
        log.error("connection {}: clean-up failed", id, failure);
      }
    }
  }
}
