// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

/// How two values, neither of them null, may stand to each other.
enum Relation {
  EQUALS("="),
  LT("<"),
  LTE("<="),
  GT(">"),
  GTE(">="),
  CONTAINS("contains"),
  STARTS_WITH("startsWith"),
  ENDS_WITH("endsWith");

  private final String sign;

  Relation(String sign) {
    this.sign = sign;
  }

  String sign() {
    return sign;
  }

  /// Whether this asks about the order of values.
  boolean isOrder() {
    return this == LT || this == LTE || this == GT || this == GTE;
  }

  /// The relation that holds exactly where this one does not; only orders have one.
  Relation opposite() {
    return switch (this) {
      case LT -> GTE;
      case LTE -> GT;
      case GT -> LTE;
      case GTE -> LT;
      case EQUALS, CONTAINS, STARTS_WITH, ENDS_WITH ->
          throw new IllegalStateException(this + " is no order");
    };
  }

  /// Unknown when the values are of kinds that have no such relation.
  Ternary between(Object left, Object right) {
    return switch (this) {
      case EQUALS -> Ternary.of(left.equals(right));
      case LT, LTE, GT, GTE -> ordered(Values.compare(left, right));
      case CONTAINS, STARTS_WITH, ENDS_WITH ->
          left instanceof String text && right instanceof String part
              ? Ternary.of(holds(text, part))
              : Ternary.UNKNOWN;
    };
  }

  private Ternary ordered(int comparison) {
    if (comparison == Values.INCOMPARABLE) {
      return Ternary.UNKNOWN;
    }
    return Ternary.of(
        switch (this) {
          case LT -> comparison < 0;
          case LTE -> comparison <= 0;
          case GT -> comparison > 0;
          case GTE -> comparison >= 0;
          case EQUALS, CONTAINS, STARTS_WITH, ENDS_WITH -> false;
        });
  }

  private boolean holds(String text, String part) {
    return switch (this) {
      case CONTAINS -> Texts.contains(text, part);
      case STARTS_WITH -> text.startsWith(part);
      case ENDS_WITH -> text.endsWith(part);
      case EQUALS, LT, LTE, GT, GTE -> false;
    };
  }
}
