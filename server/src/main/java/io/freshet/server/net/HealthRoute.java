// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.spi.Health;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/// `GET /health-check`: 200 with an empty body, typed as JSON, while the server accepts connections
/// and its store takes writes; 503 with the reason when it does not.
public final class HealthRoute implements HttpRoute {
  private static final HttpAnswer HEALTHY = HttpAnswer.ok(HttpAnswer.JSON, "");

  private final Supplier<Health> store;

  /// @param store asked at every call; must be quick
  public HealthRoute(Supplier<Health> store) {
    this.store = store;
  }

  @Override
  public Place place() {
    return Place.ofPage("/health-check");
  }

  @Override
  public CompletionStage<HttpAnswer> answer(HttpCall call) {
    return CompletableFuture.completedStage(
        switch (store.get()) {
          case Health.Healthy _ -> HEALTHY;
          case Health.Unhealthy(String reason) -> HttpAnswer.problem(ErrorCode.UNAVAILABLE, reason);
        });
  }
}
