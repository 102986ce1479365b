// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

/// Places in a database's log as people write them: `0/16B3748`. They compare as unsigned numbers.
final class Lsn {
  private Lsn() {}

  static String text(long lsn) {
    return "%X/%X".formatted(lsn >>> 32, lsn & 0xFFFF_FFFFL);
  }

  /// @throws NumberFormatException if it is none
  static long parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      throw new NumberFormatException("Not a place in a log: " + text);
    }
    long high = Long.parseLong(text, 0, slash, 16);
    return high << 32 | Long.parseLong(text, slash + 1, text.length(), 16);
  }

  static boolean isBefore(long one, long other) {
    return Long.compareUnsigned(one, other) < 0;
  }
}
