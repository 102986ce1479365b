// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.backends.rocksdb.Collections.Collection;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.EventId;
import io.freshet.protocol.Position;
import io.freshet.spi.RequestKey;
import io.freshet.spi.Write;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/// What a commit adds to one log: a block per collection, and a line in the index of batches.
final class LogAppend {
  private final LogTail tail;
  private final long timeMs;
  private final long oldest;
  private final Buffers buffers;
  private final List<Change> changes = new ArrayList<>();
  private final List<BlockAppend> blocks = new ArrayList<>();
  private final Map<Collection, BlockAppend> byCollection = new HashMap<>();
  private @Nullable Map<RequestKey, List<Outcomes.Place>> requests;
  private @Nullable BlockAppend latest;
  private long nextOffset;
  private long bytes;

  LogAppend(LogTail tail, long timeMs, Buffers buffers) {
    this.tail = tail;
    this.timeMs = timeMs;
    this.buffers = buffers;
    this.oldest = tail.oldest();
    this.nextOffset = tail.head() + 1;
  }

  /// Buffers for blocks, used again from commit to commit.
  static final class Buffers {
    private static final int BLOCK_BYTES_KEPT = 1 << 20;
    private static final int BLOCK_BYTES = 4 << 10;
    private static final int BLOCKS_KEPT = 64;

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

  LogTail tail() {
    return tail;
  }

  long timeMs() {
    return timeMs;
  }

  List<Change> changes() {
    return changes;
  }

  /// Bytes of the blocks; known after [#encode].
  long bytes() {
    return bytes;
  }

  /// What became of the requests among the writes; null when there is none.
  @Nullable Map<RequestKey, List<Outcomes.Place>> requests() {
    return requests;
  }

  /// Adds a write.
  ///
  /// @param after the state after, with its times and its user
  /// @return the document after it and where it stands; its change is the last of [#changes]
  StoredDocument add(Collection collection, Write write, StoredDocument before, Document after) {
    long offset = nextOffset++;
    BlockAppend block = block(collection, offset);
    int sinceImage =
        ChangeEntry.write(
            block.bytes, offset - block.firstOffset, write, before, holds(before), after);
    block.count++;
    changes.add(
        new Change(
            EventId.of(timeMs, tail.tag(), offset),
            new Position(tail.id(), tail.epoch(), offset),
            write.operation(),
            before.document(),
            after,
            write.operations(),
            write.actor(),
            write.batch(),
            write.captured()));
    if (write.request() != null) {
      remember(write.request(), new Outcomes.Place(collection.number(), offset));
    }
    return new StoredDocument(after, tail.number(), offset, sinceImage);
  }

  private void remember(RequestKey request, Outcomes.Place place) {
    if (requests == null) {
      requests = new LinkedHashMap<>();
    }
    requests.computeIfAbsent(request, key -> new ArrayList<>()).add(place);
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

  void encode(Database database, Meta meta, WriteBatch batch) throws RocksDBException {
    int log = tail.number();
    long last = nextOffset - 1;
    var numbers = new ArrayList<Integer>(blocks.size());
    for (BlockAppend block : blocks) {
      Collection collection = block.collection;
      if (!collection.isPersisted()) {
        meta.putCollection(batch, collection);
      }
      Block.setCount(block.bytes, block.count);
      bytes += block.bytes.size();
      numbers.add(collection.number());
      byte[] key = Keys.change(log, collection.number(), last);
      batch.put(database.changes, key, block.bytes.copy());
    }
    var info = new BatchInfo(changes.size(), timeMs, bytes, numbers, requests != null);
    var out = new ByteWriter(32);
    info.encode(out);
    batch.put(database.batches, Keys.batch(log, last), out.copy());
  }

  /// Makes what was written the log's end.
  void publish() {
    blocks.forEach(block -> block.collection.persisted());
    tail.append(nextOffset - 1, timeMs, bytes);
  }

  /// Gives the buffers back.
  void clear() {
    blocks.forEach(block -> buffers.giveBack(block.bytes));
  }
}
