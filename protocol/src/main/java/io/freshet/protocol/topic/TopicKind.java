// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.topic;

import io.freshet.protocol.Operation;

/// The last segment of a topic.
public enum TopicKind {
  /// Every change.
  UPDATED("updated"),
  /// The first write of each life.
  CREATED("created"),
  /// Deletes, by somebody or by age.
  DELETED("deleted");

  private final String text;

  TopicKind(String text) {
    this.text = text;
  }

  public String text() {
    return text;
  }

  /// Whether a change by that operation is published under this kind. `OPEN` is not published.
  public boolean carries(Operation operation) {
    return switch (operation) {
      case OPEN -> false;
      case CREATE -> this != DELETED;
      case DELETE, EXPIRE -> this != CREATED;
      case REPLACE, MERGE, MUTATE, RESTORE -> this == UPDATED;
      case SNAPSHOT -> true;
    };
  }
}
