// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.server.metrics.Metrics;
import io.freshet.server.metrics.Tally;
import io.freshet.server.sync.SyncMeter;

/// Shows what the documents' sockets tell.
final class SyncMeters implements SyncMeter {
  private final DoorTallies tallies;
  private final Tally skipped;

  SyncMeters(Metrics metrics, String door) {
    tallies =
        new DoorTallies(metrics, door, "sync-loops")
            .counting(ErrorCode.values())
            .counting(Ended.values());
    skipped =
        metrics.counter(
            "freshet.events.skipped",
            "Events not sent to slow subscribers, who got a newer state",
            "door",
            door);
  }

  @Override
  public void refused(ErrorCode code) {
    tallies.refused(code);
  }

  @Override
  public void ended(Ended why) {
    tallies.refused(why);
  }

  @Override
  public void skipped(long events) {
    skipped.add(events);
  }

  @Override
  public void subscriptions(long change) {
    tallies.subscriptions().add(change);
  }

  @Override
  public void backlog(long change) {
    tallies.backlog().add(change);
  }
}
