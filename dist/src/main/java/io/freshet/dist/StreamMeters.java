// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.server.metrics.Metrics;
import io.freshet.server.metrics.Tally;
import io.freshet.server.stream.StreamMeter;
import java.util.concurrent.atomic.AtomicLong;

/// The change streams of one door, in numbers.
final class StreamMeters implements StreamMeter {
  private final AtomicLong open = new AtomicLong();
  private final AtomicLong lag = new AtomicLong();
  private final Tally captured;
  private final Tally delivered;
  private final Tally redelivered;
  private final Tally dropped;

  StreamMeters(Metrics metrics, String door) {
    metrics.gauge("freshet.streams", "Change streams that are open", open::get, "door", door);
    metrics.gauge(
        "freshet.stream.lag.changes",
        "Changes that the stream furthest behind has not looked at",
        lag::get,
        "door",
        door);
    captured =
        metrics.counter(
            "freshet.stream.captured", "Changes looked at, once for each stream", "door", door);
    delivered = metrics.counter("freshet.stream.delivered", "Events sent to streams", "door", door);
    redelivered =
        metrics.counter(
            "freshet.stream.redelivered",
            "Events sent again because they were not acknowledged",
            "door",
            door);
    dropped =
        metrics.counter(
            "freshet.stream.dropped",
            "Events that live subscriptions were not sent because they read too slowly",
            "door",
            door);
  }

  @Override
  public void open(int change) {
    open.addAndGet(change);
  }

  @Override
  public void counted(long more, long sent, long again, long lost) {
    captured.add(more);
    delivered.add(sent);
    redelivered.add(again);
    dropped.add(lost);
  }

  /// Of the loop that told last.
  @Override
  public void lag(long events, long ms) {
    lag.set(events);
  }
}
