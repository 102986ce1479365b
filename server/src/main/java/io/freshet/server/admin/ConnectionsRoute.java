// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.admin;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.server.net.AdminToken;
import io.freshet.server.net.HttpAnswer;
import io.freshet.server.net.HttpCall;
import io.freshet.server.net.HttpRoute;
import io.freshet.server.session.Connections;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// `GET /admin/connections`: who is logged in. `DELETE /admin/connections/{id}`: closes one, after
/// what is queued for it; a client that reconnects by itself will.
public final class ConnectionsRoute implements HttpRoute {
  private static final int BODY_BYTES_MAX = 1024;

  private final AdminToken token;
  private final Connections connections;
  private final Executor blocking;

  /// @param blocking runs what takes milliseconds
  public ConnectionsRoute(AdminToken token, Connections connections, Executor blocking) {
    this.token = token;
    this.connections = connections;
    this.blocking = blocking;
  }

  @Override
  public Place place() {
    return new Place("/admin/connections", true, Set.of("GET", "DELETE"), BODY_BYTES_MAX);
  }

  @Override
  public @Nullable HttpAnswer refusal(HttpCall head) {
    return token.refusal(head);
  }

  @Override
  public CompletionStage<HttpAnswer> answer(HttpCall call) {
    List<String> segments = call.segments();
    if (segments.isEmpty() && !call.method().equals("DELETE")) {
      return CompletableFuture.supplyAsync(this::list, blocking);
    }
    return CompletableFuture.completedStage(
        segments.size() == 1 && call.method().equals("DELETE")
            ? close(segments.getFirst())
            : HttpAnswer.problem(
                ErrorCode.UNKNOWN_ROUTE,
                "use GET /admin/connections or DELETE /admin/connections/ID"));
  }

  private HttpAnswer list() {
    var all = new ArrayList<JsonObject>();
    for (Connections.Entry each : connections.list()) {
      all.add(
          JsonObject.of("id", JsonString.of(Long.toString(each.id())))
              .with("user", JsonString.of(each.user()))
              .with("door", JsonString.of(each.door()))
              .with("address", JsonString.of(each.address()))
              .with("since", JsonString.of(each.since().toString())));
    }
    return HttpAnswer.ok(JsonObject.of("connections", JsonArray.of(all)));
  }

  private HttpAnswer close(String id) {
    boolean closed;
    try {
      closed = connections.close(Long.parseLong(id));
    } catch (NumberFormatException _) {
      closed = false;
    }
    return closed
        ? closed(1)
        : HttpAnswer.problem(ErrorCode.NOT_FOUND, "There is no connection of this id");
  }

  static HttpAnswer closed(int count) {
    return HttpAnswer.ok(JsonObject.of("closed", JsonNumber.of(count)));
  }
}
