// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.gate;

import io.freshet.server.net.Connection;
import io.freshet.server.net.SocketHandler;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One connection of a socket gateway: gathers what goes out, so that a burst of answers is one
/// write, and ends a peer that is silent or does not read.
///
/// Threading: confined to the connection's event loop.
public abstract class DoorSocket implements SocketHandler {
  private static final int GATHERED_BYTES = 512;
  private static final int GATHERED_BYTES_MAX = 64 * 1024;

  /// Up to here a shared buffer is copied behind what is gathered rather than written by itself.
  private static final int COPIED_BYTES_MAX = 1024;

  /// The WebSocket close code for a server that has too much to do.
  private static final int TRY_AGAIN_LATER = 1013;

  private static final String TOO_MANY = "too many connections that have not logged in";

  private final Connection connection;
  private final DoorLoop loop;

  private @Nullable ByteBuf gathered;
  private int gatheredMessages;

  /// In the loop's list of sockets to be flushed.
  private boolean touched;

  private boolean open = true;
  private boolean writable = true;
  private boolean heard;

  /// Who wants to know of the next sign; a stream has asked at most a few times.
  private List<Runnable> listening = new ArrayList<>(0);

  private boolean asked;
  private long heardNanos;

  protected DoorSocket(Connection connection, DoorLoop loop, long nowNanos) {
    this.connection = connection;
    this.loop = loop;
    this.heardNanos = nowNanos;
  }

  /// Who it is; null before the login.
  protected abstract @Nullable DoorSession session();

  /// The peer has been silent for too long; it is to be closed.
  protected abstract void silent();

  /// Too much waits for the peer; it is to be closed.
  protected abstract void slow();

  /// Ends a connection that is one too many. For constructors: while the gateway takes a connection
  /// over nobody can be told of its end yet.
  protected final void turnAway() {
    open = false;
    connection.eventLoop().execute(() -> connection.close(TRY_AGAIN_LATER, TOO_MANY));
  }

  /// As the other, for one that was there already.
  protected final void closeForOthers() {
    close(TRY_AGAIN_LATER, TOO_MANY);
  }

  // In.

  /// Something was received.
  protected final void heard() {
    heard = true;
    if (!listening.isEmpty()) {
      List<Runnable> all = listening;
      listening = new ArrayList<>(0);
      all.forEach(Runnable::run);
    }
  }

  /// Finds out whether the peer is there.
  ///
  /// @param whenHeard runs when the next sign of it comes
  public final void askForSign(Runnable whenHeard) {
    listening.add(whenHeard);
    askForSign();
  }

  @Override
  public void onSign() {
    heard();
  }

  @Override
  public void onReadComplete() {
    loop.wakeEngine();
    handOver();
  }

  @Override
  public void onWritabilityChanged(boolean nowWritable) {
    writable = nowWritable;
    DoorSession present = session();
    if (present != null) {
      present.drain();
      loop.wakeEngine();
    }
  }

  @Override
  public void onTick(long nowNanos) {
    DoorSession present = session();
    boolean heldByUs = connection.isHeld() || present != null && present.isPaused() && writable;
    if (heard || heldByUs) {
      heard = false;
      heardNanos = nowNanos;
      asked = false;
    } else {
      quiet(nowNanos - heardNanos);
    }
    handOver();
  }

  private void quiet(long forNanos) {
    long interval = loop.bounds().heartbeatInterval().toNanos();
    if (forNanos > 2 * interval) {
      silent();
    } else if (forNanos > interval && !asked) {
      asked = true;
      askForSign();
    }
  }

  /// The peer has been silent for a heartbeat; it may be asked whether it is there.
  protected void askForSign() {}

  @Override
  public void onClosed() {
    open = false;
    ByteBuf buffer = gathered;
    gathered = null;
    if (buffer != null) {
      buffer.release();
    }
  }

  // Out.

  /// Sends one whole frame.
  public final void send(byte[] frame) {
    send(frame, 0, frame.length);
  }

  /// Sends one whole frame.
  public final void send(byte[] bytes, int from, int length) {
    if (!open) {
      return;
    }
    gather(length).writeBytes(bytes, from, length);
    gathered();
  }

  /// Where a frame of this length may be written to; then call [#gathered].
  protected final ByteBuf gather(int length) {
    ByteBuf buffer = gathered;
    if (buffer == null) {
      buffer = allocate(Math.max(GATHERED_BYTES, length));
      gathered = buffer;
      loop.touch(this);
    }
    return buffer;
  }

  /// One more frame was gathered.
  protected final void gathered() {
    gatheredMessages++;
    ByteBuf buffer = gathered;
    if (buffer != null && buffer.readableBytes() > GATHERED_BYTES_MAX) {
      handOver();
    }
  }

  /// Sends a buffer that others are sent too, behind what is gathered. Takes one reference.
  public final void sendShared(ByteBuf frames, int messages) {
    ByteBuf buffer = gathered;
    if (buffer != null && frames.readableBytes() <= COPIED_BYTES_MAX) {
      buffer.writeBytes(frames);
      gatheredMessages += messages;
      frames.release();
      return;
    }
    handOver();
    if (open) {
      loop.touch(this);
      connection.send(frames, messages);
      afterSending();
    } else {
      frames.release();
    }
  }

  /// Passes what is gathered to the connection, to leave with its next flush.
  private void handOver() {
    ByteBuf buffer = gathered;
    if (buffer != null) {
      int messages = gatheredMessages;
      gathered = null;
      gatheredMessages = 0;
      connection.send(buffer, messages);
      afterSending();
    }
  }

  private void afterSending() {
    if (!connection.isOpen()) {
      open = false;
    } else if (!writable && open && connection.pendingBytes() > loop.bounds().pendingBytesMax()) {
      slow();
    }
  }

  /// Puts everything on the wire.
  public final void flush() {
    touched = false;
    if (open) {
      handOver();
      connection.flush();
    }
  }

  public final ByteBuf allocate(int bytes) {
    return connection.allocator().directBuffer(bytes);
  }

  /// Says that the socket is in the loop's list of those to be flushed.
  ///
  /// @return whether it was not
  final boolean touch() {
    boolean wasTouched = touched;
    touched = true;
    return !wasTouched;
  }

  public final boolean isWritable() {
    return writable;
  }

  public final boolean isOpen() {
    return open;
  }

  final void pauseReading() {
    connection.pauseReading();
  }

  final void resumeReading() {
    connection.resumeReading();
  }

  public final Connection connection() {
    return connection;
  }

  /// What has been sent so far still leaves.
  public final void close() {
    if (open) {
      handOver();
      open = false;
      connection.close();
    }
  }

  /// As the other, with a status ([Connection#close(int, String)]).
  public final void close(int code, String reason) {
    if (open) {
      handOver();
      open = false;
      connection.close(code, reason);
    }
  }
}
