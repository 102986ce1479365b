// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.server.deepstream.DeepstreamMeter;
import io.freshet.server.metrics.Metrics;
import io.freshet.server.metrics.Tally;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/// Shows what the deepstream door tells.
final class DeepstreamMeters implements DeepstreamMeter {
  private final Map<Refusal, Tally> refusals = new EnumMap<>(Refusal.class);
  private final Tally subscriptions;
  private final Tally backlog;

  DeepstreamMeters(Metrics metrics, String door) {
    for (Refusal kind : Refusal.values()) {
      String reason = kind.name().toLowerCase(Locale.ROOT);
      refusals.put(
          kind,
          metrics.counter(
              "freshet.messages.refused", "Messages refused", "door", door, "reason", reason));
    }
    subscriptions = metrics.level("freshet.subscriptions", "Open subscriptions", "door", door);
    backlog = new Tally();
    metrics.gauge(
        "freshet.queue.depth",
        "Entries waiting in a queue",
        backlog::value,
        "queue",
        "deepstream-loops");
  }

  @Override
  public void refused(Refusal kind) {
    Tally tally = refusals.get(kind);
    if (tally != null) {
      tally.increment();
    }
  }

  @Override
  public void subscriptions(long change) {
    subscriptions.add(change);
  }

  @Override
  public void backlog(long change) {
    backlog.add(change);
  }
}
