// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The documents changed since they were last written to disk. The committer puts, the maintenance
/// takes away what it has written, any thread looks up.
///
/// **Bound.** An estimate of the heap it holds; [#awaitRoom] makes the committer wait at the bound.
final class DirtyDocuments {
  /// A document's tree takes several times its encoding.
  private static final long HEAP_PER_DOCUMENT = 400;

  private static final long HEAP_PER_BYTE = 5;

  private final Map<DocumentKey, Entry> documents = new ConcurrentHashMap<>();
  private final NavigableSet<Expiry> expiries = new ConcurrentSkipListSet<>();
  private final AtomicLong heapBytes = new AtomicLong();
  private final long heapBytesMax;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();

  DirtyDocuments(long heapBytesMax) {
    this.heapBytesMax = heapBytesMax;
  }

  /// A dirty document.
  ///
  /// @param onDisk what the `due` family says of the document on disk that it replaces
  record Entry(StoredDocument stored, @Nullable Due onDisk) {}

  private record Expiry(long atMs, DocumentKey key) implements Comparable<Expiry> {
    @Override
    public int compareTo(Expiry other) {
      int byTime = Long.compare(atMs, other.atMs);
      return byTime != 0 ? byTime : key.compareTo(other.key);
    }
  }

  @Nullable StoredDocument get(DocumentKey key) {
    Entry entry = documents.get(key);
    return entry == null ? null : entry.stored;
  }

  /// @param replaced what the document it replaces is due for
  void put(StoredDocument stored, @Nullable Due replaced) {
    documents.compute(
        stored.document().key(),
        (key, old) -> {
          heapBytes.addAndGet(cost(stored) - (old == null ? 0 : cost(old.stored)));
          if (old != null) {
            unlistExpiry(old.stored);
          }
          listExpiry(stored);
          // Replacing one that is not dirty, it replaces the one on disk.
          return new Entry(stored, old == null ? replaced : old.onDisk);
        });
  }

  private void listExpiry(StoredDocument stored) {
    if (stored.document().isLive() && stored.document().expiresAt() != 0) {
      expiries.add(new Expiry(stored.document().expiresAt(), stored.document().key()));
    }
  }

  private void unlistExpiry(StoredDocument stored) {
    if (stored.document().isLive() && stored.document().expiresAt() != 0) {
      expiries.remove(new Expiry(stored.document().expiresAt(), stored.document().key()));
    }
  }

  /// Takes a document away that is on disk now, unless it was changed again.
  @SuppressWarnings("ReferenceEquality") // this very state, not one like it; and cheap
  void written(Entry written) {
    documents.computeIfPresent(
        written.stored.document().key(),
        (key, current) -> {
          if (current != written) {
            return new Entry(current.stored, Due.of(written.stored.document()));
          }
          heapBytes.addAndGet(-cost(written.stored));
          unlistExpiry(written.stored);
          return null;
        });
  }

  /// Everything dirty now; what is put meanwhile may be missing.
  List<Entry> all() {
    return new ArrayList<>(documents.values());
  }

  /// The dirty documents of a collection that come first behind an id, in the byte order of ids.
  ///
  /// @param after null for all
  List<StoredDocument> first(String collection, @Nullable String after, int max) {
    byte[] from = after == null ? new byte[0] : Keys.id(after);
    var first = new PriorityQueue<Named>(Comparator.reverseOrder());
    for (Entry entry : documents.values()) {
      DocumentKey key = entry.stored.document().key();
      if (key.collection().equals(collection)) {
        var named = new Named(Keys.id(key.id()), entry.stored);
        if (Arrays.compareUnsigned(named.id, from) > 0) {
          first.add(named);
        }
        if (first.size() > max) {
          first.remove();
        }
      }
    }
    return first.stream().sorted().map(Named::stored).toList();
  }

  private static final class Named implements Comparable<Named> {
    private final byte[] id;
    private final StoredDocument stored;

    private Named(byte[] id, StoredDocument stored) {
      this.id = id;
      this.stored = stored;
    }

    private StoredDocument stored() {
      return stored;
    }

    @Override
    public int compareTo(Named other) {
      return Arrays.compareUnsigned(id, other.id);
    }
  }

  /// The dirty live documents that expire until a moment, soonest first.
  List<Document> expired(long untilMs, int max) {
    var expired = new ArrayList<Document>();
    for (Expiry expiry : expiries) {
      if (expiry.atMs > untilMs || expired.size() == max) {
        break;
      }
      StoredDocument stored = get(expiry.key);
      if (stored != null && stored.document().isExpired(untilMs)) {
        expired.add(stored.document());
      }
    }
    return expired;
  }

  long heapBytes() {
    return heapBytes.get();
  }

  boolean isOverBound() {
    return heapBytes.get() > heapBytesMax;
  }

  /// Waits until there is room or waiting makes no sense any more.
  void awaitRoom(BooleanSupplier hopeless) {
    if (!isOverBound()) {
      return;
    }
    lock.lock();
    try {
      while (isOverBound() && !hopeless.getAsBoolean()) {
        room.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Wakes whoever waits for room.
  void roomMade() {
    lock.lock();
    try {
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static long cost(StoredDocument stored) {
    return HEAP_PER_DOCUMENT + HEAP_PER_BYTE * stored.document().data().encodedBytes();
  }
}
