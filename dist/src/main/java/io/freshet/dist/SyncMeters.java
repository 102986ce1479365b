// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.server.metrics.Metrics;
import io.freshet.server.metrics.Tally;
import io.freshet.server.sync.SyncMeter;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/// Shows what the documents' sockets tell.
final class SyncMeters implements SyncMeter {
  private final Map<ErrorCode, Tally> refusals = new EnumMap<>(ErrorCode.class);
  private final Map<Ended, Tally> ends = new EnumMap<>(Ended.class);
  private final Tally subscriptions;
  private final Tally skipped;
  private final Tally backlog;

  SyncMeters(Metrics metrics, String door) {
    for (ErrorCode code : ErrorCode.values()) {
      refusals.put(code, refusal(metrics, door, code.name()));
    }
    for (Ended why : Ended.values()) {
      ends.put(why, refusal(metrics, door, why.name()));
    }
    subscriptions = metrics.level("freshet.subscriptions", "Open subscriptions", "door", door);
    skipped =
        metrics.counter(
            "freshet.events.skipped",
            "Events not sent to slow subscribers, who got a newer state",
            "door",
            door);
    backlog = new Tally();
    metrics.gauge(
        "freshet.queue.depth", "Entries waiting in a queue", backlog::value, "queue", "sync-loops");
  }

  private static Tally refusal(Metrics metrics, String door, String reason) {
    return metrics.counter(
        "freshet.messages.refused",
        "Messages refused",
        "door",
        door,
        "reason",
        reason.toLowerCase(Locale.ROOT));
  }

  @Override
  public void refused(ErrorCode code) {
    increment(refusals.get(code));
  }

  @Override
  public void ended(Ended why) {
    increment(ends.get(why));
  }

  private static void increment(Tally tally) {
    if (tally != null) {
      tally.increment();
    }
  }

  @Override
  public void subscriptions(long change) {
    subscriptions.add(change);
  }

  @Override
  public void skipped(long events) {
    skipped.add(events);
  }

  @Override
  public void backlog(long change) {
    backlog.add(change);
  }
}
