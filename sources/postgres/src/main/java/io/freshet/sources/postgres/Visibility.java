// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/// Which transactions a query has seen, as `pg_current_snapshot()` says.
///
/// @param oldest all before it were over
/// @param next none from it on had begun
/// @param running those in between that were not over
record Visibility(long oldest, long next, Set<Long> running) {
  private static final long NUMBERS = 1L << 32;

  static Visibility parse(String text) {
    String[] parts = text.split(":", -1);
    Set<Long> running =
        parts[2].isEmpty()
            ? Set.of()
            : Arrays.stream(parts[2].split(",", -1))
                .map(Long::valueOf)
                .collect(Collectors.toUnmodifiableSet());
    return new Visibility(Long.parseLong(parts[0]), Long.parseLong(parts[1]), running);
  }

  /// Whether what this transaction did was not visible.
  ///
  /// @param xid as the log has it, without the number's upper half
  boolean hides(int xid) {
    long number = number(xid);
    return number >= next || running.contains(number);
  }

  /// The whole number: of those that end like this, the one closest to now.
  long number(int xid) {
    long number = next - next % NUMBERS + Integer.toUnsignedLong(xid);
    if (number - next > NUMBERS / 2) {
      return number - NUMBERS;
    }
    return next - number > NUMBERS / 2 ? number + NUMBERS : number;
  }
}
