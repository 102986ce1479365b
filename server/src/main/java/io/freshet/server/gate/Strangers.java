// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.gate;

import java.util.concurrent.atomic.AtomicInteger;

/// Counts a door's connections that have not logged in, against their bound. Any thread.
public final class Strangers {
  private final int max;
  private final AtomicInteger count = new AtomicInteger();

  public Strangers(int max) {
    this.max = max;
  }

  /// Whether one more may stay; if so it is counted until [#leave].
  public boolean enter() {
    if (count.incrementAndGet() <= max) {
      return true;
    }
    leave();
    return false;
  }

  public void leave() {
    count.decrementAndGet();
  }
}
