// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.backends.rocksdb.Collections.Collection;
import io.freshet.protocol.Change;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.Operation;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// Reads changes back: a whole log along its batches, one collection along its own range. The state
/// before a change is the state after the document's previous one, found by its offset; where that
/// was dropped, among the bases.
///
/// **Threads.** Any; each read has a view of its own.
final class LogReader {
  private final Database database;
  private final Collections collections;

  LogReader(Database database, Collections collections) {
    this.database = database;
    this.collections = collections;
  }

  /// A change read back.
  ///
  /// @param sinceImage as in [StoredDocument]
  record Found(Change change, int sinceImage) {
    /// Whether it only says what stands there; the document was not written.
    boolean isTold() {
      return change.operation() == Operation.SNAPSHOT
          && change.before().revision() == change.revision();
    }

    StoredDocument document(LogTail tail) {
      return new StoredDocument(
          change.after(), tail.number(), change.position().offset(), sinceImage);
    }
  }

  /// At most `changesMax` changes in offset order; empty at the end of the log.
  ///
  /// @throws FreshetException `NOT_FOUND` when `from` is no longer held
  List<Found> read(LogTail tail, @Nullable String collection, long from, int changesMax) {
    long head = tail.head();
    try (var reading = new Reading(database, collections, tail)) {
      // The view exists: what is held now stays readable in it whatever is dropped meanwhile.
      if (from < tail.oldest()) {
        throw new FreshetException(
            ErrorCode.NOT_FOUND,
            "Change " + from + " is no longer held; the oldest is " + tail.oldest());
      }
      if (collection == null) {
        reading.collectAlongBatches(from, head, changesMax);
      } else {
        Collection known = collections.find(collection);
        if (known == null) {
          return List.of();
        }
        reading.collectAlongCollection(known, from, head, changesMax);
      }
      return reading.resolve();
    }
  }

  /// The document as the change at an offset left it.
  StoredDocument stateAfter(LogTail tail, Collection collection, DocumentKey key, long offset) {
    try (var reading = new Reading(database, collections, tail)) {
      return reading.stateAfter(collection, key, offset);
    }
  }

  /// A document's changes, oldest first, along the offsets of the previous one that each holds.
  /// Those have to be walked from the newest on; only the places of what is asked for are kept.
  ///
  /// @param last the document as it is
  /// @param logs by number
  /// @param after only revisions above this one
  List<Change> history(
      Collection collection, StoredDocument last, IntFunction<LogTail> logs, long after, int max) {
    try (var readings = new Readings(logs)) {
      Deque<Place> wanted = new ArrayDeque<>();
      var place = new Place(last.log(), last.offset());
      while (place.offset != 0) {
        Reading.Previous previous = readings.of(place.log).previous(collection, place.offset);
        if (previous == null || previous.revision() <= after) {
          break;
        }
        wanted.push(place);
        if (wanted.size() > max) {
          wanted.removeLast();
        }
        place = new Place(previous.log(), previous.offset());
      }
      var changes = new ArrayList<Change>(wanted.size());
      for (Place each : wanted) {
        Found found = readings.of(each.log).at(collection, each.offset);
        if (found != null) {
          changes.add(found.change());
        }
      }
      return changes;
    }
  }

  private record Place(int log, long offset) {}

  /// One reading per log, so that all of a call sees the same.
  private final class Readings implements AutoCloseable {
    private final IntFunction<LogTail> logs;
    private final Map<Integer, Reading> byLog = new HashMap<>();

    private Readings(IntFunction<LogTail> logs) {
      this.logs = logs;
    }

    private Reading of(int log) {
      return byLog.computeIfAbsent(
          log, number -> new Reading(database, collections, logs.apply(number)));
    }

    @Override
    public void close() {
      byLog.values().forEach(Reading::close);
    }
  }

  /// The changes at some places of a log, in that order.
  ///
  /// @return null when one of them is not held
  @Nullable List<Change> at(LogTail tail, List<Outcomes.Place> places) {
    try (var reading = new Reading(database, collections, tail)) {
      var changes = new ArrayList<Change>(places.size());
      for (Outcomes.Place place : places) {
        Found found = reading.at(collections.numbered(place.collection()), place.offset());
        if (found == null) {
          return null;
        }
        changes.add(found.change());
      }
      return changes;
    }
  }
}
