// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.server.metrics.Metrics;
import io.freshet.server.metrics.Tally;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// What is counted at every socket door.
final class DoorTallies {
  private final Metrics metrics;
  private final String door;
  private final Map<Enum<?>, Tally> refusals = new ConcurrentHashMap<>();
  private final Tally subscriptions;
  private final Tally backlog = new Tally();

  /// @param door its path
  /// @param queue the name of its queues
  DoorTallies(Metrics metrics, String door, String queue) {
    this.metrics = metrics;
    this.door = door;
    this.subscriptions = metrics.level("freshet.subscriptions", "Open subscriptions", "door", door);
    metrics.gauge(
        "freshet.queue.depth", "Entries waiting in a queue", backlog::value, "queue", queue);
  }

  /// Counts these reasons from the start, so that a page shows them before they occur.
  DoorTallies counting(Enum<?>... reasons) {
    for (Enum<?> reason : reasons) {
      refusals.put(
          reason,
          metrics.counter(
              "freshet.messages.refused",
              "Messages refused",
              "door",
              door,
              "reason",
              reason.name().toLowerCase(Locale.ROOT)));
    }
    return this;
  }

  void refused(Enum<?> reason) {
    Tally tally = refusals.get(reason);
    if (tally != null) {
      tally.increment();
    }
  }

  Tally subscriptions() {
    return subscriptions;
  }

  Tally backlog() {
    return backlog;
  }
}
