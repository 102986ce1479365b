// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.lease;

import io.freshet.engine.follow.Places;
import io.freshet.engine.ingest.Sources;
import io.freshet.engine.stream.SnapshotReading;
import io.freshet.engine.stream.Start;
import io.freshet.engine.stream.StreamTerms;
import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.Cursor;
import io.freshet.spi.CursorLease;
import io.freshet.spi.Cursors;
import io.freshet.spi.LogState;
import io.freshet.spi.Store;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Finds out where a stream begins, and keeps the place if it has a name. All of it may block.
///
/// Threading: any thread; what the engine alone knows is given along.
final class Beginnings {
  private final Store store;
  private final Sources sources;
  private final Places places;

  Beginnings(Store store, Sources sources) {
    this.store = store;
    this.sources = sources;
    this.places = new Places(store);
  }

  /// What was found.
  sealed interface Found {}

  /// The place is kept for another collection: is the session allowed to read that one, too?
  record Elsewhere(String collection) implements Found {}

  /// Where a stream begins.
  ///
  /// @param lease of the name's cursor; 0 for a stream without a name
  /// @param place as it is kept
  /// @param after as the client is told
  /// @param resumed whether the place was kept before
  /// @param snapshot whose rows it brings; null for none
  record Begun(
      long lease,
      LogId log,
      EventId place,
      @Nullable EventId after,
      boolean resumed,
      @Nullable SnapshotReading snapshot)
      implements Found {}

  /// A new name is given its place at once; of one that is lost nothing changes.
  ///
  /// @param heads the last change of each log that has been published
  /// @param allowed the collection, besides that of the stream, that the session may read; null for
  ///   none
  /// @throws FreshetException `CURSOR_EXPIRED` or `SOURCE_GAP`; or what is wrong with its terms
  Found begin(StreamTerms terms, Map<LogId, EventId> heads, @Nullable String allowed) {
    sources.requireStream(terms.collection(), terms.deleteFields());
    SnapshotReading snapshot = reading(terms);
    LogId log = store.logOf(terms.collection());
    String name = terms.name();
    if (name == null) {
      EventId place = start(log, terms.start(), heads);
      return new Begun(0, log, place, told(terms.start(), place), false, null);
    }
    Cursors cursors = store.cursors();
    Cursor known = cursors.find(name);
    if (known != null
        && !known.collection().equals(terms.collection())
        && !known.collection().equals(allowed)) {
      return new Elsewhere(known.collection());
    }
    EventId before = known == null ? null : known.place();
    EventId place =
        before == null ? start(log, terms.start(), heads) : requireGoingOn(name, log, before);
    CursorLease lease = cursors.lease(name, terms.collection());
    EventId kept = lease.cursor().place();
    if (kept == null) {
      begin(terms, snapshot);
      // On disk before the client is told: a name that lost its first place in a crash would begin
      // anew without a word. Moving it would be kept only later.
      cursors.reset(name, place);
      long token = cursors.lease(name, terms.collection()).token();
      return new Begun(token, log, place, told(terms.start(), place), false, snapshot);
    }
    if (!kept.equals(before)) {
      requireGoingOn(name, log, kept);
    }
    return new Begun(lease.token(), log, kept, kept, true, snapshot);
  }

  /// A snapshot goes on with the place of its name, whoever holds it.
  private @Nullable SnapshotReading reading(StreamTerms terms) {
    if (!terms.snapshot()) {
      return null;
    }
    String name = terms.name();
    if (name == null) {
      throw new FreshetException(
          ErrorCode.INVALID_ARGUMENT,
          "Only a stream with a name begins with a snapshot: it goes on where it was");
    }
    return sources.reading(terms.collection(), name);
  }

  /// Behind the place, and before it is kept: a place whose snapshot never began would miss rows.
  private void begin(StreamTerms terms, @Nullable SnapshotReading snapshot) {
    if (snapshot != null && terms.start() instanceof Start.Latest) {
      sources.snapshot(terms.collection(), snapshot.run());
    }
  }

  /// With the oldest one means also those that are dropped until it is read.
  private static @Nullable EventId told(Start start, EventId place) {
    return start instanceof Start.Earliest ? null : place;
  }

  private EventId requireGoingOn(String name, LogId log, EventId kept) {
    try {
      requireIn(log, places.find(kept).position().log());
      return kept;
    } catch (FreshetException e) {
      throw new FreshetException(
          e.code(), e.getMessage() + ": reset or delete the stream " + name + " to do so");
    }
  }

  private static void requireIn(LogId log, LogId found) {
    if (!found.equals(log)) {
      throw new FreshetException(
          ErrorCode.SOURCE_GAP,
          "This place is in the log "
              + found
              + ", but the collection's changes are in "
              + log
              + "; read the current state and begin anew");
    }
  }

  /// The place of a start in the log.
  EventId start(LogId log, Start start, Map<LogId, EventId> heads) {
    return switch (start) {
      case Start.Latest _ -> Objects.requireNonNullElseGet(heads.get(log), () -> head(log));
      case Start.Earliest _ -> places.oldest(log).id();
      case Start.After(EventId id) -> {
        requireIn(log, places.find(id).position().log());
        yield id;
      }
    };
  }

  private EventId head(LogId id) {
    return store.logs().stream()
        .filter(log -> log.log().equals(id))
        .map(LogState::headId)
        .findFirst()
        .orElseThrow();
  }
}
