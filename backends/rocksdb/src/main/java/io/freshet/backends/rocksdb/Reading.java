// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.backends.rocksdb.Collections.Collection;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.Position;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksIterator;

/// One read of a log: a consistent view and what was met in it.
///
/// **Threads.** To be closed by the one that opened it.
final class Reading implements AutoCloseable {
  /// A read stops here, in bytes of encoded changes, though never before its first change.
  private static final long BYTES_MAX = 4 << 20;

  private static final int RECENT_MAX = 16;
  private static final long RECENT_BYTES_MAX = 4 << 20;

  private record Located(Block block, ChangeEntry entry) {}

  private final Database database;
  private final Collections collections;
  private final LogTail tail;
  private final Database.View view;
  private final RocksIterator blocks;
  private final List<Located> collected = new ArrayList<>();
  private final Map<DocumentKey, LogReader.Found> latest = new HashMap<>();

  /// Met lately, the last one first: the states before changes stand near each other too.
  private final Deque<Block> recent = new ArrayDeque<>();

  private long recentBytes;

  Reading(Database database, Collections collections, LogTail tail) {
    this.database = database;
    this.collections = collections;
    this.tail = tail;
    this.view = database.view();
    this.blocks = view.iterate(database.changes);
  }

  @Override
  public void close() {
    blocks.close();
    view.close();
  }

  void collectAlongBatches(long from, long head, int changesMax) {
    long bytes = 0;
    try (RocksIterator batches = view.iterate(database.batches)) {
      for (batches.seek(Keys.batch(tail.number(), from));
          view.standsOnEntry(batches) && collected.size() < changesMax && bytes < BYTES_MAX;
          batches.next()) {
        long last = Keys.offset(batches.key());
        if (!Keys.isBatch(batches.key(), tail.number()) || last > head) {
          return;
        }
        BatchInfo batch = BatchInfo.decode(batches.value());
        collectBatch(batch, last, from, changesMax);
        bytes += batch.bytes();
      }
    }
  }

  private void collectBatch(BatchInfo batch, long last, long from, int changesMax) {
    var found = new ArrayList<Located>();
    for (int number : batch.collections()) {
      Collection collection = collections.numbered(number);
      Block block = holding(collection, last);
      if (block == null) {
        throw Refusals.malformed("the changes up to " + last + " are gone");
      }
      found.addAll(located(block, from, changesMax - collected.size()));
    }
    if (batch.collections().size() > 1) {
      found.sort(Comparator.comparingLong(one -> one.entry.offset()));
    }
    collect(found, changesMax);
  }

  void collectAlongCollection(Collection collection, long from, long head, int changesMax) {
    long bytes = 0;
    for (blocks.seek(Keys.change(tail.number(), collection.number(), from));
        view.standsOnEntry(blocks) && collected.size() < changesMax && bytes < BYTES_MAX;
        blocks.next()) {
      byte[] key = blocks.key();
      if (!Keys.isChange(key, tail.number(), collection.number()) || Keys.offset(key) > head) {
        return;
      }
      Block block = met(new Block(collection.name(), Keys.offset(key), blocks.value()));
      collect(located(block, from, changesMax - collected.size()), changesMax);
      bytes += block.bytes();
    }
  }

  private static List<Located> located(Block block, long from, int max) {
    List<ChangeEntry> entries = block.entries(from, max);
    var located = new ArrayList<Located>(entries.size());
    for (ChangeEntry entry : entries) {
      located.add(new Located(block, entry));
    }
    return located;
  }

  private void collect(List<Located> found, int changesMax) {
    collected.addAll(found.subList(0, Math.min(found.size(), changesMax - collected.size())));
  }

  /// The changes collected.
  List<LogReader.Found> resolve() {
    var resolved = new ArrayList<LogReader.Found>(collected.size());
    for (Located located : collected) {
      resolved.add(resolve(located));
    }
    return resolved;
  }

  private LogReader.Found resolve(Located located) {
    Block from = located.block;
    ChangeEntry entry = located.entry;
    Document before = entry.hasBefore() ? null : before(entry);
    ChangeEntry.Body body = entry.body(before);
    Document known = body.before() != null ? body.before().document() : before;
    var change =
        new Change(
            EventId.of(from.timeMs(), from.tag(), entry.offset()),
            new Position(tail.id(), from.epoch(), entry.offset()),
            body.operation(),
            known != null ? known : Document.missing(entry.key()),
            body.after(),
            body.operations(),
            body.actor(),
            body.batch(),
            body.captured());
    var found = new LogReader.Found(change, entry.sinceImage());
    if (!entry.isTold()) {
      latest.put(entry.key(), found);
    }
    return found;
  }

