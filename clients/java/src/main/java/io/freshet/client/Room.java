// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.concurrent.locks.Condition;
import java.util.function.IntSupplier;

/// Bounds how much may wait for an answer.
///
/// Threading: guarded by the hub's lock, which is given up while a thread waits.
final class Room {
  private final QueueLimits limits;
  private final Condition freed;

  Room(Hub hub, QueueLimits limits) {
    this.limits = limits;
    this.freed = hub.condition();
  }

  /// Waits for room, if that is the policy. Much may have happened meanwhile.
  ///
  /// @param waiting how much waits now
  /// @return whether there is room
  boolean await(IntSupplier waiting) {
    if (waiting.getAsInt() < limits.pendingMax()) {
      return true;
    } else if (limits.whenFull() == WhenFull.FAIL) {
      return false;
    }
    long max = limits.requestTimeout().toNanos();
    long left = max == 0 ? Long.MAX_VALUE : max;
    try {
      while (waiting.getAsInt() >= limits.pendingMax() && left > 0) {
        left = freed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return waiting.getAsInt() < limits.pendingMax();
  }

  FreshetClientException noRoom() {
    return FreshetClientException.of(
        503, "OVERLOADED", limits.pendingMax() + " operations wait for an answer already");
  }

  /// One thing waits no more.
  void free() {
    freed.signal();
  }

  /// Whoever waits for room sees what is so now.
  void wakeAll() {
    freed.signalAll();
  }
}
