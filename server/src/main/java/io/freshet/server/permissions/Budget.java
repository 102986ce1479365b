// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

/// What one evaluation of a rule may cost, in units of some nanoseconds. One thread.
final class Budget {
  /// Some milliseconds.
  static final long UNITS_MAX = 2_000_000;

  /// Characters that are gone through in the time of one unit.
  private static final int CHARACTERS_PER_UNIT = 8;

  private long left = UNITS_MAX;

  /// The rule is too expensive.
  static final class UsedUp extends RuntimeException {
    private static final long serialVersionUID = 1;

    UsedUp() {
      super("it takes too long, or makes too much text", null, false, false);
    }
  }

  /// For the next evaluation.
  void reset() {
    left = UNITS_MAX;
  }

  /// @throws UsedUp when there is nothing left
  void spend(long units) {
    left -= units;
    if (left < 0) {
      throw new UsedUp();
    }
  }

  /// Text is made: it takes memory.
  void make(long characters) {
    spend(characters);
  }

  /// Text is gone through.
  void search(long characters) {
    spend(1 + characters / CHARACTERS_PER_UNIT);
  }
}
