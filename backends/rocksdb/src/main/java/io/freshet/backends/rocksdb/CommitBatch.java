// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.backends.rocksdb.Collections.Collection;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.Document.Life;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.Operation;
import io.freshet.protocol.Position;
import io.freshet.spi.CommitResult;
import io.freshet.spi.Write;
import java.util.ArrayList;
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
  private static final int BLOCK_BYTES_KEPT = 1 << 20;
  private static final int BLOCK_BYTES = 4 << 10;
  private static final int BLOCKS_KEPT = 64;

  private final Documents documents;
  private final Collections collections;
  private final long clockMs;
  private final Map<DocumentKey, StoredDocument> touched = new HashMap<>();
  private final Set<DocumentKey> conflicted = new HashSet<>();
  private final List<LogAppend> appends = new ArrayList<>();
  private final Buffers buffers;
  private long bytes;

  CommitBatch(Documents documents, Collections collections, Buffers buffers, long clockMs) {
    this.documents = documents;
    this.collections = collections;
    this.buffers = buffers;
    this.clockMs = clockMs;
  }

  /// Answers one write; an accepted one is part of the batch.
  CommitResult add(Write write) {
    DocumentKey key = write.key();
    Collection collection = collections.of(key.collection());
    StoredDocument before = current(collection, write);
    Document current = before.document();
    boolean refused = !conflicted.isEmpty() && conflicted.contains(key);
    if (refused || !fits(write, current)) {
      conflicted.add(key);
      return new CommitResult.Conflict(current);
    }
    return new CommitResult.Committed(append(collection, write, before));
  }

  private StoredDocument current(Collection collection, Write write) {
    StoredDocument pending = touched.get(write.key());
    return pending != null ? pending : documents.current(collection, write.before());
  }

  private static boolean fits(Write write, Document current) {
    boolean sameRevision = current.revision() == write.before().revision();
    return sameRevision && !(write.operation() == Operation.OPEN && current.isRecord());
  }

  private Change append(Collection collection, Write write, StoredDocument before) {
    LogAppend append = appendTo(collection.tail());
    long offset = append.nextOffset++;
    Document after = timed(write.after(), before.document(), append.timeMs);
    BlockAppend block = append.block(collection, offset);
    int sinceImage =
        ChangeEntry.write(
            block.bytes,
            offset - block.firstOffset,
            write.operation(),
            before,
            append.holds(before),
            after,
            write.operations(),
            write.actor());
    block.count++;
    LogTail tail = append.tail;
    touched.put(after.key(), new StoredDocument(after, tail.number(), offset, sinceImage));
    var change =
        new Change(
            EventId.of(append.timeMs, tail.tag(), offset),
            new Position(tail.id(), tail.epoch(), offset),
            write.operation(),
            before.document(),
            after,
            write.operations(),
            write.actor());
    append.changes.add(change);
    return change;
  }

  /// The times of a life: its first write sets the first, every write but an opening the second.
  private static Document timed(Document after, Document current, long timeMs) {
    long createdAt =
        switch (after.life()) {
          case MISSING, OPENED -> 0;
          case TOMBSTONE -> after.createdAt() != 0 ? after.createdAt() : current.createdAt();
          case LIVE ->
              after.createdAt() != 0
                  ? after.createdAt()
                  : current.isLive() ? current.createdAt() : timeMs;
        };
    long updatedAt =
        after.life() == Life.OPENED ? current.updatedAt() : Math.max(timeMs, current.updatedAt());
    return new Document(
        after.key(), after.life(), after.revision(), after.data(), createdAt, updatedAt);
  }

  private LogAppend appendTo(LogTail tail) {
    for (LogAppend append : appends) {
      if (append.tail == tail) {
        return append;
      }
    }
    var append = new LogAppend(tail, Math.max(tail.timeMs(), clockMs));
    appends.add(append);
    appends.sort((a, b) -> a.tail.durability().compareTo(b.tail.durability()));
    return append;
  }

  boolean isEmpty() {
    return appends.isEmpty();
  }

  /// Accepted writes, all logs together.
  int count() {
    return appends.stream().mapToInt(append -> append.changes.size()).sum();
  }

  /// Bytes of the blocks; known after [#encode].
  long bytes() {
    return bytes;
  }

  /// What each log gets, the weakest log first.
  List<LogAppend> appends() {
    return appends;
  }

  /// How the batch must be written: as its strongest log asks.
  Database.Sync sync() {
    return switch (appends.getLast().tail.durability()) {
      case MEMORY -> Database.Sync.SKIP_LOG;
      case OS -> Database.Sync.LOG;
      case FSYNC, REPLICATED -> Database.Sync.LOG_AND_SYNC;
    };
  }

  /// Fills RocksDB's batch. What belongs into the write-ahead log comes first; behind the
  /// termination point the rest goes to memory only, and only if the log was written.
  void encode(Database database, Meta meta, WriteBatch batch) throws RocksDBException {
    boolean logged = false;
    for (LogAppend append : appends.reversed()) {
      if (append.tail.number() == LogTail.MEMORY && logged) {
        batch.markWalTerminationPoint();
      }
      logged = true;
      encode(append, database, meta, batch);
    }
  }

  private void encode(LogAppend append, Database database, Meta meta, WriteBatch batch)
      throws RocksDBException {
    int log = append.tail.number();
    long last = append.nextOffset - 1;
    var numbers = new ArrayList<Integer>(append.blocks.size());
    for (BlockAppend block : append.blocks) {
      Collection collection = block.collection;
      if (!collection.isPersisted()) {
        meta.putCollection(batch, collection);
      }
      Block.setCount(block.bytes, block.count);
      append.bytes += block.bytes.size();
      numbers.add(collection.number());
      byte[] key = Keys.change(log, collection.number(), last);
      batch.put(database.changes, key, block.bytes.copy());
    }
    bytes += append.bytes;
    var info = new BatchInfo(append.changes.size(), append.timeMs, append.bytes, numbers);
    var out = new ByteWriter(32);
    info.encode(out);
    batch.put(database.batches, Keys.batch(log, last), out.copy());
  }

  /// Makes the written batch the present state.
  void publish(DirtyDocuments dirty) {
    touched.values().forEach(dirty::put);
    for (LogAppend append : appends) {
      append.blocks.forEach(block -> block.collection.persisted());
      append.tail.append(append.nextOffset - 1, append.timeMs, append.bytes);
    }
  }

  /// Gives the buffers back.
  void clear() {
    for (LogAppend append : appends) {
      append.blocks.forEach(block -> buffers.giveBack(block.bytes));
    }
  }

  /// Buffers for blocks, used again from commit to commit.
  static final class Buffers {
    private final List<ByteWriter> free = new ArrayList<>();

    private ByteWriter take() {
      return free.isEmpty() ? new ByteWriter(BLOCK_BYTES) : free.removeLast();
    }

    private void giveBack(ByteWriter buffer) {
      buffer.reset(BLOCK_BYTES_KEPT);
      if (free.size() < BLOCKS_KEPT) {
        free.add(buffer);
      }
    }
  }

  /// What the batch adds to one log.
  final class LogAppend {
    private final LogTail tail;
    private final long timeMs;
    private final long oldest;
    private final List<Change> changes = new ArrayList<>();
    private final List<BlockAppend> blocks = new ArrayList<>();
    private final Map<Collection, BlockAppend> byCollection = new HashMap<>();
    private @Nullable BlockAppend latest;
    private long nextOffset;
    private long bytes;

    private LogAppend(LogTail tail, long timeMs) {
      this.tail = tail;
      this.timeMs = timeMs;
      this.oldest = tail.oldest();
      this.nextOffset = tail.head() + 1;
    }

    LogTail tail() {
      return tail;
    }

    long timeMs() {
      return timeMs;
    }

    List<Change> changes() {
      return changes;
    }

    /// Whether the document's last change is in this log and still held.
    private boolean holds(StoredDocument document) {
      return document.log() == tail.number() && document.offset() >= oldest;
    }

    private BlockAppend block(Collection collection, long offset) {
      BlockAppend recent = latest;
      if (recent != null && recent.collection == collection) {
        return recent;
      }
      BlockAppend block = byCollection.get(collection);
      if (block == null) {
        block = new BlockAppend(collection, offset, buffers.take());
        Block.writeHeader(block.bytes, tail, timeMs, offset);
        byCollection.put(collection, block);
        blocks.add(block);
      }
      latest = block;
      return block;
    }
  }

  private static final class BlockAppend {
    private final Collection collection;
    private final long firstOffset;
    private final ByteWriter bytes;
    private int count;

    private BlockAppend(Collection collection, long firstOffset, ByteWriter bytes) {
      this.collection = collection;
      this.firstOffset = firstOffset;
      this.bytes = bytes;
    }
  }
}
