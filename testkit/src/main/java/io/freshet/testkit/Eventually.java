// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Waiting for a condition, with a deadline so far away that only a real failure meets it.
public final class Eventually {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final long PAUSE_NANOS = 1_000_000;

  private Eventually() {}

  /// Returns once the condition holds; fails the test after 30 s.
  public static void holds(BooleanSupplier condition) {
    holds(condition, DEADLINE);
  }

  public static void holds(BooleanSupplier condition, Duration deadline) {
    long end = System.nanoTime() + deadline.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("The condition did not hold within " + deadline);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
