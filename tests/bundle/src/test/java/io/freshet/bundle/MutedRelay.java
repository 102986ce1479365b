// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Connections to a server whose answers can be kept back, and that can be cut: what was sent has
/// arrived, and nobody knows.
final class MutedRelay implements AutoCloseable {
  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final int target;

  /// How many connections there have been, and up to which one nothing gets through.
  private final AtomicInteger count = new AtomicInteger();

  private volatile int mutedUpTo;

  MutedRelay(int target) throws IOException {
    this.target = target;
    Thread.startVirtualThread(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /// From now on nothing of what the server says gets through to whoever is connected.
  void mute() {
    mutedUpTo = count.get();
  }

  /// Ends what is open. New connections are as they should be.
  void cut() throws IOException {
    for (Socket each : Set.copyOf(open)) {
      each.close();
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        var server = new Socket(listener.getInetAddress(), target);
        open.add(client);
        open.add(server);
        int number = count.incrementAndGet();
        Thread.startVirtualThread(() -> pass(client, server, Integer.MAX_VALUE));
        Thread.startVirtualThread(() -> pass(server, client, number));
      } catch (IOException closed) {
        // Nobody is let in any more, or the server is away: the client will see.
      }
    }
  }

  /// @param number what mutes it
  private void pass(Socket from, Socket to, int number) {
    var buffer = new byte[8192];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (number > mutedUpTo) {
          out.write(buffer, 0, read);
        }
      }
    } catch (IOException ended) {
      // One side is gone; so is the other now.
    } finally {
      open.remove(from);
      open.remove(to);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    cut();
  }
}
