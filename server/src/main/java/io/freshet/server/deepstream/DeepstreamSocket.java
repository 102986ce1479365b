// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.command.Command;
import io.freshet.engine.guard.Principal;
import io.freshet.server.deepstream.wire.ConnectionAction;
import io.freshet.server.deepstream.wire.ConnectionMessage;
import io.freshet.server.deepstream.wire.FixedFrame;
import io.freshet.server.deepstream.wire.FrameReader;
import io.freshet.server.deepstream.wire.FrameWriter;
import io.freshet.server.deepstream.wire.Topic;
import io.freshet.server.deepstream.wire.UndecodableException;
import io.freshet.server.deepstream.wire.WireReader;
import io.freshet.server.net.Connection;
import io.freshet.server.net.MessageKind;
import io.freshet.server.net.SocketHandler;
import io.freshet.server.session.Credentials;
import io.freshet.spi.Authenticator.Verdict.Accepted;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// One connection: takes frames in and routes them by the state of the login, and gathers what goes
/// out, so that a burst of answers is one write.
///
/// Threading: confined to the connection's event loop.
final class DeepstreamSocket implements SocketHandler, FrameReader.Sink {
  private static final int GATHERED_BYTES = 512;
  private static final int GATHERED_BYTES_MAX = 64 * 1024;

  /// Up to here a shared buffer is copied behind what is gathered rather than written by itself.
  private static final int COPIED_BYTES_MAX = 1024;

  /// The WebSocket close code for a server that has too much to do.
  private static final int TRY_AGAIN_LATER = 1013;

  private final Connection connection;
  private final DeepstreamLoop loop;
  private final String remoteAddress;

  /// Present until the login has succeeded.
  private @Nullable Login login;

  /// Present from then on.
  private @Nullable DeepstreamSession session;

  private @Nullable ByteBuf gathered;
  private int gatheredMessages;

  /// In the loop's list of sockets to be flushed.
  private boolean touched;

  private boolean open = true;
  private boolean writable = true;
  private boolean heard;
  private long heardNanos;

  /// Over the bound on connections that have not logged in, it closes at once.
  DeepstreamSocket(
      Connection connection, DeepstreamLoop loop, Credentials credentials, long nowNanos) {
    this.connection = connection;
    this.loop = loop;
    this.heardNanos = nowNanos;
    this.remoteAddress = credentials.remoteAddress();
    if (loop.strangers().enter()) {
      this.login = new Login(this, loop, credentials, nowNanos);
    } else {
      loop.meter().refused(DeepstreamMeter.Refusal.UNAUTHENTICATED);
      open = false;
      // Not from within Door.open: nobody could be told of the end yet.
      connection
          .eventLoop()
          .execute(() ->
              connection.close(TRY_AGAIN_LATER, "too many connections that have not logged in"));
    }
  }

  // In.

  @Override
  public void onMessage(MessageKind kind, ByteBuf payload) {
    heard = true;
    if (kind == MessageKind.TEXT) {
      undecodable();
      return;
    }
    try {
      loop.frameReader().read(payload, this);
    } catch (UndecodableException e) {
      undecodable();
    }
  }

  @Override
  public void onEnvelope(int topic, WireReader body) {
    DeepstreamSession present = session;
    Login pending = login;
    if (!open) {
      return;
    } else if (present != null) {
      route(present, topic, body);
    } else if (pending != null) {
      pending.onEnvelope(topic, body);
    }
  }

  private void route(DeepstreamSession present, int number, WireReader body) {
    Topic topic = Topic.of(number);
    if (topic == Topic.CONNECTION) {
      int action = ConnectionMessage.decode(body).action();
      loop.traffic().received(Topic.CONNECTION, action);
      if (action == ConnectionAction.PING) {
        send(FixedFrame.PONG);
      }
      return;
    }
    TopicHandler handler = topic == null ? null : loop.handler(topic);
    if (handler != null) {
      handler.onMessage(present, body);
    } else {
      loop.meter().refused(DeepstreamMeter.Refusal.UNKNOWN);
      send(FixedFrame.UNKNOWN_TOPIC);
    }
  }

  private void undecodable() {
    loop.meter().refused(DeepstreamMeter.Refusal.UNDECODABLE);
    Login pending = login;
    if (pending != null) {
      pending.onUndecodable();
    } else {
      send(FixedFrame.UNKNOWN_TOPIC);
    }
  }

  @Override
  public void onReadComplete() {
    loop.wakeEngine();
    handOver();
  }

  @Override
  public void onWritabilityChanged(boolean nowWritable) {
    writable = nowWritable;
    DeepstreamSession present = session;
    if (present != null) {
      present.drain();
      loop.wakeEngine();
    }
  }

