// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.gate;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.Outlet;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.Principal;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// A logged-in connection: its commands on their way to the engine, in the order they came.
///
/// A command waits here while the engine's inbox is full, while too many commands of this session
/// are under way, or while its client does not take the answers it already has. Then the socket is
/// not read, so what waits is at most what had been received already.
///
/// Threading: confined to the connection's event loop, except what [Session] declares.
public abstract class DoorSession implements Session {
  private final DoorSocket socket;
  private final DoorLoop loop;
  private final Principal principal;

  private @Nullable ArrayDeque<Waiting> waiting;
  private int inFlight;
  private int inFlightBytes;
  private boolean paused;
  private boolean stalled;
  private boolean closed;

  private record Waiting(Command command, @Nullable DoorReply reply) {
    int bytes() {
      return reply == null ? 0 : reply.bytes();
    }
  }

  protected DoorSession(DoorSocket socket, DoorLoop loop, Principal principal) {
    this.socket = socket;
    this.loop = loop;
    this.principal = principal;
  }

  @Override
  public final Principal principal() {
    return principal;
  }

  @Override
  public final Outlet outlet() {
    return loop;
  }

  /// Its connection.
  public DoorSocket socket() {
    return socket;
  }

  /// Whether its socket is not being read.
  final boolean isPaused() {
    return paused;
  }

  public final boolean isClosed() {
    return closed;
  }

  /// Passes a command that will be answered.
  public final void submit(Command command, DoorReply reply) {
    loop.gate().addBytes(reply.bytes());
    enqueue(new Waiting(command, reply));
  }

  /// Passes a command that is not answered.
  public final void submit(Command command) {
    enqueue(new Waiting(command, null));
  }

  private void enqueue(Waiting next) {
    if (waiting == null && !isHeld() && pass(next)) {
      updateReading();
      return;
    }
    if (waiting == null) {
      waiting = new ArrayDeque<>();
    }
    waiting.add(next);
    updateReading();
  }

  private boolean pass(Waiting next) {
    if (!loop.submit(next.command)) {
      if (!stalled) {
        stalled = true;
        loop.stall(this);
      }
      return false;
    }
    if (next.reply != null) {
      inFlight++;
      inFlightBytes += next.bytes();
      loop.addInFlightBytes(next.bytes());
    }
    return true;
  }

  private boolean isHeld() {
    return !socket.isWritable()
        || inFlight > 0
            && (inFlight >= loop.bounds().inFlightMax()
                || inFlightBytes > loop.bounds().inFlightBytesMax()
                || loop.isOverInFlightBytes());
  }

  /// Passes what waits, as far as it may.
  final void drain() {
    ArrayDeque<Waiting> queue = waiting;
    while (queue != null && !isHeld()) {
      if (!pass(queue.element())) {
        break;
      }
      queue.remove();
      if (queue.isEmpty()) {
        queue = null;
        waiting = null;
      }
    }
    updateReading();
  }

  /// The engine's inbox may have room again.
  final void retry() {
    stalled = false;
    if (!closed) {
      drain();
    }
  }

  /// An answer has arrived.
  final void answered(int bytes) {
    loop.gate().addBytes(-bytes);
    inFlight--;
    inFlightBytes -= bytes;
    loop.addInFlightBytes(-bytes);
    if (!closed && (waiting != null || paused)) {
      drain();
    }
  }

  private void updateReading() {
    boolean pause = waiting != null || isHeld();
    if (pause != paused && !closed) {
      paused = pause;
      if (pause) {
        socket.pauseReading();
      } else {
        socket.resumeReading();
      }
    }
  }

  /// The connection is gone: what waits is forgotten.
  public void leave() {
    closed = true;
    if (waiting != null) {
      for (Waiting each : waiting) {
        loop.gate().addBytes(-each.bytes());
      }
      waiting = null;
    }
  }
}
