// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.admin;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.server.net.AdminToken;
import io.freshet.server.net.HttpAnswer;
import io.freshet.server.net.HttpCall;
import io.freshet.server.net.HttpRoute;
import io.freshet.server.session.Connections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// `DELETE /admin/users/{user}/connections`: closes all connections of a user.
public final class UsersRoute implements HttpRoute {
  private static final int BODY_BYTES_MAX = 1024;

  private final AdminToken token;
  private final Connections connections;
  private final Executor blocking;

  /// @param blocking runs what takes milliseconds
  public UsersRoute(AdminToken token, Connections connections, Executor blocking) {
    this.token = token;
    this.connections = connections;
    this.blocking = blocking;
  }

  @Override
  public Place place() {
    return new Place("/admin/users", true, Set.of("DELETE"), BODY_BYTES_MAX);
  }

  @Override
  public @Nullable HttpAnswer refusal(HttpCall head) {
    return token.refusal(head);
  }

  @Override
  public CompletionStage<HttpAnswer> answer(HttpCall call) {
    List<String> segments = call.segments();
    if (segments.size() != 2 || !segments.getLast().equals("connections")) {
      return CompletableFuture.completedStage(
          HttpAnswer.problem(ErrorCode.UNKNOWN_ROUTE, "use DELETE /admin/users/USER/connections"));
    }
    return CompletableFuture.supplyAsync(
        () -> ConnectionsRoute.closed(connections.closeAllOf(segments.getFirst())), blocking);
  }
}
