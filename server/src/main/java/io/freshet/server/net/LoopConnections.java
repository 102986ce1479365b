// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// The connections of one event loop, and the one clock that ticks for all of them.
///
/// Threading: confined to that event loop.
final class LoopConnections {
  /// Who comes just now is not silent yet.
  private static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(1);

  /// So much is buffered between two looks at the memory.
  private static final int LOOK_EVERY_BYTES = 256 * 1024;

  /// Closing connections frees at least this much, if they hold it.
  private static final long FREED_BYTES = 1 << 20;

  private final BufferMemory memory;
  private int bufferedBytes;
  private boolean relieving;
  private final List<OpenConnection> sockets = new ArrayList<>();
  private final List<RequestHandler> requests = new ArrayList<>();

  /// Those that have not agreed on their encryption, the oldest first.
  private final Set<TlsEntrance> handshakes = new LinkedHashSet<>();

  LoopConnections(BufferMemory memory) {
    this.memory = memory;
  }

  /// Some connection keeps that many more bytes in memory, for a moment or for longer.
  void buffered(int bytes) {
    bufferedBytes += Math.max(0, bytes);
    if (bufferedBytes > LOOK_EVERY_BYTES && !relieving) {
      bufferedBytes = 0;
      if (memory.isShort()) {
        relieving = true;
        relieve();
        relieving = false;
      }
    }
  }

  /// Closes those that hold most: whoever reads what it is sent and sends what it has begun is not
  /// among them as long as anybody does not.
  private void relieve() {
    eachSocket(socket -> {
      if (socket.isOpen()) {
        socket.flush();
      }
    });
    long most = 0;
    for (OpenConnection socket : sockets) {
      most = Math.max(most, socket.isOpen() ? socket.heldBytes() : 0);
    }
    long freed = 0;
    for (int i = sockets.size() - 1; i >= 0 && most > 0 && freed < FREED_BYTES; i--) {
      OpenConnection socket = sockets.get(i);
      long held = socket.isOpen() ? socket.heldBytes() : 0;
      if (held > most / 2) {
        freed += held;
        socket.dropForMemory();
      }
    }
  }

  void add(OpenConnection socket) {
    socket.slot = sockets.size();
    sockets.add(socket);
  }

  /// The last one moves into the gap, so this takes the same time for a hundred thousand.
  void remove(OpenConnection socket) {
    OpenConnection last = sockets.removeLast();
    if (last != socket) {
      sockets.set(socket.slot, last);
      last.slot = socket.slot;
    }
    socket.slot = -1;
  }

  void add(RequestHandler request) {
    request.slot = requests.size();
    requests.add(request);
  }

  void remove(RequestHandler request) {
    RequestHandler last = requests.removeLast();
    if (last != request) {
      requests.set(request.slot, last);
      last.slot = request.slot;
    }
    request.slot = -1;
  }

  void add(TlsEntrance handshake) {
    handshakes.add(handshake);
  }

  void remove(TlsEntrance handshake) {
    handshakes.remove(handshake);
  }

  /// Makes room for a request: of those from which one is awaited, the one silent for longest goes.
  ///
  /// @return whether there was one
  boolean makeRoomForRequest(long nowNanos) {
    RequestHandler longest = null;
    for (RequestHandler each : requests) {
      if (longest == null || each.silentSinceNanos() < longest.silentSinceNanos()) {
        longest = each;
      }
    }
    if (longest == null || !isSilent(longest.silentSinceNanos(), nowNanos)) {
      return false;
    }
    longest.giveWay();
    return true;
  }

  /// As the other, for a handshake.
  boolean makeRoomForHandshake(long nowNanos) {
    for (TlsEntrance each : handshakes) {
      if (isSilent(each.silentSinceNanos(), nowNanos)) {
        each.giveWay();
        return true;
      }
    }
    return false;
  }

  private static boolean isSilent(long sinceNanos, long nowNanos) {
    return sinceNanos != Long.MAX_VALUE && nowNanos - sinceNanos > SILENT_NANOS;
  }

  void tick(long nowNanos) {
    List.copyOf(handshakes).forEach(each -> each.tick(nowNanos));
    eachSocket(socket -> socket.tick(nowNanos));
    for (int i = requests.size() - 1; i >= 0; i--) {
      requests.get(i).tick(nowNanos);
    }
  }

  /// Backwards: whoever removes itself meanwhile only moves one already visited.
  private void eachSocket(Consumer<OpenConnection> action) {
    for (int i = sockets.size() - 1; i >= 0; i--) {
      action.accept(sockets.get(i));
    }
  }

  void closeAll() {
    eachSocket(OpenConnection::stop);
    List.copyOf(handshakes).forEach(TlsEntrance::close);
    for (int i = requests.size() - 1; i >= 0; i--) {
      requests.get(i).close();
    }
  }
}
