// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import java.util.Arrays;

/// The transactions whose commit was read from the log and that a query might not see yet all the
/// same: their commit is written, and they wait for the disk or a standby before they count as
/// over. Bounded; what had to be forgotten counts as such a transaction until it is known to be
/// over.
///
/// Not for several threads.
final class RecentCommits {
  private static final int FIRST_SIZE = 1 << 10;

  private final int max;
  private int[] xids = new int[FIRST_SIZE];
  private long[] places = new long[FIRST_SIZE];
  private int size;
  private long count;

  /// Of all forgotten ones the highest number; it means something if there are any.
  private int forgotten;

  private boolean hasForgotten;

  /// @param max how many are remembered
  RecentCommits(int max) {
    this.max = Math.max(max, FIRST_SIZE);
  }

  void add(int xid) {
    if (size == max) {
      forgetHalf();
    }
    if (size == xids.length) {
      xids = Arrays.copyOf(xids, Math.min(max, 2 * size));
      places = Arrays.copyOf(places, xids.length);
    }
    xids[size] = xid;
    places[size++] = count++;
  }

  private void forgetHalf() {
    int half = size / 2;
    for (int i = 0; i < half; i++) {
      if (!hasForgotten || xids[i] - forgotten > 0) {
        forgotten = xids[i];
        hasForgotten = true;
      }
    }
    System.arraycopy(xids, half, xids, 0, size - half);
    System.arraycopy(places, half, places, 0, size - half);
    size -= half;
  }

  /// How many were ever added: the place of the next one.
  long count() {
    return count;
  }

  /// Whether it would do good to [#settle].
  boolean isHalfFull() {
    return size > max / 2 || hasForgotten;
  }

  /// Whether a query has not seen all that were added before a place.
  boolean areHidden(Visibility seen, long before) {
    for (int i = 0; i < size && places[i] < before; i++) {
      if (seen.hides(xids[i])) {
        return true;
      }
    }
    if (hasForgotten) {
      long last = seen.number(forgotten);
      return seen.running().stream().anyMatch(number -> number <= last);
    }
    return false;
  }

  /// Forgets those that are over: every later query sees what this one has seen.
  void settle(Visibility seen) {
    int kept = 0;
    for (int i = 0; i < size; i++) {
      if (seen.hides(xids[i])) {
        xids[kept] = xids[i];
        places[kept++] = places[i];
      }
    }
    size = kept;
    if (hasForgotten && seen.oldest() > seen.number(forgotten)) {
      hasForgotten = false;
    }
  }
}
