// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.follow;

import io.freshet.protocol.Change;
import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
import io.freshet.protocol.Position;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.LogState;
import io.freshet.spi.Store;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Finds out whether a log can be gone on with from a place. All of it may block.
public final class Places {
  private static final int ATTEMPTS_MAX = 10;

  private final Store store;

  public Places(Store store) {
    this.store = store;
  }

  /// A place, and where its log stood when it was looked up.
  ///
  /// @param id of the change there; where none is held, one that stands for the place
  public record Place(EventId id, Position position, LogState log) {}

  /// @throws FreshetException `SOURCE_GAP` or `CURSOR_EXPIRED`
  public Place find(EventId after) {
    Position position = store.locate(after);
    if (position == null) {
      throw gap("No log here ever gave this id");
    }
    LogState log = stateOf(position.log());
    if (log.epoch() != position.epoch()) {
      throw gap("The log has begun anew since" + lost(after, log));
    }
    if (position.offset() + 1 < log.oldest()) {
      long count = log.oldest() - 1 - position.offset();
      throw expired(lost(after, log) + ", " + count + " changes of its log");
    }
    return new Place(after, position, log);
  }

  private LogState stateOf(LogId id) {
    for (LogState log : store.logs()) {
      if (log.log().equals(id)) {
        return log;
      }
    }
    throw gap("The log of this place is gone");
  }

  private String lost(EventId after, LogState log) {
    return "; lost is what came behind " + after + " up to " + oldest(log.log()).id();
  }

  /// The place before the oldest change held of the log's present epoch: nobody can go on from an
  /// earlier one.
  public Place oldest(LogId id) {
    for (int attempt = 1; ; attempt++) {
      LogState log = stateOf(id);
      try {
        return oldest(log);
      } catch (FreshetException e) {
        if (e.code() != ErrorCode.NOT_FOUND || attempt == ATTEMPTS_MAX) {
          throw e;
        }
      }
    }
  }

  /// @throws FreshetException `NOT_FOUND` when the oldest changes are dropped meanwhile
  private Place oldest(LogState log) {
    Change first = log.oldest() > log.head() ? null : first(log);
    EventId head = log.headId();
    EventId before =
        first == null
            ? head
            : EventId.of(first.id().timeMs(), head.tag(), first.position().offset() - 1);
    return new Place(before, new Position(log.log(), log.epoch(), before.offset()), log);
  }

  /// The first one of the epoch; null while there is none. Epochs ascend with the offsets.
  private @Nullable Change first(LogState log) {
    long below = log.oldest();
    Change first = at(log, below);
    if (first.position().epoch() == log.epoch()) {
      return first;
    }
    Change last = at(log, log.head());
    if (last.position().epoch() != log.epoch()) {
      return null;
    }
    for (long above = log.head(); above - below > 1; ) {
      long middle = below + (above - below) / 2;
      Change there = at(log, middle);
      if (there.position().epoch() == log.epoch()) {
        above = middle;
        last = there;
      } else {
        below = middle;
      }
    }
    return last;
  }

  private Change at(LogState log, long offset) {
    List<Change> found = store.read(log.log(), null, offset, 1);
    if (found.isEmpty()) {
      throw new IllegalStateException("no change " + offset + " in " + log);
    }
    return found.getFirst();
  }

  /// The place before the oldest change held in a collection's log, as [#oldest(LogId)].
  ///
  /// @param collection not null: all collections together have no one log
  Place oldest(@Nullable String collection) {
    return oldest(store.logOf(Objects.requireNonNull(collection)));
  }

  private static FreshetException gap(String what) {
    return new FreshetException(
        ErrorCode.SOURCE_GAP, what + "; read the current state and begin anew");
  }

  static FreshetException expired() {
    return expired("");
  }

  private static FreshetException expired(String lost) {
    return new FreshetException(
        ErrorCode.CURSOR_EXPIRED,
        "Changes after this place are no longer held"
            + lost
            + "; read the current state and begin anew");
  }
}
