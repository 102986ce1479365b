// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.backends.rocksdb.Collections.Collection;
import io.freshet.protocol.DocumentKey;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/// Drops old changes, whole commits at a time, never beyond what the documents contain.
///
/// A held change may stand on a dropped one: its state before is what that one left. So before a
/// change is dropped that is not its document's last, the state it left is kept as a *base*, until
/// the change standing on it is dropped too. Commits that come later see that the previous change
/// is gone and carry the state before themselves; `oldest` is moved under the commit lock first, so
/// that every commit is on one side or the other.
///
/// Where a life ended and its tombstone is purged, nothing stands on the last change, and the bases
/// say so ([Tombstones]): otherwise it would leave one for ever.
///
/// Changes of requests that are still remembered are spared as long as only the bounds of their own
/// log ask for them.
///
/// Used by the maintenance alone.
final class Retention {
  /// One slice: bounds the memory for looking through what is dropped.
  private static final long SLICE_BYTES = 8 << 20;

  private static final int SLICE_BATCHES = 2_000;

  private final Database database;
  private final Meta meta;
  private final Collections collections;
  private final Documents documents;
  private final LogReader reader;
  private final Outcomes outcomes;
  private final ReentrantLock commitLock;
  private final InstantSource clock;

  Retention(Opening parts, InstantSource clock) {
    this.database = parts.database;
    this.meta = parts.meta;
    this.collections = parts.collections;
    this.documents = parts.documents;
    this.reader = parts.reader;
    this.outcomes = parts.outcomes;
    this.commitLock = parts.commitLock;
    this.clock = clock;
  }

  /// How much a log may hold.
  ///
  /// @param ageMs of its oldest change
  /// @param bytes bound of its own
  /// @param bytesShare what the total bound leaves it
  record Bounds(long ageMs, long bytes, long bytesShare) {}

  /// What a call found.
  enum Outcome {
    /// All bounds are kept.
    DONE,
    /// A slice was dropped, there is more.
    MORE,
    /// The next change to drop is not yet in the documents.
    BEHIND
  }

  /// Drops one slice of the log.
  Outcome step(LogTail tail, Bounds bounds) throws RocksDBException {
    Slice slice = slice(tail, bounds);
    if (slice.batches.isEmpty()) {
      return slice.behind ? Outcome.BEHIND : Outcome.DONE;
    }
    commitLock.lock();
    try {
      tail.dropBefore(slice.last + 1, slice.bytes);
    } finally {
      commitLock.unlock();
    }
    drop(tail, slice);
    return Outcome.MORE;
  }

  private static final class Slice {
    private final List<BatchInfo> batches = new ArrayList<>();
    private long first;
    private long last;
    private long bytes;
    private boolean behind;
  }

  private Slice slice(LogTail tail, Bounds bounds) {
    var slice = new Slice();
    slice.first = tail.oldest();
    try (var view = database.view();
        RocksIterator iterator = view.iterate(database.batches)) {
      iterator.seek(Keys.batch(tail.number(), slice.first));
      while (view.standsOnEntry(iterator) && Keys.isBatch(iterator.key(), tail.number())) {
        BatchInfo batch = BatchInfo.decode(iterator.value());
        boolean over = isOver(batch, tail.heldBytes() - slice.bytes, bounds);
        boolean full = slice.bytes > SLICE_BYTES || slice.batches.size() >= SLICE_BATCHES;
        if (!over || full) {
          return slice;
        }
        if (Keys.offset(iterator.key()) > tail.materialised()) {
          slice.behind = true;
          return slice;
        }
        slice.last = Keys.offset(iterator.key());
        slice.bytes += batch.bytes();
        slice.batches.add(batch);
        iterator.next();
      }
      return slice;
    }
  }

  private boolean isOver(BatchInfo batch, long heldBytes, Bounds bounds) {
    if (heldBytes > bounds.bytesShare) {
      return true;
    }
    boolean over = heldBytes > bounds.bytes || batch.timeMs() < clock.millis() - bounds.ageMs;
    return over && !(batch.hasRequests() && outcomes.remembers(batch.timeMs()));
  }

  private void drop(LogTail tail, Slice slice) throws RocksDBException {
    int log = tail.number();
    try (var batch = new WriteBatch()) {
      for (Collection collection : collectionsOf(slice)) {
        keepBases(batch, tail, collection, slice);
        batch.deleteRange(
            database.changes,
            Keys.change(log, collection.number(), slice.first),
            Keys.change(log, collection.number(), slice.last + 1));
      }
      batch.deleteRange(
          database.batches, Keys.batch(log, slice.first), Keys.batch(log, slice.last + 1));
      Meta.Mark mark = meta.mark(tail.number());
      meta.putMark(
          batch, tail, new Meta.Mark(mark.offset(), mark.timeMs(), mark.bytes() - slice.bytes));
      database.write(batch, Database.Sync.SKIP_LOG);
    }
  }

  private Set<Collection> collectionsOf(Slice slice) {
    var found = new HashSet<Collection>();
    for (BatchInfo batch : slice.batches) {
      batch.collections().forEach(number -> found.add(collections.numbered(number)));
    }
    return found;
  }

  /// The last change of each document in the slice leaves a base if a later one stands on it; bases
  /// the slice itself stood on go, and so do the marks of ends of lives.
  private void keepBases(WriteBatch batch, LogTail tail, Collection collection, Slice slice)
      throws RocksDBException {
    int log = tail.number();
    // Within the slice there are only marks so far.
    batch.deleteRange(
        database.bases,
        Keys.change(log, collection.number(), slice.first),
        Keys.change(log, collection.number(), slice.last + 1));
    Map<DocumentKey, ChangeEntry> lasts = new HashMap<>();
    for (ChangeEntry entry : entries(log, collection, slice)) {
      if (entry.isTold()) {
        continue;
      }
      lasts.put(entry.key(), entry);
      if (entry.previousOffset() != 0 && entry.previousOffset() < slice.first) {
        batch.delete(database.bases, Keys.change(log, collection.number(), entry.previousOffset()));
      }
    }
    for (ChangeEntry last : lasts.values()) {
      StoredDocument now = documents.header(collection, last.key());
      // A document that moved to another log may have left later changes here as well.
      if (now.log() != log || now.offset() > last.offset()) {
        keepBase(batch, tail, collection, last);
      }
    }
  }

  private void keepBase(WriteBatch batch, LogTail tail, Collection collection, ChangeEntry last)
      throws RocksDBException {
    byte[] key = Keys.change(tail.number(), collection.number(), last.offset());
    boolean endOfLife = database.get(database.bases, key) != null;
    if (!endOfLife) {
      var base = new ByteWriter(256);
      reader.stateAfter(tail, collection, last.key(), last.offset()).encode(base);
      batch.put(database.bases, key, base.copy());
    }
  }

  private List<ChangeEntry> entries(int log, Collection collection, Slice slice) {
    var entries = new ArrayList<ChangeEntry>();
    try (var view = database.view();
        RocksIterator iterator = view.iterate(database.changes)) {
      iterator.seek(Keys.change(log, collection.number(), slice.first));
      while (view.standsOnEntry(iterator)
          && Keys.isChange(iterator.key(), log, collection.number())
          && Keys.offset(iterator.key()) <= slice.last) {
        entries.addAll(
            new Block(collection.name(), Keys.offset(iterator.key()), iterator.value()).entries());
        iterator.next();
      }
    }
    return entries;
  }
}
