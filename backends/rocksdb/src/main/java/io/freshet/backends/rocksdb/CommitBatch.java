// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.backends.rocksdb.Collections.Collection;
import io.freshet.protocol.Document;
import io.freshet.protocol.Document.Life;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.Operation;
import io.freshet.spi.CommitResult;
import io.freshet.spi.Write;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/// One commit being put together: decides conflicts, assigns offsets, ids and times, and encodes.
/// Nothing outside changes until [#publish]; an abandoned batch leaves no trace.
///
/// Used by the committer alone, for one commit; [#clear] gives its buffers back.
final class CommitBatch {
  private final Documents documents;
  private final Collections collections;
  private final long clockMs;
  private final Map<DocumentKey, StoredDocument> touched = new HashMap<>();
  private final Set<DocumentKey> conflicted = new HashSet<>();
  private final List<LogAppend> appends = new ArrayList<>();
  private final LogAppend.Buffers buffers;

  /// The log that all of it is for; null for those of our own collections.
  private final @Nullable LogTail source;

  /// What was looked at before, to judge batches; most commits have none.
  private @Nullable Map<DocumentKey, StoredDocument> lookedUp;

  /// Of the touched documents, what they were due for; most never are for anything.
  private @Nullable Map<DocumentKey, Due> replaced;

  /// When the requests were made, for all logs the same; 0 before it is needed.
  private long requestsMs;

  CommitBatch(Opening parts, LogAppend.Buffers buffers, @Nullable LogTail source, long clockMs) {
    this.documents = parts.documents;
    this.collections = parts.collections;
    this.buffers = buffers;
    this.source = source;
    this.clockMs = clockMs;
  }

  /// Answers the writes; accepted ones are part of the batch.
  List<CommitResult> add(List<Write> writes) {
    BitSet refused = TiedWrites.refused(writes, this::lookUp);
    var results = new ArrayList<CommitResult>(writes.size());
    for (int i = 0; i < writes.size(); i++) {
      results.add(add(writes.get(i), refused.get(i)));
    }
    return results;
  }

  private CommitResult add(Write write, boolean refused) {
    DocumentKey key = write.key();
    StoredDocument pending = touched.get(key);
    Collection collection = collections.of(key.collection());
    requireOwn(collection);
    StoredDocument before = pending != null ? pending : committed(collection, write);
    Document current = before.document();
    if (refused || !conflicted.isEmpty() && conflicted.contains(key) || !fits(write, current)) {
      conflicted.add(key);
      return new CommitResult.Conflict(current);
    }
    LogAppend append = appendTo(collection.tail());
    if (ChangeEntry.isTold(write)) {
      append.add(collection, write, before, current);
      return new CommitResult.Committed(append.changes().getLast());
    }
    if (pending == null) {
      noteDue(current);
    }
    Document after = timed(write, current, append.timeMs());
    touched.put(key, append.add(collection, write, before, after));
    return new CommitResult.Committed(append.changes().getLast());
  }

  @SuppressWarnings("ReferenceEquality") // there is one object per log
  private void requireOwn(Collection collection) {
    LogTail tail = collection.tail();
    if (tail.isSource() || source != null) {
      if (tail != source) {
        throw new IllegalArgumentException(
            "Collection " + collection.name() + " is written to log " + tail.id());
      }
    }
  }

  private StoredDocument committed(Collection collection, Write write) {
    StoredDocument known = lookedUp == null ? null : lookedUp.get(write.key());
    return known != null ? known : documents.current(collection, write.before());
  }

  private StoredDocument lookUp(Write write) {
    StoredDocument committed = committed(collections.of(write.key().collection()), write);
    if (lookedUp == null) {
      lookedUp = new HashMap<>();
    }
    lookedUp.put(write.key(), committed);
    return committed;
  }

  /// Whether the write was decided on the state the document is in.
  static boolean fits(Write write, Document current) {
    return fits(write, current.revision(), current.isRecord());
  }

  static boolean fits(Write write, long revision, boolean isRecord) {
    boolean sameRevision = revision == write.before().revision();
    return sameRevision && !(write.operation() == Operation.OPEN && isRecord);
  }

  private void noteDue(Document current) {
    Due due = Due.of(current);
    if (due != null) {
      if (replaced == null) {
        replaced = new HashMap<>();
      }
      replaced.put(current.key(), due);
    }
  }

  /// The state after with its times and its user. Of a life, the first write sets the one time,
  /// every write but an opening the other.
  private static Document timed(Write write, Document current, long timeMs) {
    Document after = write.after();
    long createdAt =
        switch (after.life()) {
          case MISSING, OPENED -> 0;
          case TOMBSTONE -> after.createdAt() != 0 ? after.createdAt() : current.createdAt();
          case LIVE ->
              after.createdAt() != 0
                  ? after.createdAt()
                  : current.isLive() ? current.createdAt() : timeMs;
        };
    boolean opening = after.life() == Life.OPENED;
    return new Document(
        after.key(),
        after.life(),
        after.revision(),
        after.data(),
        createdAt,
        opening ? current.updatedAt() : Math.max(timeMs, current.updatedAt()),
        after.expiresAt(),
        opening ? current.updatedBy() : write.actor());
  }

  private LogAppend appendTo(LogTail tail) {
    for (LogAppend append : appends) {
      if (append.tail() == tail) {
        return append;
      }
    }
    var append = new LogAppend(tail, Math.max(tail.timeMs(), clockMs), buffers);
    appends.add(append);
    appends.sort((a, b) -> a.tail().durability().compareTo(b.tail().durability()));
    return append;
  }

  boolean isEmpty() {
    return appends.isEmpty();
  }

  /// Accepted writes, all logs together.
  int count() {
    return appends.stream().mapToInt(append -> append.changes().size()).sum();
  }

  /// Bytes of the blocks; known after [#encode].
  long bytes() {
    long bytes = 0;
    for (LogAppend append : appends) {
      bytes += append.bytes();
    }
    return bytes;
  }

  /// What each log gets, the weakest log first.
  List<LogAppend> appends() {
    return appends;
  }

  /// How the batch must be written: as its strongest log asks.
  Database.Sync sync() {
    return switch (appends.getLast().tail().durability()) {
      case MEMORY -> Database.Sync.SKIP_LOG;
      case OS -> Database.Sync.LOG;
      case FSYNC, REPLICATED -> Database.Sync.LOG_AND_SYNC;
    };
  }

  /// Fills RocksDB's batch. What belongs into the write-ahead log comes first; behind the
  /// termination point the rest goes to memory only, and only if the log was written.
  void encode(Database database, Meta meta, Outcomes outcomes, WriteBatch batch)
      throws RocksDBException {
    boolean logged = false;
    for (LogAppend append : appends.reversed()) {
      if (append.tail().number() == LogTail.MEMORY && logged) {
        batch.markWalTerminationPoint();
      }
      logged = true;
      append.encode(database, meta, batch);
      if (append.requests() != null) {
        requestsMs = requestsMs == 0 ? outcomes.now() : requestsMs;
        outcomes.put(batch, append, requestsMs);
      }
    }
  }

  /// Makes the written batch the present state.
  void publish(DirtyDocuments dirty) {
    for (StoredDocument stored : touched.values()) {
      dirty.put(stored, replaced == null ? null : replaced.get(stored.document().key()));
    }
    appends.forEach(LogAppend::publish);
  }

  /// Gives the buffers back.
  void clear() {
    appends.forEach(LogAppend::clear);
  }
}
