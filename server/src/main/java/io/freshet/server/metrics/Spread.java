// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.metrics;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/// How a measured quantity is spread: a histogram with fixed buckets that double in width. Any
/// thread; never blocks; a few nanoseconds per value. Values are whole numbers of a small unit
/// (nanoseconds, items, bytes) and leave for the metrics page divided by `perUnit`.
public final class Spread {
  private final long firstBound;
  private final double perUnit;
  private final AtomicLongArray counts;
  private final LongAdder sum = new LongAdder();

  private Spread(long firstBound, int bounds, double perUnit) {
    this.firstBound = firstBound;
    this.perUnit = perUnit;
    this.counts = new AtomicLongArray(bounds + 1);
  }

  /// For durations given in nanoseconds and shown in seconds: 16 µs to about 8.6 s.
  static Spread ofNanos() {
    return new Spread(1 << 14, 20, 1e9);
  }

  /// For whole numbers shown as they are: 1 to 65 536.
  static Spread ofItems() {
    return new Spread(1, 17, 1);
  }

  /// Takes one value; negative ones count as zero.
  public void record(long value) {
    counts.incrementAndGet(bucketOf(value));
    sum.add(Math.max(0, value));
  }

  private int bucketOf(long value) {
    if (value <= firstBound) {
      return 0;
    }
    int doublings = Long.SIZE - Long.numberOfLeadingZeros((value - 1) / firstBound);
    return Math.min(doublings, counts.length() - 1);
  }

  int buckets() {
    return counts.length();
  }

  long count(int bucket) {
    return counts.get(bucket);
  }

  /// The largest value of a bucket, in the unit shown; infinite for the last.
  double bound(int bucket) {
    return bucket == counts.length() - 1
        ? Double.POSITIVE_INFINITY
        : (firstBound << bucket) / perUnit;
  }

  double sum() {
    return sum.sum() / perUnit;
  }
}
