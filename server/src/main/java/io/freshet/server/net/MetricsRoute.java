// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.server.metrics.Metrics;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// `GET /metrics`: the Prometheus page, for peers on this machine and for whoever shows the admin
/// token.
public final class MetricsRoute implements HttpRoute {
  private final Metrics metrics;
  private final AdminToken token;
  private final Executor blocking;

  /// @param blocking runs the scrapes, which take milliseconds
  public MetricsRoute(Metrics metrics, AdminToken token, Executor blocking) {
    this.metrics = metrics;
    this.token = token;
    this.blocking = blocking;
  }

  @Override
  public Place place() {
    return Place.ofPage("/metrics");
  }

  @Override
  public @Nullable HttpAnswer refusal(HttpCall head) {
    return token.refusalOffLoopback(head);
  }

  @Override
  public CompletionStage<HttpAnswer> answer(HttpCall call) {
    return CompletableFuture.supplyAsync(
        () -> HttpAnswer.ok("text/plain; version=0.0.4; charset=utf-8", metrics.scrape()),
        blocking);
  }
}
