// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.server.net.Connection;
import io.freshet.server.net.HttpAnswer;
import io.freshet.server.net.HttpCall;
import io.freshet.server.net.SocketHandler;
import io.freshet.server.net.StreamDoor.Opening;
import io.freshet.server.session.Credentials;
import io.freshet.spi.Authenticator.Verdict;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The login of one request for Server-Sent Events, and what it leads to.
///
/// Threading: any thread.
final class StreamLogin {
  private static final HttpAnswer UNAUTHENTICATED =
      HttpAnswer.problem(ErrorCode.UNAUTHENTICATED, "The credentials are missing or wrong")
          .with("WWW-Authenticate", "Bearer");

  private static final HttpAnswer TOO_MANY =
      HttpAnswer.problem(ErrorCode.LIMIT_REACHED, SyncLogin.TOO_MANY);

  private final SyncDoor door;
  private final Credentials credentials;
  private final String path;

  private StreamLogin(SyncDoor door, Credentials credentials, String path) {
    this.door = door;
    this.credentials = credentials;
    this.path = path;
  }

  /// @param path of the route
  /// @throws io.freshet.protocol.error.FreshetException if the query cannot be read
  static StreamLogin of(SyncDoor door, HttpCall call, String path) {
    String token = call.parameters().one("token").orElse(null);
    return new StreamLogin(
        door,
        Credentials.of(call.headers(), call.peer(), door.proxies(), path).withToken(token),
        path);
  }

  /// @param begin what the session does first, on its event loop
  CompletionStage<Opening> open(Consumer<StreamSession> begin) {
    long mark = door.shared().connections().mark();
    return door.shared()
        .authenticator()
        .authenticate(credentials.attempt())
        .thenApply(verdict ->
            switch (verdict) {
              case Verdict.Accepted login
                  when !door.shared().connections().hasRoom(login.userId()) ->
                  new Opening.Refused(TOO_MANY);
              case Verdict.Accepted login ->
                  new Opening.Accepted(connection -> opened(connection, login, mark, begin));
              case Verdict.Refused _ -> new Opening.Refused(UNAUTHENTICATED);
              case Verdict.NotMine _ -> new Opening.Refused(UNAUTHENTICATED);
              case Verdict.Later later -> new Opening.Refused(later(later.retryAfter()));
            });
  }

  private static HttpAnswer later(Duration wait) {
    return HttpAnswer.problem(
            ErrorCode.RATE_LIMITED, "Logins cannot be judged now; try again later")
        .with("Retry-After", Long.toString(wait.plusMillis(999).toSeconds()));
  }

  private SocketHandler opened(
      Connection connection, Verdict.Accepted login, long mark, Consumer<StreamSession> begin) {
    SyncLoop loop = door.loop(connection.eventLoop());
    var socket = new StreamSocket(connection, loop, door.nanoTime());
    // Not from within: nobody could be told of the end yet.
    connection.eventLoop().execute(() -> loop.run(() -> begin(socket, login, mark, begin)));
    return socket;
  }

  private void begin(
      StreamSocket socket, Verdict.Accepted login, long mark, Consumer<StreamSession> begin) {
    if (socket.isOpen()) {
      String address = credentials.remoteAddress();
      @Nullable StreamSession session =
          socket.loggedIn(login, mark, path, address, _ -> socket.close());
      if (session == null) {
        socket.fail(Problem.of(ErrorCode.LIMIT_REACHED, SyncLogin.TOO_MANY));
        return;
      }
      begin.accept(session);
      session.loop().wakeEngine();
    }
  }
}
