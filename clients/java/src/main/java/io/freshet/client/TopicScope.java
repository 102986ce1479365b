// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

/// Which changes of documents that have to do with a filter.
public enum TopicScope {
  /// Every change of one that matches, and its ceasing to.
  ALL("all"),
  /// Only when it begins to match.
  IN("in"),
  /// Only when it ceases to, deletion included.
  OUT("out");

  private final String spelling;

  TopicScope(String spelling) {
    this.spelling = spelling;
  }

  String spelling() {
    return spelling;
  }
}
