// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.server.deepstream.DeepstreamMeter.Refusal;
import io.freshet.server.deepstream.wire.AuthAction;
import io.freshet.server.deepstream.wire.AuthMessage;
import io.freshet.server.deepstream.wire.ConnectionAction;
import io.freshet.server.deepstream.wire.ConnectionMessage;
import io.freshet.server.deepstream.wire.FixedFrame;
import io.freshet.server.deepstream.wire.Slice;
import io.freshet.server.deepstream.wire.Topic;
import io.freshet.server.deepstream.wire.WireReader;
import io.freshet.server.session.Credentials;
import io.freshet.spi.Authenticator.Verdict;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What comes before a session (protocol reference, section 4.3): a challenge, then a login within
/// its time and its number of attempts.
///
/// The time keeps running after a failed attempt, and stands still only in that a login under way
/// is waited for.
///
/// Threading: confined to the connection's event loop.
final class Login {
  private static final Logger log = LoggerFactory.getLogger(Login.class);

  private static final JsonValue TOO_MANY =
      JsonObject.of("error", JsonString.of(ErrorCode.LIMIT_REACHED.name()))
          .with("message", JsonString.of("this user has too many connections"));

  private enum State {
    OPENED,
    CHALLENGED,
    AUTHENTICATING
  }

  private final DeepstreamSocket socket;
  private final DeepstreamLoop loop;
  private final Credentials credentials;
  private final long openedNanos;
  private State state = State.OPENED;
  private int failedAttempts;
  private boolean patchMulti;

  /// @param credentials of the request that opened the connection
  Login(DeepstreamSocket socket, DeepstreamLoop loop, Credentials credentials, long nowNanos) {
    this.socket = socket;
    this.loop = loop;
    this.credentials = credentials;
    this.openedNanos = nowNanos;
  }

  void onEnvelope(int number, WireReader body) {
    Topic topic = Topic.of(number);
    if (topic == Topic.CONNECTION) {
      onConnectionMessage(ConnectionMessage.decode(body));
    } else if (topic == Topic.AUTH && state == State.CHALLENGED) {
      onAuthMessage(AuthMessage.decode(body));
    } else {
      outOfTurn();
    }
  }

  void onUndecodable() {
    outOfTurn();
  }

  private void outOfTurn() {
    loop.meter().refused(Refusal.OUT_OF_TURN);
    socket.connection().fault();
    socket.send(
        switch (state) {
          case OPENED -> FixedFrame.CONNECTION_INVALID_MESSAGE;
          case CHALLENGED, AUTHENTICATING -> FixedFrame.AUTH_INVALID_MESSAGE;
        });
  }

  private void onConnectionMessage(ConnectionMessage message) {
    loop.traffic().received(Topic.CONNECTION, message.action());
    if (message.action() == ConnectionAction.PING) {
      socket.send(FixedFrame.PONG);
    } else if (state != State.OPENED) {
      outOfTurn();
    } else if (message.action() == ConnectionAction.CHALLENGE) {
      patchMulti = message.understandsPatchMulti();
      state = State.CHALLENGED;
      socket.send(FixedFrame.ACCEPT);
    }
  }

  private void onAuthMessage(AuthMessage message) {
    loop.traffic().received(Topic.AUTH, message.action());
    JsonObject data = message.action() == AuthAction.REQUEST ? object(message.data()) : null;
    if (data == null) {
      loop.meter().refused(Refusal.INVALID);
      socket.send(FixedFrame.AUTH_INVALID_MESSAGE_DATA);
      socket.close();
      return;
    }
    state = State.AUTHENTICATING;
    loop.strangers().judging(socket);
    long mark = loop.connections().mark();
    var _ =
        loop.authenticator()
            .authenticate(credentials.attempt(data))
            .whenComplete((verdict, failure) -> loop.run(() -> judged(verdict, failure, mark)));
  }

  private @Nullable JsonObject object(@Nullable Slice data) {
    try {
      return data != null && data.json(loop.options().documentLimits()) instanceof JsonObject object
          ? object
          : null;
    } catch (FreshetException e) {
      return null;
    }
  }

  private void judged(@Nullable Verdict verdict, @Nullable Throwable failure, long mark) {
    if (!socket.isOpen()) {
      return;
    }
    state = State.CHALLENGED;
    loop.strangers().await(socket);
    switch (verdict) {
      case Verdict.Accepted accepted -> accepted(accepted, mark);
      case Verdict.Refused(JsonValue clientData) -> refused(clientData);
      case Verdict.NotMine _ -> refused(null);
      case Verdict.Later later -> sendRefusal(later.clientData());
      case null -> {
        log.error("a login could not be judged and is refused", failure);
        refused(null);
      }
    }
  }

  private void accepted(Verdict.Accepted accepted, long mark) {
    JsonValue clientData = accepted.clientData();
    if (!socket.loggedIn(accepted, mark, patchMulti)) {
      sendRefusal(TOO_MANY);
      socket.close();
      return;
    }
    loop.traffic().login(true);
    answer(AuthAction.AUTH_SUCCESSFUL, clientData == null ? JsonNull.NULL : clientData);
  }

  private void refused(@Nullable JsonValue clientData) {
    sendRefusal(clientData);
    if (++failedAttempts >= loop.options().maxAuthAttempts()) {
      socket.send(FixedFrame.TOO_MANY_AUTH_ATTEMPTS);
      socket.close();
    }
  }

  /// By itself this counts as no failed attempt: nobody has judged the login.
  private void sendRefusal(@Nullable JsonValue clientData) {
    loop.meter().refused(Refusal.LOGIN);
    loop.traffic().login(false);
    answer(AuthAction.AUTH_UNSUCCESSFUL, clientData);
  }

  private void answer(int action, @Nullable JsonValue data) {
    AuthMessage.write(loop.writer(), action, data);
    socket.send(Topic.AUTH, action, loop.writer());
  }

  void onTick(long nowNanos) {
    long timeoutNanos = loop.options().unauthenticatedTimeout().toNanos();
    if (timeoutNanos > 0
        && state != State.AUTHENTICATING
        && nowNanos - openedNanos >= timeoutNanos) {
      loop.meter().refused(Refusal.LOGIN_TIMEOUT);
      socket.send(FixedFrame.AUTHENTICATION_TIMEOUT);
      socket.close();
    }
  }
}
