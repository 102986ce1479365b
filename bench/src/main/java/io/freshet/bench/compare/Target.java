// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.compare;

import java.util.Locale;

/// What a figure of ours has to reach, by itself or against the peer measured in the same run.
sealed interface Target {
  /// Nothing is promised; the figure is reported.
  record None() implements Target {}

  record AtMost(double limit) implements Target {}

  record AtLeast(double limit) implements Target {}

  record TimesPeerAtLeast(double factor) implements Target {}

  record TimesPeerAtMost(double factor) implements Target {}

  /// "reached" or "missed", "-" where nothing can be said. NaN stands for "not measured".
  default String verdict(double ours, double peers) {
    return switch (this) {
      case None() -> "-";
      case AtMost(double limit) -> word(ours, ours <= limit);
      case AtLeast(double limit) -> word(ours, ours >= limit);
      case TimesPeerAtLeast(double factor) -> word(ours + peers, ours >= factor * peers);
      case TimesPeerAtMost(double factor) -> word(ours + peers, ours <= factor * peers);
    };
  }

  default String text() {
    return switch (this) {
      case None() -> "";
      case AtMost(double limit) -> "≤ " + plain(limit);
      case AtLeast(double limit) -> "≥ " + plain(limit);
      case TimesPeerAtLeast(double factor) -> "≥ " + plain(factor) + " × peer";
      case TimesPeerAtMost(double factor) -> "≤ " + plain(factor) + " × peer";
    };
  }

  private static String word(double measured, boolean reached) {
    return Double.isNaN(measured) ? "-" : reached ? "reached" : "**missed**";
  }

  private static String plain(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.format(Locale.ROOT, "%.1f", value);
  }
}
