// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.gate;

import io.freshet.server.net.Connection;
import io.freshet.server.net.SocketHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The far end of a connection: keeps what it was sent, as lines.
public abstract class FarEnd implements Connection {
  public static final InetSocketAddress PEER = new InetSocketAddress("127.0.0.1", 4000);

  private final EngineHarness harness;
  private final EventLoop eventLoop;
  private final long id;
  private final ByteBuf queued = Unpooled.buffer();
  private final List<String> received = new ArrayList<>();

  public int sends;
  public int messages;
  public int flushes;
  public boolean closed;

  /// The close code; 0 for none.
  public int closeCode;

  public String closeReason = "";

  public boolean reading = true;
  public boolean writable = true;
  public long pendingBytes;

  protected FarEnd(EngineHarness harness, EventLoop eventLoop) {
    this.harness = harness;
    this.eventLoop = eventLoop;
    this.id = harness.nextId();
  }

  /// What the door made of the connection.
  protected abstract SocketHandler handler();

  /// What was sent at once, as lines.
  protected abstract List<String> decoded(ByteBuf frames);

  // What a test does.

  public final void readComplete() {
    handler().onReadComplete();
    flush();
  }

  /// What has come since the last call.
  public final List<String> take() {
    var taken = List.copyOf(received);
    received.clear();
    return taken;
  }

  public final void tick(Duration later) {
    harness.nowNanos += later.toNanos();
    handler().onTick(harness.nowNanos);
    flush();
  }

  public final void setWritable(boolean now) {
    writable = now;
    handler().onWritabilityChanged(now);
  }

  /// The far end goes away.
  public final void disconnect() {
    closed = true;
    handler().onClosed();
  }

  // What the server does.

  @Override
  public final long id() {
    return id;
  }

  @Override
  public final InetSocketAddress remoteAddress() {
    return PEER;
  }

  @Override
  public final EventLoop eventLoop() {
    return eventLoop;
  }

  @Override
  public final ByteBufAllocator allocator() {
    return UnpooledByteBufAllocator.DEFAULT;
  }

  @Override
  public final void send(ByteBuf frames, int count) {
    if (closed) {
      frames.release();
      return;
    }
    sends++;
    messages += count;
    pendingBytes += writable ? 0 : frames.readableBytes();
    queued.writeBytes(frames);
    frames.release();
  }

  @Override
  public final boolean isOpen() {
    return !closed;
  }

  @Override
  public final void flush() {
    flushes++;
    received.addAll(decoded(queued));
    queued.clear();
  }

  @Override
  public final void close() {
    flush();
    if (!closed) {
      closed = true;
      eventLoop.execute(handler()::onClosed);
    }
  }

  @Override
  public final void close(int code, String reason) {
    if (!closed) {
      closeCode = code;
      closeReason = reason;
    }
    close();
  }

  @Override
  public final void pauseReading() {
    reading = false;
  }

  @Override
  public final void resumeReading() {
    reading = true;
  }

  @Override
  public final boolean writable() {
    return writable;
  }

  @Override
  public final long pendingBytes() {
    return pendingBytes;
  }
}
