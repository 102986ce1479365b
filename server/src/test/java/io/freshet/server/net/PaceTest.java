// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.server.session.Networks;
import io.freshet.server.session.TrustedProxies;
import java.util.List;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final long SECOND = 1_000_000_000;

  private long now = Long.MAX_VALUE - SECOND; // where nanoTime may well turn over

  private Pace pace(int messages, int bytes, int faults) {
    return new Pace(
        new PeerLimits(0, Networks.NONE, new TrustedProxies(List.of()), messages, bytes, faults),
        now);
  }

  @Test
  void letsASecondsWorthPassAtOnceAndThenAsManyAsTheTimeAllows() {
    Pace pace = pace(100, 0, 0);
    int passed = 0;
    for (long ms = 0; ms < 10_000; ms++) {
      while (pace.waitNanos(now) == 0) {
        pace.message(now);
        passed++;
      }
      now += SECOND / 1000;
    }
    assertEquals(1100, passed, 1);
  }

  @Test
  void holdsNobodyForLongerThanFiveSecondsForWhatCameAtOnce() {
    Pace pace = pace(0, 1000, 0);
    pace.bytes(1_000_000, now);
    long wait = pace.waitNanos(now);
    assertTrue(wait > 4 * SECOND && wait <= 6 * SECOND, () -> "waits " + wait);
    now += wait;
    assertEquals(0, pace.waitNanos(now));
  }

  @Test
  void forgivesTenSecondsWorthOfFaults() {
    Pace pace = pace(0, 0, 20);
    for (int i = 0; i < 199; i++) {
      pace.fault(now);
    }
    assertEquals(0, pace.waitNanos(now));
    pace.fault(now);
    assertTrue(pace.waitNanos(now) > 0);
  }

  @Test
  void countsNothingThatHasNoLimit() {
    Pace pace = pace(0, 0, 0);
    for (int i = 0; i < 100_000; i++) {
      pace.message(now);
      pace.bytes(1000, now);
      pace.fault(now);
    }
    assertEquals(0, pace.waitNanos(now));
  }
}
