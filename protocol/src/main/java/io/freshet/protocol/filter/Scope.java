// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;

/// Which transitions a subscription is sent (Sync contract 4.2).
public enum Scope {
  /// Whatever concerns a document that matches or has just ceased to.
  ALL,
  /// Only documents that enter.
  IN,
  /// Only documents that leave.
  OUT;

  /// @throws FreshetException `INVALID_ARGUMENT`
  public static Scope parse(String text) {
    return switch (text) {
      case "all" -> ALL;
      case "in" -> IN;
      case "out" -> OUT;
      default ->
          throw new FreshetException(
              ErrorCode.INVALID_ARGUMENT, "`scope` is one of \"all\", \"in\" and \"out\"");
    };
  }

  public boolean delivers(Transition transition) {
    return switch (transition) {
      case NEVER -> false;
      case ENTERED -> this != OUT;
      case STAYS -> this == ALL;
      case LEFT -> this != IN;
    };
  }
}
