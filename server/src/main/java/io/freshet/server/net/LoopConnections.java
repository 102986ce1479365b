// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The connections of one event loop, and the one clock that ticks for all of them.
///
/// Threading: confined to that event loop.
final class LoopConnections {
  /// So much is buffered between two looks at the memory.
  private static final int LOOK_EVERY_BYTES = 256 * 1024;

  /// Closing connections frees at least this much, if they hold it.
  private static final long FREED_BYTES = 1 << 20;

  private final BufferMemory memory;
  private int bufferedBytes;
  private boolean relieving;
  private final List<OpenConnection> sockets = new ArrayList<>();
  private final List<RequestHandler> requests = new ArrayList<>();

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

  void tick(long nowNanos) {
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
    for (int i = requests.size() - 1; i >= 0; i--) {
      requests.get(i).close();
    }
  }
}
