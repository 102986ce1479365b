// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.admin;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.server.files.UnusableFileException;
import io.freshet.server.net.AdminToken;
import io.freshet.server.net.HttpAnswer;
import io.freshet.server.net.HttpCall;
import io.freshet.server.net.HttpRoute;
import io.freshet.server.permissions.Permissions;
import io.freshet.server.tls.ServerCertificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// `POST …/reload`: reads files now, and says what is wrong with them if they cannot be used; then
/// those before stay in effect.
public final class ReloadRoute implements HttpRoute {
  private static final int BODY_BYTES_MAX = 1024;

  private final String path;
  private final AdminToken token;
  private final Supplier<HttpAnswer> reload;
  private final Executor blocking;

  private ReloadRoute(
      String path, AdminToken token, Supplier<HttpAnswer> reload, Executor blocking) {
    this.path = path;
    this.token = token;
    this.reload = reload;
    this.blocking = blocking;
  }

  /// `POST /admin/permissions/reload`.
  ///
  /// @param permissions empty if there is no file
  /// @param blocking runs what takes milliseconds
  public static ReloadRoute ofPermissions(
      AdminToken token, Optional<Permissions> permissions, Executor blocking) {
    Supplier<HttpAnswer> reload =
        () ->
            permissions
                .map(ReloadRoute::reloaded)
                .orElseGet(() -> none("The configuration names no file of permissions"));
    return new ReloadRoute("/admin/permissions", token, reload, blocking);
  }

  /// `POST /admin/tls/reload`.
  ///
  /// @param certificate empty without TLS
  /// @param blocking runs what takes milliseconds
  public static ReloadRoute ofCertificate(
      AdminToken token, Optional<ServerCertificate> certificate, Executor blocking) {
    Supplier<HttpAnswer> reload =
        () ->
            certificate
                .map(ReloadRoute::reloaded)
                .orElseGet(
                    () -> none("The configuration names no certificate (server.tls.certificate)"));
    return new ReloadRoute("/admin/tls", token, reload, blocking);
  }

  private static HttpAnswer none(String message) {
    return HttpAnswer.problem(ErrorCode.NOT_FOUND, message);
  }

  private static HttpAnswer reloaded(Permissions permissions) {
    try {
      Permissions.Reloaded reloaded = permissions.reload();
      return HttpAnswer.ok(
          JsonObject.of("rules", JsonNumber.of(reloaded.rules()))
              .with("ended", JsonNumber.of(reloaded.ended())));
    } catch (UnusableFileException e) {
      return unusable("The rules before stay in effect: ", e);
    }
  }

  private static HttpAnswer reloaded(ServerCertificate certificate) {
    try {
      certificate.reload();
      return HttpAnswer.ok(
          JsonObject.of("subject", JsonString.of(certificate.subject()))
              .with("expires", JsonString.of(certificate.expires().toString())));
    } catch (UnusableFileException e) {
      return unusable("The certificate before stays in effect: ", e);
    }
  }

  private static HttpAnswer unusable(String whatStays, UnusableFileException why) {
    return HttpAnswer.problem(ErrorCode.INVALID_ARGUMENT, whatStays + why.getMessage());
  }

  @Override
  public Place place() {
    return new Place(path, true, Set.of("POST"), BODY_BYTES_MAX);
  }

  @Override
  public @Nullable HttpAnswer refusal(HttpCall head) {
    return token.refusal(head);
  }

  @Override
  public CompletionStage<HttpAnswer> answer(HttpCall call) {
    return call.segments().equals(List.of("reload"))
        ? CompletableFuture.supplyAsync(reload, blocking)
        : CompletableFuture.completedStage(
            HttpAnswer.problem(ErrorCode.UNKNOWN_ROUTE, "use POST " + path + "/reload"));
  }
}
