// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;

/// One open WebSocket or event stream, as its gateway sees it.
///
/// Threading: {@link #id}, {@link #eventLoop}, {@link #allocator}, {@link #remoteAddress}, {@link
/// #writable} and the two `close` methods may be called from anywhere; everything else only on
/// {@link #eventLoop}.
public interface Connection {

  /// Unique among all connections of this process.
  long id();

  InetSocketAddress remoteAddress();

  EventLoop eventLoop();

  /// Where buffers for {@link #send(ByteBuf, int)} come from. The same for all connections; any
  /// thread.
  ByteBufAllocator allocator();

  /// Queues one or more complete WebSocket frames, headers included (see {@link WebSocketFrames}),
  /// or on an event stream one or more complete events, each with its empty line. Nothing leaves
  /// before {@link #flush}, or the flush that follows every round of reading.
  ///
  /// Ownership of one reference passes, whatever happens: on a closed connection the buffer is just
  /// released. Server frames are unmasked, so the same bytes serve everybody: give each connection
  /// its own `retainedDuplicate()`, because sending moves the reader index. If the queue would
  /// exceed the server's hard bound, the connection is closed instead.
  ///
  /// @param messages how many messages the frames hold, for the metrics
  void send(ByteBuf frames, int messages);

  /// {@link #send(ByteBuf, int)} of a single message.
  default void send(ByteBuf frame) {
    send(frame, 1);
  }

  /// Hands everything queued to the socket.
  void flush();

  /// Sends what is queued and a close frame without a status code (on an event stream the end of
  /// the answer), then closes; does not wait for the peer's answer. No message is delivered any
  /// more. Does nothing when already closing.
  void close();

  /// As {@link #close()}, with a status. An event stream has no place for one: what its client has
  /// to know is sent as an event before.
  ///
  /// @param code a WebSocket close code that may be sent: 1000–1003, 1007–1014 or 3000–4999
  /// @param reason at most 123 bytes of UTF-8; longer ones are cut
  void close(int code, String reason);

  /// False from the first reason on for which the connection ends; [SocketHandler#onClosed]
  /// follows. What is sent now is dropped.
  boolean isOpen();

  /// Stops reading from the socket, so that TCP slows the peer down. Messages already received are
  /// still delivered.
  void pauseReading();

  void resumeReading();

  /// The message being handled, or one before, made no sense. Who says too many of them is not read
  /// for a while.
  default void fault() {}

  /// Whether the server itself does not read it for a while because too much has come: silence is
  /// then no sign of anything.
  default boolean isHeld() {
    return false;
  }

  /// Whether the outbound queue is below its water mark. False tells the gateway to stop producing
  /// what can wait; sending is still possible.
  boolean writable();

  /// Bytes queued and not yet taken by the kernel, including some book-keeping per buffer.
  long pendingBytes();
}
