// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import java.util.Locale;

/// What of a change a subscriber is sent.
enum ReturnMode {
  /// The document as it is now.
  FULL,
  /// What differs from before.
  DIFF,
  BOTH;

  String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  static ReturnMode parse(String text) {
    return switch (text) {
      case "full" -> FULL;
      case "diff" -> DIFF;
      case "both" -> BOTH;
      default ->
          throw Arguments.invalid("\"returnMode\" is one of \"full\", \"diff\" and \"both\"");
    };
  }
}
