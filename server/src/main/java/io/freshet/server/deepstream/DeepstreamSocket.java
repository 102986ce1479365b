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
import io.freshet.server.gate.DoorSession;
import io.freshet.server.gate.DoorSocket;
import io.freshet.server.gate.Strangers;
import io.freshet.server.net.Connection;
import io.freshet.server.net.MessageKind;
import io.freshet.server.session.Credentials;
import io.freshet.spi.Authenticator.Verdict.Accepted;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// One connection: takes frames in and routes them by the state of the login.
///
/// Threading: confined to the connection's event loop.
final class DeepstreamSocket extends DoorSocket implements FrameReader.Sink, Strangers.Stranger {
  private final DeepstreamLoop loop;
  private final String remoteAddress;

  /// Present until the login has succeeded.
  private @Nullable Login login;

  /// Present from then on.
  private @Nullable DeepstreamSession session;

  /// Over the bound on connections that have not logged in, it closes at once, unless another makes
  /// room.
  DeepstreamSocket(
      Connection connection, DeepstreamLoop loop, Credentials credentials, long nowNanos) {
    super(connection, loop, nowNanos);
    this.loop = loop;
    this.remoteAddress = credentials.remoteAddress();
    if (loop.strangers().enter(this)) {
      this.login = new Login(this, loop, credentials, nowNanos);
    } else {
      loop.meter().refused(DeepstreamMeter.Refusal.UNAUTHENTICATED);
      turnAway();
    }
  }

  @Override
  protected @Nullable DoorSession session() {
    return session;
  }

  // In.

  @Override
  public void onMessage(MessageKind kind, ByteBuf payload) {
    heard();
    if (login != null) {
      loop.strangers().heard(this);
    }
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
    if (!isOpen()) {
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
      connection().fault();
      send(FixedFrame.UNKNOWN_TOPIC);
    }
  }

  private void undecodable() {
    loop.meter().refused(DeepstreamMeter.Refusal.UNDECODABLE);
    connection().fault();
    Login pending = login;
    if (pending != null) {
      pending.onUndecodable();
    } else {
      send(FixedFrame.UNKNOWN_TOPIC);
    }
  }

  @Override
  public void onTick(long nowNanos) {
    super.onTick(nowNanos);
    Login pending = login;
    if (pending != null && isOpen()) {
      pending.onTick(nowNanos);
    }
  }

  @Override
  protected void silent() {
    loop.meter().refused(DeepstreamMeter.Refusal.SILENT);
    close();
  }

  @Override
  protected void slow() {
    loop.meter().refused(DeepstreamMeter.Refusal.SLOW);
    close();
  }

  @Override
  public void onClosed() {
    super.onClosed();
    DeepstreamSession present = session;
    session = null;
    strangerNoMore();
    if (present != null) {
      loop.connections().remove(connection().id());
      present.leave();
    }
  }

  // What becomes of the login.

  /// The engine learns of it first: whoever sees the login sees the presence.
  ///
  /// @param mark of the connections, taken before the login was judged
  /// @return false if its user has too many connections; then nothing has happened
  boolean loggedIn(Accepted accepted, long mark, boolean patchMulti) {
    if (!enter(accepted, mark)) {
      return false;
    }
    strangerNoMore();
    var principal = new Principal(accepted.userId(), accepted.serverData(), accepted.clientData());
    DeepstreamSession present = new DeepstreamSession(this, loop, principal, patchMulti);
    session = present;
    if (loop.options().features().presence()) {
      loop.submitSurely(new Command.Join(present));
    }
    return true;
  }

  private boolean enter(Accepted accepted, long mark) {
    return loop.connections()
        .add(
            connection().id(),
            accepted,
            mark,
            loop.options().path(),
            remoteAddress,
            _ -> loop.run(this::close));
  }

  private void strangerNoMore() {
    if (login != null) {
      login = null;
      loop.strangers().leave(this);
    }
  }

  @Override
  public void giveWay() {
    loop.meter().refused(DeepstreamMeter.Refusal.UNAUTHENTICATED);
    strangerNoMore();
    closeForOthers();
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
}
