// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import io.freshet.server.gate.DoorSocket;
import io.freshet.server.net.Connection;
import io.freshet.server.net.MessageKind;
import io.freshet.server.net.SocketHandler;
import io.freshet.server.net.WebSocketFrames;
import io.freshet.server.session.Ending;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// One WebSocket of a Pulse client. Its client comes back half a second after any close, with the
/// same headers.
///
/// Threading: confined to the connection's event loop.
final class PulseSocket extends DoorSocket {
  /// The WebSocket close codes for who may not go on, for a server that will be back, and for one
  /// that has too much to do.
  static final int POLICY = 1008;

  private static final int SERVICE_RESTART = 1012;
  private static final int TRY_AGAIN_LATER = 1013;

  /// Up to here nothing waits for long: a ping has its answer within the second that clients allow.
  private static final int QUEUED_BYTES_MAX = 256 << 10;

  /// An acknowledgement takes less than a hundred.
  private static final int MESSAGE_BYTES_MAX = 1024;

  private final PulseLoop loop;
  private @Nullable PulseSession session;
  private PulseLoop.@Nullable Shape shape;

  private PulseSocket(Connection connection, PulseLoop loop, long nowNanos) {
    super(connection, loop, nowNanos);
    this.loop = loop;
  }

  /// Takes a connection over for an admitted client.
  ///
  /// @param giveBack runs instead if it is closed before it has begun
  static SocketHandler begin(
      Connection connection, PulseLoop loop, PulseEntry entry, Runnable giveBack, long nowNanos) {
    var socket = new PulseSocket(connection, loop, nowNanos);
    // Not from within: nobody could be told of the end yet.
    connection
        .eventLoop()
        .execute(() -> {
          if (socket.isOpen() && socket.enter(entry)) {
            loop.run(() -> socket.begin(entry));
          } else {
            giveBack.run();
          }
        });
    return socket;
  }

  private void begin(PulseEntry entry) {
    PulseLoop.Shape taken = loop.take(entry.wish().model());
    shape = taken;
    var sink = new PulseSink(this, loop, taken, entry.holder().client());
    session = new PulseSession(this, loop, entry, sink);
    loop.meter().subscriptions(1);
    loop.wakeEngine();
  }

  /// Whether its user may have one more connection; if not, it is closed.
  private boolean enter(PulseEntry entry) {
    boolean room =
        loop.shared()
            .connections()
            .add(
                connection().id(),
                entry.login(),
                entry.mark(),
                loop.shared().kind().path(),
                entry.remoteAddress(),
                why -> loop.run(() -> end(why)));
    if (!room) {
      close(TRY_AGAIN_LATER, "this user has too many connections");
    }
    return room;
  }

  @Override
  protected @Nullable PulseSession session() {
    return session;
  }

  // In.

  @Override
  public void onMessage(MessageKind kind, ByteBuf payload) {
    heard();
    int length = payload.readableBytes();
    PulseSession present = session;
    if (length > MESSAGE_BYTES_MAX || present == null) {
      ignore();
      return;
    }
    var bytes = new byte[length];
    payload.getBytes(payload.readerIndex(), bytes);
    ClientFrames.acknowledged(bytes).ifPresentOrElse(present.stream()::acknowledge, this::ignore);
  }

  private void ignore() {
    loop.meter().ignored();
    connection().fault();
  }

  @Override
  public void onWritabilityChanged(boolean nowWritable) {
    super.onWritabilityChanged(nowWritable);
    PulseSession present = session;
    if (nowWritable && present != null) {
      loop.run(present.stream()::goOn);
    }
  }

  /// Every WebSocket client answers by itself.
  @Override
  protected void askForSign() {
    ByteBuf ping = allocate(WebSocketFrames.HEADER_BYTES_MAX);
    WebSocketFrames.writePing(ping);
    sendShared(ping, 0);
    flush();
  }

  // Out.

  /// Sends one text message.
  void sendText(byte[] text) {
    if (isOpen()) {
      ByteBuf out = gather(WebSocketFrames.headerBytes(text.length) + text.length);
      WebSocketFrames.writeHeader(out, MessageKind.TEXT, text.length);
      out.writeBytes(text);
      gathered();
    }
  }

  /// Whether a stream may send more.
  boolean takesMore() {
    return isWritable() || connection().pendingBytes() < QUEUED_BYTES_MAX;
  }

  // The end.

  @Override
  public void onStopping() {
    close(SERVICE_RESTART, "the server is stopping");
  }

  @Override
  protected void silent() {
    loop.meter().ended(PulseMeter.Ended.SILENT);
    close();
  }

  @Override
  protected void slow() {
    if (isOpen()) {
      loop.meter().ended(PulseMeter.Ended.SLOW);
      close(TRY_AGAIN_LATER, "reads too slowly");
    }
  }

  private void end(Ending why) {
    loop.meter().ended(PulseMeter.Ended.LOGIN);
    close(
        POLICY,
        switch (why) {
          case LOGIN_OVER -> "the login has ended";
          case LOGIN_REVOKED -> "the key was taken back";
          case ADMINISTRATOR -> "ended by an administrator";
        });
  }

  @Override
  public void onClosed() {
    super.onClosed();
    PulseSession present = session;
    session = null;
    if (present != null) {
      loop.meter().subscriptions(-1);
      loop.shared().connections().remove(connection().id());
      present.leave();
      loop.wakeEngine();
    }
    PulseLoop.Shape held = shape;
    shape = null;
    if (held != null) {
      loop.giveBack(held);
    }
  }
}
