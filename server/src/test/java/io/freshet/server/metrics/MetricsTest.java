// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private final Metrics metrics = new Metrics();

  @Test
  void showsCountersAndLevelsAndQueues() {
    Tally counter = metrics.counter("freshet.things", "Things", "kind", "a");
    var depth = new AtomicLong(3);
    Tally refused = metrics.queue("commands", depth::get);
    counter.add(5);
    refused.increment();
    assertShown("freshet_things_total{kind=\"a\"} 5.0");
    assertShown("freshet_queue_depth{queue=\"commands\"} 3.0");
    assertShown("freshet_queue_refused_total{queue=\"commands\"} 1.0");
    var turnedAway = new AtomicLong(7);
    metrics.queue("logins", () -> 2, turnedAway::get);
    assertShown("freshet_queue_depth{queue=\"logins\"} 2.0");
    assertShown("freshet_queue_refused_total{queue=\"logins\"} 7.0");
    depth.set(0);
    turnedAway.set(8);
    counter.increment();
    metrics.level("freshet.late", "Registered after a scrape").decrement();
    assertShown("freshet_things_total{kind=\"a\"} 6.0");
    assertShown("freshet_queue_depth{queue=\"commands\"} 0.0");
    assertShown("freshet_queue_refused_total{queue=\"logins\"} 8.0");
    assertShown("freshet_late -1.0");
  }

  @Test
  void showsCommitsAsHistograms() {
    CommitMeters commits = metrics.commits();
    commits.committed(3, 1000, 1_000_000);
    commits.committed(200_000, 1, 60_000_000_000L);
    commits.synced(20_000);
    assertShown("freshet_commit_seconds_bucket{le=\"5.24288E-4\"} 0");
    assertShown("freshet_commit_seconds_bucket{le=\"0.001048576\"} 1");
    assertShown("freshet_commit_seconds_bucket{le=\"+Inf\"} 2");
    assertShown("freshet_commit_seconds_sum 60.001");
    assertShown("freshet_commit_batch_writes_bucket{le=\"2.0\"} 0");
    assertShown("freshet_commit_batch_writes_bucket{le=\"4.0\"} 1");
    assertShown("freshet_commit_batch_writes_count 2");
    assertShown("freshet_commit_log_bytes_total 1001.0");
    assertShown("freshet_fsync_seconds_bucket{le=\"3.2768E-5\"} 1");
  }

  @Test
  void putsEveryValueIntoTheBucketThatBoundsIt() {
    for (long value : new long[] {-1, 0, 1, 2, 3, 4, 5, 8, 9, 65_536, 65_537, Long.MAX_VALUE}) {
      var spread = Spread.ofItems();
      spread.record(value);
      int bucket = 0;
      while (spread.count(bucket) == 0) {
        bucket++;
      }
      assertTrue(value <= spread.bound(bucket), () -> value + " is above its bucket");
      assertTrue(bucket == 0 || value > spread.bound(bucket - 1), () -> value + " is too high up");
    }
  }

  @Test
  void refusesTheSameSeriesTwice() {
    metrics.counter("freshet.things", "Things", "kind", "a");
    assertThrows(
        IllegalArgumentException.class,
        () -> metrics.counter("freshet.things", "Things", "kind", "a"));
    assertEquals(0, metrics.counter("freshet.things", "Things", "kind", "b").value());
  }

  private void assertShown(String line) {
    String page = metrics.scrape();
    assertTrue(page.lines().anyMatch(line::equals), () -> line + " is not in\n" + page);
  }
}
