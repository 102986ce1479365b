// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import io.freshet.protocol.Change;
import io.freshet.protocol.Operation;

/// What a change means to somebody who watches the documents that match a filter.
public enum Transition {
  /// The document did not match, or was not there, and now matches.
  ENTERED,
  /// It matched and matches still.
  STAYS,
  /// It matched, and now does not or is gone.
  LEFT,
  /// It neither matched nor matches.
  NEVER;

  /// Both states are tested under the operation that was done now, so that a filter on `operation`
  /// chooses changes and never makes a document enter or leave by itself.
  public static Transition of(Filter filter, Change change) {
    if (isNone(change)) {
      return NEVER;
    }
    return of(
        change.before().isLive() && filter.matches(Row.before(change)),
        change.after().isLive() && filter.matches(Row.after(change)));
  }

  /// Whether it changes nothing: somebody has opened the document, or it was read.
  static boolean isNone(Change change) {
    return change.operation() == Operation.OPEN || change.operation() == Operation.SNAPSHOT;
  }

  static Transition of(boolean matched, boolean matches) {
    if (matches) {
      return matched ? STAYS : ENTERED;
    }
    return matched ? LEFT : NEVER;
  }
}
