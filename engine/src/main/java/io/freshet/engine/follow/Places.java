// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.follow;

import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
import io.freshet.protocol.Position;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.LogState;
import io.freshet.spi.Store;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Finds out whether a log can be gone on with from a place.
final class Places {
  private final Store store;

  Places(Store store) {
    this.store = store;
  }

  /// A place, and where its log stood when it was looked up.
  record Place(Position position, LogState log) {}

  /// May block.
  ///
  /// @throws FreshetException `SOURCE_GAP` or `CURSOR_EXPIRED`
  Place find(EventId after) {
    Position position = store.locate(after);
    if (position == null) {
      throw gap("No log here ever gave this id");
    }
    for (LogState log : store.logs()) {
      if (log.log().equals(position.log())) {
        if (log.epoch() != position.epoch()) {
          throw gap("The log has begun anew since");
        }
        if (position.offset() + 1 < log.oldest()) {
          throw expired();
        }
        return new Place(position, log);
      }
    }
    throw gap("The log of this id is gone");
  }

  /// The place before the oldest change held in a collection's log. May block.
  ///
  /// @param collection not null: all collections together have no one log
  Place oldest(@Nullable String collection) {
    LogId id = store.logOf(Objects.requireNonNull(collection));
    for (LogState log : store.logs()) {
      if (log.log().equals(id)) {
        return new Place(new Position(id, log.epoch(), log.oldest() - 1), log);
      }
    }
    throw gap("The log of this collection is gone");
  }

  private static FreshetException gap(String what) {
    return new FreshetException(
        ErrorCode.SOURCE_GAP, what + "; read the current state and begin anew");
  }

  static FreshetException expired() {
    return new FreshetException(
        ErrorCode.CURSOR_EXPIRED,
        "Changes after this place are no longer held; read the current state and begin anew");
  }
}
