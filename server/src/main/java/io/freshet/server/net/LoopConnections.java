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
  private final List<WebSocketConnection> sockets = new ArrayList<>();
  private final List<RequestHandler> requests = new ArrayList<>();

  void add(WebSocketConnection socket) {
    socket.slot = sockets.size();
    sockets.add(socket);
  }

  /// The last one moves into the gap, so this takes the same time for a hundred thousand.
  void remove(WebSocketConnection socket) {
    WebSocketConnection last = sockets.removeLast();
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
  private void eachSocket(Consumer<WebSocketConnection> action) {
    for (int i = sockets.size() - 1; i >= 0; i--) {
      action.accept(sockets.get(i));
    }
  }

  void closeAll() {
    eachSocket(socket -> socket.close(CloseCode.GOING_AWAY, "the server is stopping"));
    for (int i = requests.size() - 1; i >= 0; i--) {
      requests.get(i).close();
    }
  }
}