  private Document before(ChangeEntry entry) {
    if (entry.isFirst()) {
      return Document.missing(entry.key());
    }
    LogReader.Found previous = latest.get(entry.key());
    if (previous != null && previous.change().position().offset() == entry.previousOffset()) {
      return previous.change().after();
    }
    Collection collection = collectionOf(entry.key());
    return stateAfter(collection, entry.key(), entry.previousOffset()).document();
  }

  private Collection collectionOf(DocumentKey key) {
    Collection known = collections.find(key.collection());
    if (known == null) {
      throw Refusals.malformed("collection " + key.collection() + " has no number");
    }
    return known;
  }

  /// Walks back to the last full image and applies the edits since.
  StoredDocument stateAfter(Collection collection, DocumentKey key, long offset) {
    Deque<ChangeEntry> edits = new ArrayDeque<>();
    Document state = null;
    int sinceImage = -1;
    long at = offset;
    while (state == null) {
      ChangeEntry entry = find(collection, at);
      if (entry == null) {
        StoredDocument base = base(collection, key, at);
        state = base.document();
        sinceImage = sinceImage < 0 ? base.sinceImage() : sinceImage;
        break;
      }
      sinceImage = sinceImage < 0 ? entry.sinceImage() : sinceImage;
      if (!entry.isDerived() || entry.hasBefore()) {
        state = entry.body(null).after();
      } else if (entry.isFirst()) {
        state = entry.body(Document.missing(key)).after();
      } else {
        edits.push(entry);
        at = entry.previousOffset();
      }
    }
    for (ChangeEntry edit : edits) {
      state = edit.body(state).after();
    }
    return new StoredDocument(state, tail.number(), offset, sinceImage);
  }

  private StoredDocument base(Collection collection, DocumentKey key, long offset) {
    byte[] value =
        view.get(database.bases, Keys.change(tail.number(), collection.number(), offset));
    if (value == null) {
      throw Refusals.malformed("change " + offset + " is gone although a later one needs it");
    }
    return StoredDocument.decode(key, value);
  }

  /// The change at an offset; null when it is not held.
  LogReader.@Nullable Found at(Collection collection, long offset) {
    Located located = locate(collection, offset);
    return located == null ? null : resolve(located);
  }

  /// Where the state before the change at an offset stands; null when the change is not held.
  @Nullable Previous previous(Collection collection, long offset) {
    ChangeEntry entry = find(collection, offset);
    if (entry == null) {
      return null;
    }
    if (entry.hasBefore()) {
      StoredDocument before = entry.body(null).before();
      if (before != null) {
        return new Previous(entry.revision(), before.log(), before.offset());
      }
    }
    return new Previous(entry.revision(), tail.number(), entry.previousOffset());
  }

  /// A change of a document, and where the one before it stands.
  ///
  /// @param revision after the change
  /// @param log number of the log with the change before
  /// @param offset in there; 0 when there is none
  record Previous(long revision, int log, long offset) {}

  private @Nullable ChangeEntry find(Collection collection, long offset) {
    Located located = locate(collection, offset);
    return located == null ? null : located.entry;
  }

  private @Nullable Located locate(Collection collection, long offset) {
    Block holding = holding(collection, offset);
    ChangeEntry entry = holding == null ? null : holding.find(offset);
    return holding == null || entry == null ? null : new Located(holding, entry);
  }

  /// The first block of the collection that ends at the offset or later.
  private @Nullable Block holding(Collection collection, long offset) {
    for (Block block : recent) {
      if (block.covers(collection.name(), offset)) {
        return block;
      }
    }
    blocks.seek(Keys.change(tail.number(), collection.number(), offset));
    if (!view.standsOnEntry(blocks)) {
      return null;
    }
    byte[] key = blocks.key();
    if (!Keys.isChange(key, tail.number(), collection.number())) {
      return null;
    }
    return met(new Block(collection.name(), Keys.offset(key), blocks.value()));
  }

  private Block met(Block block) {
    recent.addFirst(block);
    recentBytes += block.bytes();
    while (recent.size() > RECENT_MAX || recent.size() > 1 && recentBytes > RECENT_BYTES_MAX) {
      recentBytes -= recent.removeLast().bytes();
    }
    return block;
  }
}
