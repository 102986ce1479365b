// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.util.function.LongConsumer;

/// Sends at a fixed rate, whatever is outstanding: who is slow does not get fewer requests.
final class Schedule {
  private static final int WARMUP_SENT = 20;

  private final long intervalNanos;

  /// @param rate per second; 0 for no schedule
  Schedule(int rate) {
    intervalNanos = rate == 0 ? 0 : 1_000_000_000L / rate;
  }

  boolean isKept() {
    return intervalNanos > 0;
  }

  /// Until the meter has enough.
  ///
  /// @param send is told the instant that was scheduled, from which latency counts
  void run(Sockets loop, Meter meter, LongConsumer send) {
    long due = System.nanoTime();
    long sent = 0;
    while (!meter.done()) {
      if (System.nanoTime() >= due) {
        send.accept(due);
        due += intervalNanos;
        if (++sent == WARMUP_SENT) {
          meter.measure();
        }
      }
      loop.pass(Math.clamp((due - System.nanoTime()) / 1_000_000, 0, 100));
      if (sent >= WARMUP_SENT) {
        meter.tick();
      }
    }
  }
}
