// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.Document;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/// Writes the dirty documents behind the log (design, invariant 3), in slices, then moves the marks
/// up to which the documents contain the logs. A document written may be ahead of its log's mark;
/// recovery sees that by the offset of its last change.
///
/// Used by the maintenance alone.
final class Materialiser {
  private static final long SLICE_BYTES = 1 << 20;
  private static final byte[] NOTHING = {};

  private final Database database;
  private final Meta meta;
  private final Collections collections;
  private final DirtyDocuments dirty;
  private final java.util.Collection<LogTail> tails;
  private final ReentrantLock commitLock;

  Materialiser(
      Database database,
      Meta meta,
      Collections collections,
      DirtyDocuments dirty,
      java.util.Collection<LogTail> tails,
      ReentrantLock commitLock) {
    this.database = database;
    this.meta = meta;
    this.collections = collections;
    this.dirty = dirty;
    this.tails = tails;
    this.commitLock = commitLock;
  }

  /// Where a log stood when the documents were gathered.
  private record Reached(LogTail tail, Meta.Mark mark, long appendedBytes) {}

  void run() throws RocksDBException {
    List<Reached> reached = new ArrayList<>();
    commitLock.lock();
    try {
      for (LogTail tail : tails) {
        var mark = new Meta.Mark(tail.head(), tail.timeMs(), tail.heldBytes());
        reached.add(new Reached(tail, mark, tail.appendedBytes()));
      }
    } finally {
      commitLock.unlock();
    }
    List<DirtyDocuments.Entry> written = dirty.all();
    try (var batch = new WriteBatch()) {
      writeDocuments(written, batch);
      for (Reached one : reached) {
        meta.putMark(batch, one.tail, one.mark);
      }
      write(batch);
    }
    reached.forEach(one -> one.tail.materialisedUpTo(one.mark.offset(), one.appendedBytes));
    forget(written);
  }

  /// Writes the dirty documents without moving the marks: while recovery is half-way through.
  void writeDocuments() throws RocksDBException {
    List<DirtyDocuments.Entry> written = dirty.all();
    try (var batch = new WriteBatch()) {
      writeDocuments(written, batch);
      write(batch);
    }
    forget(written);
  }

  private void writeDocuments(List<DirtyDocuments.Entry> documents, WriteBatch batch)
      throws RocksDBException {
    for (DirtyDocuments.Entry entry : documents) {
      put(batch, entry);
      if (batch.getDataSize() > SLICE_BYTES) {
        write(batch);
      }
    }
  }

  private void forget(List<DirtyDocuments.Entry> written) {
    written.forEach(dirty::written);
    dirty.roomMade();
  }

  private void put(WriteBatch batch, DirtyDocuments.Entry entry) throws RocksDBException {
    Document document = entry.stored().document();
    var value = new ByteWriter(64 + document.data().encodedBytes());
    entry.stored().encode(value);
    int collection = collections.of(document.key().collection()).number();
    byte[] key = Keys.document(collection, document.key().id());
    batch.put(database.documents, key, value.copy());
    Due before = entry.onDisk();
    Due due = Due.of(document);
    if (before != null && !before.equals(due)) {
      batch.delete(database.due, before.key(key));
    }
    if (due != null && !due.equals(before)) {
      batch.put(database.due, due.key(key), NOTHING);
    }
  }

  private void write(WriteBatch batch) throws RocksDBException {
    database.write(batch, Database.Sync.SKIP_LOG);
    batch.clear();
  }
}