  @Override
  public void onTick(long nowNanos) {
    Login pending = login;
    DeepstreamSession present = session;
    boolean heldByUs = present != null && present.isPaused() && writable;
    if (heard || heldByUs) {
      heard = false;
      heardNanos = nowNanos;
    } else if (nowNanos - heardNanos > 2 * loop.heartbeatNanos()) {
      loop.meter().refused(DeepstreamMeter.Refusal.SILENT);
      close();
      return;
    }
    if (pending != null) {
      pending.onTick(nowNanos);
    }
    handOver();
  }

  @Override
  public void onClosed() {
    open = false;
    releaseGathered();
    DeepstreamSession present = session;
    session = null;
    strangerNoMore();
    if (present != null) {
      loop.connections().remove(connection.id());
      present.leave();
    }
  }

  // What becomes of the login.

  /// The engine learns of it first: whoever sees the login sees the presence.
  ///
  /// @param mark of the connections, taken before the login was judged
  void loggedIn(Accepted accepted, long mark, boolean patchMulti) {
    strangerNoMore();
    var principal = new Principal(accepted.userId(), accepted.serverData(), accepted.clientData());
    DeepstreamSession present = new DeepstreamSession(this, loop, principal, patchMulti);
    session = present;
    loop.connections()
        .add(
            connection.id(),
            accepted,
            mark,
            loop.options().path(),
            remoteAddress,
            () -> loop.run(this::close));
    if (loop.options().features().presence()) {
      loop.submitSurely(new Command.Join(present));
    }
  }

  private void strangerNoMore() {
    if (login != null) {
      login = null;
      loop.strangers().leave();
    }
  }

  // Out.

  void send(FixedFrame frame) {
    send(frame.bytes());
    loop.traffic().sent(frame.topic(), frame.action(), 1);
  }

  /// The frame the loop's writer has just composed.
  void send(Topic topic, int action, FrameWriter composed) {
    send(composed.bytes(), composed.from(), composed.length());
    loop.traffic().sent(topic, action, 1);
  }

  /// A frame that its sender counts.
  void send(byte[] frame) {
    send(frame, 0, frame.length);
  }

  private void send(byte[] bytes, int from, int length) {
    if (!open) {
      return;
    }
    ByteBuf buffer = gathered;
    if (buffer == null) {
      buffer = loop.allocate(connection, Math.max(GATHERED_BYTES, length));
      gathered = buffer;
      loop.touch(this);
    }
    buffer.writeBytes(bytes, from, length);
    gatheredMessages++;
    if (buffer.readableBytes() > GATHERED_BYTES_MAX) {
      handOver();
    }
  }

  /// Sends a buffer that others are sent too, behind what is gathered. Takes one reference.
  void sendShared(ByteBuf frames, int messages) {
    ByteBuf buffer = gathered;
    if (buffer != null && frames.readableBytes() <= COPIED_BYTES_MAX) {
      buffer.writeBytes(frames);
      gatheredMessages += messages;
      frames.release();
      return;
    }
    handOver();
    if (open) {
      loop.touch(this);
      connection.send(frames, messages);
      afterSending();
    } else {
      frames.release();
    }
  }

  /// Passes what is gathered to the connection, to leave with its next flush.
  private void handOver() {
    ByteBuf buffer = gathered;
    if (buffer != null) {
      int messages = gatheredMessages;
      gathered = null;
      gatheredMessages = 0;
      connection.send(buffer, messages);
      afterSending();
    }
  }

  private void afterSending() {
    if (!connection.isOpen()) {
      open = false;
    } else if (!writable && open && connection.pendingBytes() > loop.options().pendingBytesMax()) {
      loop.meter().refused(DeepstreamMeter.Refusal.SLOW);
      close();
    }
  }

  /// Puts everything on the wire.
  void flush() {
    touched = false;
    if (open) {
      handOver();
      connection.flush();
    }
  }

  ByteBuf allocate(int bytes) {
    return loop.allocate(connection, bytes);
  }

  /// Says that the socket is in the loop's list of those to be flushed.
  ///
  /// @return whether it was not
  boolean touch() {
    boolean wasTouched = touched;
    touched = true;
    return !wasTouched;
  }

  boolean isWritable() {
    return writable;
  }

  boolean isOpen() {
    return open;
  }

  void pauseReading() {
    connection.pauseReading();
  }

  void resumeReading() {
    connection.resumeReading();
  }

  /// What has been sent so far still leaves.
  void close() {
    if (open) {
      handOver();
      open = false;
      connection.close();
    }
  }

  private void releaseGathered() {
    ByteBuf buffer = gathered;
    gathered = null;
    if (buffer != null) {
      buffer.release();
    }
  }
}
