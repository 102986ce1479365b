// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/// Every connection of the driver on one selector and one thread: connects, upgrades, cuts reads
/// into frames, and writes what the scenario sent during a pass with one write per connection. What
/// is spoken on them is a subclass's: [Loop] or [JsonLoop].
///
/// Threading: the thread that calls [#pass] owns it and its connections. A lost connection, like
/// any breach of protocol, ends the run with a [LoadException].
abstract class Sockets implements AutoCloseable {
  private static final int HANDSHAKES_MAX = 64;
  private static final long PING_TICK_NANOS = 100_000_000;
  private static final int PING_TICKS_PER_ROUND = 200;

  private final URI url;
  private final InetSocketAddress address;
  private final Upgrade upgrade;
  private final Selector selector;
  private final FrameWriter frames = new FrameWriter();
  private final List<Connection> connections = new ArrayList<>();
  private final ArrayDeque<Connection> toFlush = new ArrayDeque<>();
  private byte[] input = new byte[256 * 1024];
  private int nextId;
  private int wanted;
  private int handshakes;
  private int nextPing;
  private long lastPingTick = System.nanoTime();
  private long bytesRead;
  private long reads;
  private long readAt;

  Sockets(URI url) {
    this.url = url;
    this.address = new InetSocketAddress(url.getHost(), url.getPort());
    this.upgrade = new Upgrade(url);
    try {
      this.selector = Selector.open();
    } catch (IOException e) {
      throw new LoadException("no selector", e);
    }
  }

  // What is spoken.

  /// The WebSocket stands: the client's first words.
  abstract void upgraded(Connection connection);

  /// A frame of content, whole.
  abstract void content(Connection connection, int opcode, byte[] bytes, int from, int to);

  /// A sign of life of an open connection.
  abstract void ping(Connection connection);

  /// The connection is logged in.
  final void loggedIn(Connection connection) {
    connection.enter(Connection.Stage.OPEN);
    handshakes--;
  }

  // What scenarios do.

  /// Opens that many more connections; the passes that follow do the work.
  final void open(int count) {
    wanted += count;
  }

  /// Waits at most that long (0: not at all) for something to happen, and handles all that did.
  final void pass(long waitMillis) {
    startHandshakes();
    flushAll();
    try {
      if (waitMillis == 0) {
        selector.selectNow(this::ready);
      } else {
        selector.select(this::ready, waitMillis);
      }
    } catch (IOException e) {
      throw new LoadException("select failed", e);
    }
    pingSome();
    flushAll();
  }

