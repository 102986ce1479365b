// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

/// What the events of a topic carry.
public enum ReturnMode {
  /// The document as it is now.
  FULL("full"),
  /// What differs from before.
  DIFF("diff"),
  /// Both of them.
  BOTH("both");

  private final String spelling;

  ReturnMode(String spelling) {
    this.spelling = spelling;
  }

  String spelling() {
    return spelling;
  }
}
