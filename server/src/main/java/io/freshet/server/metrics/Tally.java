// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.metrics;

import java.util.concurrent.atomic.LongAdder;

/// A number that is added to: a counter, or with negative amounts a level. Any thread; never
/// blocks.
public final class Tally {
  private final LongAdder sum = new LongAdder();

  public void add(long amount) {
    sum.add(amount);
  }

  public void increment() {
    sum.increment();
  }

  public void decrement() {
    sum.decrement();
  }

  /// The sum so far; additions under way may be missing.
  public long value() {
    return sum.sum();
  }
}
