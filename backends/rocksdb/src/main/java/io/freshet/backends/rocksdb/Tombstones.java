// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.backends.rocksdb.Collections.Collection;
import io.freshet.protocol.DocumentKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/// Forgets deleted documents some time after their deletion, and with them their histories: the
/// next write of such an id begins at revision 1. Their changes stay in the log until [Retention]
/// drops them, which is told here that nothing stands on the last one.
///
/// Only what is in the documents up to its log's mark goes; so a replay does not bring it back.
///
/// Used by the maintenance alone.
final class Tombstones {
  private static final int SLICE = 256;
  private static final byte[] NOTHING = {};

  private final Database database;
  private final Collections collections;
  private final Documents documents;
  private final DirtyDocuments dirty;
  private final java.util.Collection<LogTail> tails;
  private final ReentrantLock commitLock;

  Tombstones(Opening parts) {
    this.database = parts.database;
    this.collections = parts.collections;
    this.documents = parts.documents;
    this.dirty = parts.dirty;
    this.tails = parts.logs.all();
    this.commitLock = parts.commitLock;
  }

  /// One on disk.
  ///
  /// @param due since when it is one
  private record Purgeable(Collection collection, StoredDocument stored, Due due) {}

  /// Purges some of those deleted before a moment.
  ///
  /// @return whether there may be more
  boolean purge(long beforeMs) throws RocksDBException {
    List<Purgeable> found = find(beforeMs);
    if (found.isEmpty()) {
      return false;
    }
    commitLock.lock();
    try (var batch = new WriteBatch()) {
      for (Purgeable one : found) {
        // Otherwise it is written again just now; the commit has the lock before or after us.
        if (dirty.get(one.stored.document().key()) == null) {
          purge(batch, one);
        }
      }
      database.write(batch, Database.Sync.SKIP_LOG);
    } finally {
      commitLock.unlock();
    }
    return found.size() == SLICE;
  }

  private List<Purgeable> find(long beforeMs) {
    var found = new ArrayList<Purgeable>();
    try (var view = database.view();
        RocksIterator iterator = view.iterate(database.due)) {
      iterator.seek(Keys.due(Due.TOMBSTONE, 0));
      while (view.standsOnEntry(iterator)
          && Keys.isDue(iterator.key(), Due.TOMBSTONE)
          && Keys.dueMs(iterator.key()) < beforeMs
          && found.size() < SLICE) {
        byte[] documentKey = Keys.documentOfDue(iterator.key());
        Collection collection = collections.numbered(Keys.collection(documentKey));
        var key = new DocumentKey(collection.name(), Keys.documentId(documentKey));
        var due = new Due(Due.TOMBSTONE, Keys.dueMs(iterator.key()));
        StoredDocument stored = documents.header(collection, key);
        if (due.equals(Due.of(stored.document())) && isBehindTheMark(stored)) {
          found.add(new Purgeable(collection, stored, due));
        }
        iterator.next();
      }
    }
    return found;
  }

  private boolean isBehindTheMark(StoredDocument stored) {
    for (LogTail tail : tails) {
      if (tail.number() == stored.log()) {
        return stored.offset() <= tail.materialised();
      }
    }
    return false;
  }

  private void purge(WriteBatch batch, Purgeable one) throws RocksDBException {
    StoredDocument stored = one.stored;
    String id = stored.document().key().id();
    byte[] documentKey = Keys.document(one.collection.number(), id);
    batch.delete(database.documents, documentKey);
    batch.delete(database.due, one.due.key(documentKey));
    for (LogTail tail : tails) {
      if (tail.number() == stored.log() && stored.offset() >= tail.oldest()) {
        byte[] end = Keys.change(stored.log(), one.collection.number(), stored.offset());
        batch.put(database.bases, end, NOTHING);
      }
    }
  }
}
