// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

/// SQL's three truth values. A filter lets a row through only when it is `TRUE`.
public enum Ternary {
  FALSE,
  /// The comparison met a null, or a value that is not known.
  UNKNOWN,
  TRUE;

  public static Ternary of(boolean value) {
    return value ? TRUE : FALSE;
  }

  public Ternary not() {
    return switch (this) {
      case FALSE -> TRUE;
      case UNKNOWN -> UNKNOWN;
      case TRUE -> FALSE;
    };
  }

  public Ternary and(Ternary other) {
    return compareTo(other) < 0 ? this : other;
  }

  public Ternary or(Ternary other) {
    return compareTo(other) > 0 ? this : other;
  }
}
