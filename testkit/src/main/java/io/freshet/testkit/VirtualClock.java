// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// A clock that moves only when told, backwards too. Safe for use by many threads.
public final class VirtualClock implements InstantSource {
  private volatile Instant now;

  public VirtualClock(Instant start) {
    this.now = start;
  }

  /// A clock at a fixed moment of 2026.
  public static VirtualClock atNoon() {
    return new VirtualClock(Instant.parse("2026-06-01T12:00:00Z"));
  }

  @Override
  public Instant instant() {
    return now;
  }

  public void set(Instant instant) {
    now = instant;
  }

  /// @param step may be negative
  public synchronized void advance(Duration step) {
    now = now.plus(step);
  }
}
