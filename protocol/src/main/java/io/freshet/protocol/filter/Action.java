// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import io.freshet.protocol.Operation;
import org.jspecify.annotations.Nullable;

/// What a change stream calls an operation.
public enum Action {
  CREATE("create"),
  UPDATE("update"),
  DELETE("delete");

  private final String text;

  Action(String text) {
    this.text = text;
  }

  /// The action of an operation: restore is a create, expire a delete, and so is each row of a
  /// snapshot a create. Null for `OPEN`, which no stream shows.
  public static @Nullable Action of(Operation operation) {
    return switch (operation) {
      case OPEN -> null;
      case CREATE, RESTORE, SNAPSHOT -> CREATE;
      case REPLACE, MERGE, MUTATE -> UPDATE;
      case DELETE, EXPIRE -> DELETE;
    };
  }

  /// As it stands in events and filters.
  public String text() {
    return text;
  }
}
