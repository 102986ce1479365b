// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.netty.buffer.ByteBuf;

/// The gateway's side of one WebSocket or event stream. On an event stream nothing comes in, so
/// {@link #onMessage} is never called.
///
/// Threading: every method runs on the connection's event loop, one at a time, and must not block.
/// An exception thrown here closes the connection with code 1011 and is logged; nothing else is
/// harmed.
public interface SocketHandler {

  /// A whole message, in the order received. Fragments are joined, masks removed, text is valid
  /// UTF-8, and its size is within the server's message limit (zero bytes are possible).
  ///
  /// The payload is lent for this call: whoever keeps it copies it, or retains it and thereby keeps
  /// the whole receive buffer alive.
  void onMessage(MessageKind kind, ByteBuf payload);

  /// The peer has sent a WebSocket ping or pong: it is there. (Pings are answered already.)
  default void onSign() {}

  /// The server is about to stop. A gateway may say so in its own way and close the connection;
  /// those it leaves open are closed with code 1001.
  default void onStopping() {}

  /// Everything the socket had to offer for now has been handed over: the time to send off what a
  /// burst of messages produced.
  void onReadComplete();

  /// The outbound queue rose above the high water mark (`false`) or fell below the low one
  /// (`true`).
  void onWritabilityChanged(boolean writable);

  /// About four times a second, for heartbeats and time-outs, driven by one clock per event loop.
  ///
  /// @param nowNanos {@link System#nanoTime} time, the same for all connections of one round
  default void onTick(long nowNanos) {}

  /// The connection is closed or closing, whoever began it. Called exactly once, last, and never
  /// from within {@link Connection#close}.
  void onClosed();
}
