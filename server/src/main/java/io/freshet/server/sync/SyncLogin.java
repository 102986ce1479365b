// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.server.session.Credentials;
import io.freshet.spi.Authenticator.Attempt;
import io.freshet.spi.Authenticator.Verdict;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who a WebSocket is: a login of its request or its first frames, within its time and its number
/// of attempts, and renewals of that login later.
///
/// The time keeps running after a failed attempt, and stands still only in that a login under way
/// is waited for.
///
/// Threading: confined to the connection's event loop.
final class SyncLogin {
  private static final Logger log = LoggerFactory.getLogger(SyncLogin.class);
  static final String TOO_MANY = "This user has too many connections; close some";
  private static final String REFUSED = "The credentials are missing or wrong";

  private final SyncSocket socket;
  private final SyncLoop loop;
  private final Credentials credentials;
  private final long openedNanos;
  private boolean judging;
  private int failedAttempts;

  /// Empty before the login.
  private String user = "";

  /// @param credentials of the request that opened the connection
  SyncLogin(SyncSocket socket, SyncLoop loop, Credentials credentials, long nowNanos) {
    this.socket = socket;
    this.loop = loop;
    this.credentials = credentials;
    this.openedNanos = nowNanos;
  }

  /// Logs in whoever needs to say nothing, or has said it with its request. Not before the gateway
  /// has taken the connection over.
  void begin() {
    if (loop.shared().options().open() || credentials.isShown()) {
      judging = true;
      socket.judging();
      socket.connection().eventLoop().execute(() -> judge(credentials.attempt(), null, true));
    }
  }

  /// Whether somebody is finding out who this is.
  boolean isJudging() {
    return judging;
  }

  void onAuth(ClientFrame.Auth auth) {
    if (judging) {
      refuse(ErrorCode.INVALID_ARGUMENT, "Another login is being judged", auth.ref());
    } else {
      judge(credentials.attempt(auth.login()), auth.ref(), false);
    }
  }

  /// @param ofRequest whether there is nothing to wait for if it fails
  private void judge(Attempt attempt, @Nullable String ref, boolean ofRequest) {
    judging = true;
    socket.judging();
    long mark = loop.shared().connections().mark();
    var _ =
        loop.shared()
            .authenticator()
            .authenticate(attempt)
            .whenComplete((verdict, failure) ->
                loop.run(() -> judged(verdict, failure, mark, ref, ofRequest)));
  }

  private void judged(
      @Nullable Verdict verdict,
      @Nullable Throwable failure,
      long mark,
      @Nullable String ref,
      boolean ofRequest) {
    judging = false;
    if (socket.isOpen()) {
      tell(verdict, failure, mark, ref, ofRequest);
      socket.judged();
    }
  }

  private void tell(
      @Nullable Verdict verdict,
      @Nullable Throwable failure,
      long mark,
      @Nullable String ref,
      boolean ofRequest) {
    switch (verdict) {
      case Verdict.Accepted accepted when user.isEmpty() -> welcome(accepted, mark, ref);
      case Verdict.Accepted accepted -> renewed(accepted, mark, ref);
      case Verdict.Refused(JsonValue why) -> refused(why, ref, ofRequest);
      case Verdict.NotMine _ -> refused(null, ref, ofRequest);
      case Verdict.Later later -> later(later.retryAfter(), ref, ofRequest);
      case null -> {
        log.error("a login could not be judged and is refused", failure);
        refused(null, ref, ofRequest);
      }
    }
  }

  private void welcome(Verdict.Accepted accepted, long mark, @Nullable String ref) {
    if (!socket.loggedIn(accepted, mark, credentials.remoteAddress())) {
      refuse(ErrorCode.LIMIT_REACHED, TOO_MANY, ref);
      loop.meter().ended(SyncMeter.Ended.LOGIN_FAILED);
      socket.close(Farewell.TOO_MANY);
      return;
    }
    user = accepted.userId();
    socket.send(
        ServerFrames.welcome(
            loop.output(),
            socket.connection().id(),
            loop.bounds().heartbeatInterval().toMillis(),
            user,
            accepted.expiresAt(),
            ref));
  }

  /// What a connection is subscribed to was decided for its user; another one needs another
  /// connection.
  private void renewed(Verdict.Accepted accepted, long mark, @Nullable String ref) {
    if (!accepted.userId().equals(user)) {
      refuse(
          ErrorCode.FORBIDDEN,
          "This connection is another user's; open a new one to log in as somebody else",
          ref);
      return;
    }
    loop.shared().connections().renew(socket.connection().id(), accepted, mark);
    if (socket.isOpen()) {
      socket.send(ServerFrames.authenticated(loop.output(), user, accepted.expiresAt(), ref));
    }
  }

  private void refused(@Nullable JsonValue why, @Nullable String ref, boolean ofRequest) {
    refuse(ErrorCode.UNAUTHENTICATED, text(why), ref);
    if (ofRequest || ++failedAttempts >= loop.shared().options().maxAuthAttempts()) {
      loop.meter().ended(SyncMeter.Ended.LOGIN_FAILED);
      socket.close(Farewell.UNAUTHENTICATED);
    }
  }

  private static String text(@Nullable JsonValue why) {
    return switch (why) {
      case JsonString text -> text.value();
      case JsonObject object when object.get("error") instanceof JsonString error -> error.value();
      case null -> REFUSED;
      case JsonValue _ -> REFUSED;
    };
  }

  /// By itself this counts as no failed attempt: nobody has judged the login.
  private void later(Duration retryAfter, @Nullable String ref, boolean ofRequest) {
    socket.refuse(
        ref,
        null,
        Problem.of(ErrorCode.RATE_LIMITED, "Logins cannot be judged now; try again later")
            .retryAfter(retryAfter));
    if (ofRequest) {
      loop.meter().ended(SyncMeter.Ended.LOGIN_FAILED);
      socket.close(Farewell.RATE);
    }
  }

  private void refuse(ErrorCode code, String message, @Nullable String ref) {
    socket.refuse(ref, null, Problem.of(code, message));
  }

  void onTick(long nowNanos) {
    long timeoutNanos = loop.shared().options().unauthenticatedTimeout().toNanos();
    if (timeoutNanos > 0 && !judging && nowNanos - openedNanos >= timeoutNanos) {
      loop.meter().ended(SyncMeter.Ended.LOGIN_TIMEOUT);
      socket.close(Farewell.UNAUTHENTICATED);
    }
  }
}
