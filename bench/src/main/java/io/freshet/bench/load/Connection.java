// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Arrays;

/// One client of the server under test. Owned by its [Sockets]; scenarios keep what they know about
/// it in arrays indexed by [#id].
final class Connection implements FrameReader.Sink {
  private static final byte[] NOTHING = new byte[0];

  /// The way to an open connection, in order.
  enum Stage {
    CONNECTING,
    UPGRADING,
    CHALLENGING,
    LOGGING_IN,
    OPEN
  }

  private final int id;
  private final Sockets sockets;
  private final SocketChannel channel;
  private final SelectionKey key;
  private final OutBuffer out = new OutBuffer();
  private Stage stage = Stage.CONNECTING;
  private boolean flushQueued;
  private byte[] partial = NOTHING;

  Connection(int id, Sockets sockets, SocketChannel channel, SelectionKey key) {
    this.id = id;
    this.sockets = sockets;
    this.channel = channel;
    this.key = key;
  }

  /// Counts from 0 in the order of connecting, and goes on counting after [Sockets#closeAll].
  int id() {
    return id;
  }

  SocketChannel channel() {
    return channel;
  }

  SelectionKey key() {
    return key;
  }

  OutBuffer out() {
    return out;
  }

  Stage stage() {
    return stage;
  }

  void enter(Stage next) {
    stage = next;
  }

  /// True for the first caller until [#flushed].
  boolean queueFlush() {
    boolean first = !flushQueued;
    flushQueued = true;
    return first;
  }

  void flushed() {
    flushQueued = false;
  }

  /// The incomplete frame, or HTTP response, that the previous read ended with.
  byte[] partial() {
    return partial;
  }

  void keepPartial(byte[] bytes, int from, int to) {
    partial = from == to ? NOTHING : Arrays.copyOfRange(bytes, from, to);
  }

  @Override
  public void frame(int opcode, byte[] bytes, int from, int to) {
    sockets.frame(this, opcode, bytes, from, to);
  }
}
