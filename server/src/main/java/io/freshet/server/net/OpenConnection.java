// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.server.metrics.DoorMeters;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A connection that has been handed to a gateway, whatever is spoken on it: its bounds, its clock
/// and its end. The only handler in its pipeline, so that an idle one costs little memory.
///
/// States: open → closing (farewell queued, peer's bytes dropped) → closed. A closing connection
/// shuts its sending side down once the farewell is out and lingers until the peer closes too,
/// because closing with unread bytes would reset the connection and take the farewell with it. The
/// loop's clock ends the lingering.
///
/// Threading: confined to the event loop, but for what {@link Connection} says may be called from
/// anywhere.
abstract sealed class OpenConnection extends ChannelInboundHandlerAdapter implements Connection
    permits WebSocketConnection, EventStreamConnection {
  private static final Logger log = LoggerFactory.getLogger(OpenConnection.class);
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final long id;
  private final Channel channel;
  private final Terms terms;
  private final DoorMeters meters;

  private @Nullable ChannelHandlerContext context;
  private @Nullable SocketHandler handler;
  private boolean open = true;
  private boolean unflushed;
  private boolean pausedByGateway;
  private boolean held;
  private long lingerUntilNanos;

  /// Where this connection stands in its loop's list.
  int slot = -1;

  /// What all connections of an event loop share.
  record Terms(SocketLimits limits, PeerLimits peers, Admission admission, LoopConnections loop) {}

  OpenConnection(Channel channel, Terms terms, DoorMeters meters) {
    this.id = terms.admission().nextId();
    this.channel = channel;
    this.terms = terms;
    this.meters = meters;
  }

  // What differs.

  /// Bytes of the peer, to be released. Called only while open.
  abstract void received(ByteBuf bytes);

  /// Puts what a gateway sends on the wire.
  ///
  /// @param frames not empty; to be released
  abstract void write(ChannelHandlerContext ctx, ByteBuf frames);

  /// The last bytes a peer gets.
  abstract ByteBuf farewell(int code, String reason);

  /// Bytes of something that has begun to come and not ended.
  abstract int heldInputBytes();

  abstract void releaseInput();

  // How it begins.

  /// Hands the connection to the gateway. The pipeline holds nothing else any more.
  void start(Function<Connection, SocketHandler> gateway) {
    meters.connections().increment();
    terms.loop().add(this);
    try {
      handler = gateway.apply(this);
      started();
    } catch (RuntimeException | Error failure) {
      fail(failure);
    }
    if (unflushed) {
      flush();
    }
  }

  /// The gateway is there; what came before it may be handed over.
  void started() {}

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Nullable SocketHandler handler() {
    return handler;
  }

  DoorMeters meters() {
    return meters;
  }

  Terms terms() {
    return terms;
  }

  // What happens to it.

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!open || !(message instanceof ByteBuf bytes)) {
      ReferenceCountUtil.release(message);
      return;
    }
    meters.bytesIn().add(bytes.readableBytes());
    try {
      received(bytes);
    } catch (RuntimeException | Error failure) {
      fail(failure);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    readComplete();
  }

  private void readComplete() {
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
    terms.loop().remove(this);
    terms.admission().socketGone();
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
    int bytes = frames.readableBytes();
    if (!open || ctx == null || bytes == 0) {
      frames.release();
      return;
    }
    long pending = pendingBytes();
    if (pending > 0 && pending + bytes > terms.limits().pendingBytesMax()) {
      frames.release();
      log.info("connection {} closed: it reads too slowly, {} bytes wait for it", id, pending);
      terms.admission().refused(Admission.Reason.SLOW);
      drop();
      return;
    }
    meters.messagesOut().add(messages);
    meters.bytesOut().add(bytes);
    unflushed = true;
    write(ctx, frames);
    terms.loop().buffered(bytes);
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
    pausedByGateway = true;
    updateReading();
  }

  @Override
  public void resumeReading() {
    pausedByGateway = false;
    updateReading();
  }

  private void updateReading() {
    channel.config().setAutoRead(!open || !pausedByGateway && !held);
  }

  @Override
  public boolean isHeld() {
    return held;
  }

  /// Does not read for so long, whatever the gateway says, and then calls [#goOn].
  void hold(long nanos) {
    if (!held && open) {
      held = true;
      terms.admission().paused();
      updateReading();
      var _ = eventLoop().schedule(this::release, nanos, TimeUnit.NANOSECONDS);
    }
  }

  private void release() {
    held = false;
    updateReading();
    if (open) {
      try {
        goOn();
      } catch (RuntimeException | Error failure) {
        fail(failure);
      }
      readComplete();
    }
  }

  /// What was held back may be handed over.
  void goOn() {}

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
    return pendingBytes() + heldInputBytes();
  }

  // How it ends.

  /// The server is stopping.
  void stop() {
    SocketHandler gateway = handler;
    if (open && gateway != null) {
      try {
        gateway.onStopping();
      } catch (RuntimeException | Error failure) {
        fail(failure);
      }
    }
    close(CloseCode.GOING_AWAY, "the server is stopping");
  }

  /// All connections together hold too much, and this one holds most of it.
  void dropForMemory() {
    log.info("connection {} closed: memory is short, and it holds {} bytes", id, heldBytes());
    terms.admission().refused(Admission.Reason.MEMORY);
    drop();
  }

  /// Ends it with everything that waits. Behind TLS's back, which would first say good-bye to
  /// somebody who does not read.
  private void drop() {
    open = false;
    releaseInput();
    channel.unsafe().close(channel.newPromise());
  }

  private void fail(Throwable failure) {
    log.error("connection {} closed by an internal error", id, failure);
    shut(CloseCode.INTERNAL_ERROR, "internal error", true);
  }

  /// @param linger wait for the peer's bytes to end, because it does not know yet
  void shut(int code, String reason, boolean linger) {
    ChannelHandlerContext ctx = context;
    if (!open || ctx == null) {
      return;
    }
    open = false;
    lingerUntilNanos = System.nanoTime() + LINGER_NANOS;
    eventLoop().execute(this::reportClosed);
    channel.config().setAutoRead(true);
    ctx.writeAndFlush(farewell(code, reason)).addListener(_ -> afterFarewell(linger));
  }

  private void afterFarewell(boolean linger) {
    if (linger && channel.isActive()) {
      SendingSide.shut(channel);
    } else {
      var _ = channel.close();
    }
  }

  private void reportClosed() {
    releaseInput();
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
