// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Stands between a source and its database, and cuts or freezes what goes through.
final class CuttingProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final int target;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean refusing;
  private volatile boolean frozen;

  private CuttingProxy(ServerSocket listener, int target) {
    this.listener = listener;
    this.target = target;
  }

  static CuttingProxy to(int port) throws IOException {
    var proxy = new CuttingProxy(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), port);
    Thread.ofVirtual().start(proxy::accept);
    return proxy;
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket near = listener.accept();
        if (refusing) {
          near.close();
          continue;
        }
        Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.add(near);
        sockets.add(far);
        Thread.ofVirtual().start(() -> pump(near, far));
        Thread.ofVirtual().start(() -> pump(far, near));
      } catch (IOException closedOrUnreachable) {
        // The source tries again.
      }
    }
  }

  private void pump(Socket from, Socket to) {
    var buffer = new byte[16_384];
    try {
      for (int n = from.getInputStream().read(buffer); n >= 0; ) {
        if (!frozen) {
          to.getOutputStream().write(buffer, 0, n);
        }
        n = from.getInputStream().read(buffer);
      }
    } catch (IOException cut) {
      // Both ends are closed below.
    } finally {
      close(from);
      close(to);
    }
  }

  private void close(Socket socket) {
    sockets.remove(socket);
    try {
      socket.close();
    } catch (IOException gone) {
      // Closed already.
    }
  }

  /// All connections break now.
  void cut() {
    sockets.forEach(this::close);
  }

  /// New connections are refused from now on, or not any more.
  void refuse(boolean yes) {
    refusing = yes;
  }

  /// What is sent gets lost on the way, without a word, on the connections there are.
  void freeze(boolean yes) {
    frozen = yes;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    cut();
  }
}
