// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.admin;

import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.server.net.AdminToken;
import io.freshet.server.net.HttpAnswer;
import io.freshet.server.net.HttpCall;
import io.freshet.server.net.HttpRoute;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// `GET /monitoring`: what was counted since the last look, in the form deepstream's monitoring has
/// (protocol reference, section 17). For peers on this machine and for whoever shows the admin
/// token.
public final class MonitoringRoute implements HttpRoute {
  private final AdminToken token;
  private final Supplier<Counts> counts;
  private final InstantSource clock;
  private final Executor blocking;
  private long fromMs;

  /// What was counted since the last time it was asked for.
  ///
  /// @param received messages by topic and action
  /// @param sent likewise
  /// @param errors by name
  /// @param logins by door
  /// @param state what there is now, by kind
  public record Counts(
      Map<String, Map<String, Long>> received,
      Map<String, Map<String, Long>> sent,
      Map<String, Long> errors,
      Map<String, Logins> logins,
      Map<String, Long> state) {}

  /// Attempts to log in.
  public record Logins(long allowed, long declined) {}

  /// @param blocking runs what takes milliseconds
  public MonitoringRoute(
      AdminToken token, Supplier<Counts> counts, InstantSource clock, Executor blocking) {
    this.token = token;
    this.counts = counts;
    this.clock = clock;
    this.blocking = blocking;
    this.fromMs = clock.millis();
  }

  @Override
  public Place place() {
    return Place.ofPage("/monitoring");
  }

  @Override
  public @Nullable HttpAnswer refusal(HttpCall head) {
    return token.refusalOffLoopback(head);
  }

  /// `HEAD` counts nothing and forgets nothing.
  @Override
  public CompletionStage<HttpAnswer> answer(HttpCall call) {
    return call.method().equals("HEAD")
        ? CompletableFuture.completedStage(HttpAnswer.ok(JsonObject.empty()))
        : CompletableFuture.supplyAsync(this::page, blocking);
  }

  private synchronized HttpAnswer page() {
    Counts taken = counts.get();
    long toMs = clock.millis();
    JsonObject page =
        JsonObject.of("from", JsonNumber.of(fromMs))
            .with("to", JsonNumber.of(toMs))
            .with("clusterSize", JsonNumber.of(1))
            .with("stateMetrics", numbers(taken.state()))
            .with("errors", numbers(taken.errors()))
            .with("received", byTopic(taken.received()))
            .with("send", byTopic(taken.sent()))
            .with("logins", logins(taken.logins()));
    fromMs = toMs;
    return HttpAnswer.ok(page);
  }

  private static JsonObject byTopic(Map<String, Map<String, Long>> counts) {
    JsonObject object = JsonObject.empty();
    for (Map.Entry<String, Map<String, Long>> each : counts.entrySet()) {
      object = object.with(each.getKey(), numbers(each.getValue()));
    }
    return object;
  }

  private static JsonObject logins(Map<String, Logins> logins) {
    JsonObject object = JsonObject.empty();
    for (Map.Entry<String, Logins> each : logins.entrySet()) {
      JsonObject counts =
          JsonObject.of("allowed", JsonNumber.of(each.getValue().allowed()))
              .with("declined", JsonNumber.of(each.getValue().declined()));
      object = object.with(each.getKey(), counts);
    }
    return object;
  }

  private static JsonObject numbers(Map<String, Long> counts) {
    JsonObject object = JsonObject.empty();
    for (Map.Entry<String, Long> each : counts.entrySet()) {
      object = object.with(each.getKey(), JsonNumber.of(each.getValue()));
    }
    return object;
  }
}
