// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.Change;
import io.freshet.spi.RequestKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/// What became of requests: which changes a commit made for them. Written by the commit itself, so
/// that an outcome is there exactly when its changes are.
///
/// **Forgetting.** The key begins with the ten minutes in which the request was made: what is over
/// goes in one piece, and a request is looked for in two places. Time is that of the logs, which
/// never goes back.
///
/// **Changes are not kept twice.** [Retention] spares the changes of remembered requests; if the
/// disk leaves it no choice, the outcome remains as one that cannot be told.
///
/// **Threads.** Any; forgets in the maintenance.
final class Outcomes {
  static final long REMEMBERED_MS = 600_000;
  private static final int FORMAT = 1;
  private static final int DIGEST_BYTES = 16;

  private final Database database;
  private final LogReader reader;
  private final Collection<LogTail> tails;
  private final InstantSource clock;
  private long forgottenBefore;

  Outcomes(Database database, LogReader reader, Collection<LogTail> tails, InstantSource clock) {
    this.database = database;
    this.reader = reader;
    this.tails = tails;
    this.clock = clock;
  }

  /// Where a change stands in a log.
  ///
  /// @param collection its number
  record Place(int collection, long offset) {}

  /// @param timeMs when they were made
  private record Row(long timeMs, List<Place> places) {
    static Row decode(byte[] value) {
      var in = new ByteReader(value);
      if (in.u8() != FORMAT) {
        throw Refusals.malformed("what became of a request has an unknown format");
      }
      long timeMs = in.varint();
      var places = new ArrayList<Place>();
      while (in.remaining() > 0) {
        places.add(new Place((int) in.varint(), in.varint()));
      }
      return new Row(timeMs, places);
    }
  }

  /// Adds what a commit does for requests.
  void put(WriteBatch batch, LogAppend append, long nowMs) throws RocksDBException {
    Map<RequestKey, List<Place>> requests = append.requests();
    if (requests == null) {
      return;
    }
    for (Map.Entry<RequestKey, List<Place>> request : requests.entrySet()) {
      var out = new ByteWriter(32);
      out.u8(FORMAT);
      out.varint(nowMs);
      for (Place place : request.getValue()) {
        out.varint(place.collection);
        out.varint(place.offset);
      }
      byte[] key = Keys.request(span(nowMs), digest(request.getKey()), append.tail().number());
      batch.put(database.requests, key, out.copy());
    }
  }

  private static long span(long timeMs) {
    return timeMs / REMEMBERED_MS;
  }

  /// Names come from clients: their lengths keep one from passing for another.
  private static byte[] digest(RequestKey request) {
    MessageDigest sha;
    try {
      sha = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    for (String part : List.of(request.principal(), request.scope(), request.key())) {
      byte[] utf8 = part.getBytes(StandardCharsets.UTF_8);
      var length = new ByteWriter(4);
      length.fixed32(utf8.length);
      sha.update(length.copy());
      sha.update(utf8);
    }
    return Arrays.copyOf(sha.digest(), DIGEST_BYTES);
  }

  /// The changes of the latest commit for a request; empty when there is none or it is forgotten.
  ///
  /// @throws io.freshet.protocol.error.FreshetException `REVISION_CONFLICT` when they had to be
  ///   dropped
  List<Change> find(RequestKey request) {
    byte[] digest = digest(request);
    long now = now();
    Map<LogTail, Row> rows = new LinkedHashMap<>();
    for (LogTail tail : tails) {
      Row row = latest(digest, tail.number(), now);
      if (row != null && now - row.timeMs <= REMEMBERED_MS) {
        rows.put(tail, row);
      }
    }
    long latestMs = rows.values().stream().mapToLong(Row::timeMs).max().orElse(0);
    var changes = new ArrayList<Change>();
    for (Map.Entry<LogTail, Row> row : rows.entrySet()) {
      if (row.getValue().timeMs == latestMs) {
        changes.addAll(held(row.getKey(), row.getValue()));
      }
    }
    return changes;
  }

  private List<Change> held(LogTail tail, Row row) {
    List<Change> changes = reader.at(tail, row.places);
    if (changes == null) {
      throw Refusals.outcomeDropped();
    }
    return changes;
  }

  private @Nullable Row latest(byte[] digest, int log, long now) {
    for (long span = span(now); span >= span(now) - 1; span--) {
      byte[] value = database.get(database.requests, Keys.request(span, digest, log));
      if (value != null) {
        return Row.decode(value);
      }
    }
    return null;
  }

  /// Beyond the time of every change: a clock that goes back does not make outcomes old.
  long now() {
    long now = clock.millis();
    for (LogTail tail : tails) {
      now = Math.max(now, tail.timeMs());
    }
    return now;
  }

  /// Whether changes made then may still be asked for.
  boolean remembers(long timeMs) {
    return now() - timeMs <= REMEMBERED_MS;
  }

  /// Lets go of what is over.
  void forget() throws RocksDBException {
    long before = span(now()) - 1;
    if (before <= forgottenBefore) {
      return;
    }
    try (var batch = new WriteBatch()) {
      batch.deleteRange(database.requests, Keys.requests(forgottenBefore), Keys.requests(before));
      database.write(batch, Database.Sync.SKIP_LOG);
    }
    forgottenBefore = before;
  }

  /// Takes away what a failed commit left: outcomes with changes behind the log's end.
  void cut(WriteBatch batch, int log, long head) throws RocksDBException {
    try (var view = database.view();
        RocksIterator iterator = view.iterate(database.requests)) {
      for (iterator.seekToFirst(); view.standsOnEntry(iterator); iterator.next()) {
        boolean behind =
            Row.decode(iterator.value()).places.stream().anyMatch(place -> place.offset > head);
        if (Keys.logOfRequest(iterator.key()) == log && behind) {
          batch.delete(database.requests, iterator.key());
        }
      }
    }
  }
}
