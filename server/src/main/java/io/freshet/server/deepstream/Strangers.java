// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import java.util.concurrent.atomic.AtomicInteger;

/// Counts the door's connections that have not logged in, against their bound. Any thread.
final class Strangers {
  private final int max;
  private final AtomicInteger count = new AtomicInteger();

  Strangers(int max) {
    this.max = max;
  }

  /// Whether one more may stay; if so it is counted until [#leave].
  boolean enter() {
    if (count.incrementAndGet() <= max) {
      return true;
    }
    leave();
    return false;
  }

  void leave() {
    count.decrementAndGet();
  }
}