  /// Passes until the condition holds; the run is void if that takes longer than the bound.
  final void await(BooleanSupplier condition, Duration bound, String what) {
    long deadline = System.nanoTime() + bound.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new LoadException("not within " + bound.toSeconds() + " s: " + what);
      }
      pass(10);
    }
  }

  /// The open connections and those on their way, oldest first.
  final List<Connection> connections() {
    return connections;
  }

  /// `System.nanoTime()` of the read that the current frame came with.
  final long readAt() {
    return readAt;
  }

  final long reads() {
    return reads;
  }

  final long bytesRead() {
    return bytesRead;
  }

  /// Closes every connection; ids are not used again.
  final void closeAll() {
    try {
      for (Connection connection : connections) {
        connection.channel().close();
      }
      connections.clear();
      toFlush.clear();
      nextPing = 0;
      selector.selectNow();
    } catch (IOException e) {
      throw new LoadException("close failed", e);
    }
  }

  @Override
  public final void close() {
    closeAll();
    try {
      selector.close();
    } catch (IOException e) {
      throw new LoadException("close failed", e);
    }
  }

  private void startHandshakes() {
    while (wanted > 0 && handshakes < HANDSHAKES_MAX) {
      wanted--;
      handshakes++;
      try {
        SocketChannel channel = SocketChannel.open();
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT);
        var connection = new Connection(nextId++, this, channel, key);
        key.attach(connection);
        connections.add(connection);
        if (channel.connect(address)) {
          connected(connection);
        }
      } catch (IOException e) {
        throw new LoadException("cannot connect to " + url, e);
      }
    }
  }

  private void ready(SelectionKey key) {
    var connection = (Connection) key.attachment();
    try {
      int ready = key.readyOps();
      if ((ready & SelectionKey.OP_CONNECT) != 0) {
        if (connection.channel().finishConnect()) {
          connected(connection);
        }
        return;
      }
      if ((ready & SelectionKey.OP_WRITE) != 0) {
        flush(connection);
      }
      if ((ready & SelectionKey.OP_READ) != 0) {
        read(connection);
      }
    } catch (IOException e) {
      throw new LoadException("connection " + connection.id() + " to " + url + " failed", e);
    }
  }

  private void connected(Connection connection) {
    connection.key().interestOps(SelectionKey.OP_READ);
    connection.enter(Connection.Stage.UPGRADING);
    connection.out().append(upgrade.request());
    queueFlush(connection);
  }

  /// One read per wake-up; what is left in the socket wakes the next pass.
  private void read(Connection connection) throws IOException {
    byte[] partial = connection.partial();
    if (input.length < partial.length * 2) {
      input = new byte[partial.length * 2];
    }
    System.arraycopy(partial, 0, input, 0, partial.length);
    var room = ByteBuffer.wrap(input, partial.length, input.length - partial.length);
    int count = connection.channel().read(room);
    readAt = System.nanoTime();
    if (count < 0) {
      throw new LoadException(
          "the server closed connection " + connection.id() + " in stage " + connection.stage());
    }
    reads++;
    bytesRead += count;
    int to = partial.length + count;
    int from = connection.stage() == Connection.Stage.UPGRADING ? upgrade(connection, to) : 0;
    int rest = from < 0 ? 0 : FrameReader.read(input, from, to, connection);
    if (rest < to || partial.length > 0) {
      connection.keepPartial(input, rest, to);
    }
  }

  private int upgrade(Connection connection, int to) {
    int end = upgrade.end(input, to);
    if (end >= 0) {
      upgraded(connection);
    }
    return end;
  }

  final void frame(Connection connection, int opcode, byte[] bytes, int from, int to) {
    if (opcode == Wire.OPCODE_PING) {
      frames.append(connection.out(), Wire.OPCODE_PONG, bytes, from, to);
      queueFlush(connection);
    } else {
      content(connection, opcode, bytes, from, to);
    }
  }

  /// Keeps every connection inside the server's heartbeat (30 s) with one ping in 20 s.
  private void pingSome() {
    long now = System.nanoTime();
    if (now - lastPingTick < PING_TICK_NANOS || connections.isEmpty()) {
      return;
    }
    lastPingTick = now;
    int count = connections.size() / PING_TICKS_PER_ROUND + 1;
    for (int i = 0; i < count; i++) {
      nextPing = (nextPing + 1) % connections.size();
      Connection next = connections.get(nextPing);
      if (next.stage() == Connection.Stage.OPEN) {
        ping(next);
      }
    }
  }

  /// What is in its buffer leaves at the end of this pass at the latest.
  final void queueFlush(Connection connection) {
    if (connection.queueFlush()) {
      toFlush.add(connection);
    }
  }

  private void flushAll() {
    try {
      for (var next = toFlush.poll(); next != null; next = toFlush.poll()) {
        next.flushed();
        flush(next);
      }
    } catch (IOException e) {
      throw new LoadException("write to " + url + " failed", e);
    }
  }

  private static void flush(Connection connection) throws IOException {
    if (connection.out().isEmpty()) {
      return;
    }
    boolean drained = connection.out().drainTo(connection.channel());
    int interest = drained ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE;
    if (connection.key().interestOps() != interest) {
      connection.key().interestOps(interest);
    }
  }
}
