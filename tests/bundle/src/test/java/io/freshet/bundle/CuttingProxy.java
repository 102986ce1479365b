// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// A TCP relay in front of a server. Each connection ends after so many bytes, counted in both
/// directions together: in the middle of a frame, of a header, of the handshake.
///
/// Threading: one virtual thread for new connections, two for each connection.
final class CuttingProxy implements AutoCloseable {
  private static final int BUFFER_BYTES = 8192;

  private final ServerSocket listener = listen();
  private final int port;
  private final LongSupplier bytesLeft;
  private final Set<Pair> pairs = ConcurrentHashMap.newKeySet();
  private final AtomicLong cuts = new AtomicLong();
  private volatile boolean isCalm = true;

  /// @param port of the server
  /// @param bytesLeft asked for each connection: how many bytes it lives
  CuttingProxy(int port, LongSupplier bytesLeft) {
    this.port = port;
    this.bytesLeft = bytesLeft;
    Thread.startVirtualThread(this::accept);
  }

  private static ServerSocket listen() {
    try {
      return new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String url() {
    return "ws://127.0.0.1:" + listener.getLocalPort();
  }

  /// How many connections it has cut so far.
  long cuts() {
    return cuts.get();
  }

  /// Whether connections, those there are included, live as long as they like.
  void calm(boolean isCalm) {
    this.isCalm = isCalm;
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket near = listener.accept();
        connect(near);
      } catch (IOException closed) {
        // The next turn of the loop says whether it was the listener.
      }
    }
  }

  private void connect(Socket near) throws IOException {
    Socket far;
    try {
      far = new Socket(InetAddress.getLoopbackAddress(), port);
    } catch (IOException serverIsDown) {
      near.close();
      return;
    }
    near.setTcpNoDelay(true);
    far.setTcpNoDelay(true);
    var pair = new Pair(near, far, new AtomicLong(bytesLeft.getAsLong()));
    pairs.add(pair);
    Thread.startVirtualThread(() -> relay(pair, near, far));
    Thread.startVirtualThread(() -> relay(pair, far, near));
  }

  private void relay(Pair pair, Socket from, Socket to) {
    var buffer = new byte[BUFFER_BYTES];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        long left = isCalm ? read : pair.left.getAndAdd(-read);
        out.write(buffer, 0, (int) Math.clamp(left, 0, read));
        if (left < read) {
          cuts.addAndGet(pair.cut());
          break;
        }
      }
    } catch (IOException gone) {
      // Whoever is gone, the other one is told by the end.
    }
    pair.cut();
    pairs.remove(pair);
  }

  private static final class Pair {
    private final Socket near;
    private final Socket far;
    private final AtomicLong left;

    private Pair(Socket near, Socket far, AtomicLong left) {
      this.near = near;
      this.far = far;
      this.left = left;
    }

    /// @return 1, or 0 if it was cut before
    synchronized int cut() {
      int count = near.isClosed() && far.isClosed() ? 0 : 1;
      end(near);
      end(far);
      return count;
    }

    private static void end(Socket socket) {
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    pairs.forEach(Pair::cut);
  }
}
