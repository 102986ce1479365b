// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.admin;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.server.files.UnusableFileException;
import io.freshet.server.net.AdminToken;
import io.freshet.server.net.HttpAnswer;
import io.freshet.server.net.HttpCall;
import io.freshet.server.net.HttpRoute;
import io.freshet.server.tls.ServerCertificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// `POST /admin/tls/reload`: reads certificate and key now, and says what is wrong with them if
/// they cannot be used; then those before stay.
public final class TlsRoute implements HttpRoute {
  private static final int BODY_BYTES_MAX = 1024;

  private final AdminToken token;
  private final Optional<ServerCertificate> certificate;
  private final Executor blocking;

  /// @param certificate empty without TLS
  /// @param blocking runs what takes milliseconds
  public TlsRoute(AdminToken token, Optional<ServerCertificate> certificate, Executor blocking) {
    this.token = token;
    this.certificate = certificate;
    this.blocking = blocking;
  }

  @Override
  public Place place() {
    return new Place("/admin/tls", true, Set.of("POST"), BODY_BYTES_MAX);
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
            HttpAnswer.problem(ErrorCode.UNKNOWN_ROUTE, "use POST /admin/tls/reload"));
  }

  private HttpAnswer reload() {
    if (certificate.isEmpty()) {
      return HttpAnswer.problem(
          ErrorCode.NOT_FOUND, "The configuration names no certificate (server.tls.certificate)");
    }
    try {
      certificate.get().reload();
      return HttpAnswer.ok(
          JsonObject.of("subject", JsonString.of(certificate.get().subject()))
              .with("expires", JsonString.of(certificate.get().expires().toString())));
    } catch (UnusableFileException e) {
      return HttpAnswer.problem(
          ErrorCode.INVALID_ARGUMENT, "The certificate before stays in effect: " + e.getMessage());
    }
  }
}
