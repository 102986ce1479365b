// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.admin;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.server.files.UnusableFileException;
import io.freshet.server.net.AdminToken;
import io.freshet.server.net.HttpAnswer;
import io.freshet.server.net.HttpCall;
import io.freshet.server.net.HttpRoute;
import io.freshet.server.permissions.Permissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// `POST /admin/permissions/reload`: reads the permissions file now, and says what is wrong with it
/// if it cannot be used; then the rules before stay.
public final class PermissionsRoute implements HttpRoute {
  private static final int BODY_BYTES_MAX = 1024;

  private final AdminToken token;
  private final Optional<Permissions> permissions;
  private final Executor blocking;

  /// @param permissions empty if there is no file
  /// @param blocking runs what takes milliseconds
  public PermissionsRoute(AdminToken token, Optional<Permissions> permissions, Executor blocking) {
    this.token = token;
    this.permissions = permissions;
    this.blocking = blocking;
  }

  @Override
  public Place place() {
    return new Place("/admin/permissions", true, Set.of("POST"), BODY_BYTES_MAX);
  }

  @Override
  public @Nullable HttpAnswer refusal(HttpCall head) {
    return token.refusal(head);
  }

  @Override
  public CompletionStage<HttpAnswer> answer(HttpCall call) {
    return call.segments().equals(List.of("reload"))
        ? CompletableFuture.supplyAsync(this::reload, blocking)
        : CompletableFuture.completedStage(
            HttpAnswer.problem(ErrorCode.UNKNOWN_ROUTE, "use POST /admin/permissions/reload"));
  }

  private HttpAnswer reload() {
    if (permissions.isEmpty()) {
      return HttpAnswer.problem(
          ErrorCode.NOT_FOUND, "The configuration names no file of permissions");
    }
    try {
      Permissions.Reloaded reloaded = permissions.get().reload();
      return HttpAnswer.ok(
          JsonObject.of("rules", JsonNumber.of(reloaded.rules()))
              .with("ended", JsonNumber.of(reloaded.ended())));
    } catch (UnusableFileException e) {
      return HttpAnswer.problem(
          ErrorCode.INVALID_ARGUMENT, "The rules before stay in effect: " + e.getMessage());
    }
  }
}
