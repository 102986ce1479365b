// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

/// How long to wait before an attempt: doubling, bounded, and spread over its upper half, so that
/// many clients of one server do not all come back at once.
///
/// @param firstMs before the first attempt
/// @param maxMs what no wait exceeds
record Backoff(long firstMs, long maxMs) {
  private static final int DOUBLINGS_MAX = 30;

  /// @param failures how many attempts have failed already
  /// @param random from 0 to 1
  long waitMs(int failures, double random) {
    long full = Math.min(firstMs << Math.min(failures, DOUBLINGS_MAX), maxMs);
    return Math.round((full < 0 ? maxMs : full) * (0.5 + random / 2));
  }
}
