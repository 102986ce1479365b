// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// `GET /health-check`: 200 with an empty body, typed as JSON, while the server accepts
/// connections.
public final class HealthRoute implements HttpRoute {
  private static final HttpAnswer HEALTHY = HttpAnswer.ok(HttpAnswer.JSON, "");

  @Override
  public String path() {
    return "/health-check";
  }

  @Override
  public CompletionStage<HttpAnswer> get(InetSocketAddress remoteAddress) {
    return CompletableFuture.completedStage(HEALTHY);
  }
}
