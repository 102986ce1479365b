// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.server.metrics.Metrics;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/// `GET /metrics`: the Prometheus page. For peers on this machine only, because there is no token
/// yet that others could show.
public final class MetricsRoute implements HttpRoute {
  private final Metrics metrics;
  private final Executor blocking;

  /// @param blocking runs the scrapes, which take milliseconds
  public MetricsRoute(Metrics metrics, Executor blocking) {
    this.metrics = metrics;
    this.blocking = blocking;
  }

  @Override
  public String path() {
    return "/metrics";
  }

  @Override
  public CompletionStage<HttpAnswer> get(InetSocketAddress remoteAddress) {
    if (!remoteAddress.getAddress().isLoopbackAddress()) {
      return CompletableFuture.completedStage(
          HttpAnswer.problem(
              403, "forbidden", "FORBIDDEN", "metrics are shown to loopback addresses only"));
    }
    return CompletableFuture.supplyAsync(
        () -> HttpAnswer.ok("text/plain; version=0.0.4; charset=utf-8", metrics.scrape()),
        blocking);
  }
}
