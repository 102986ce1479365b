// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.DocumentKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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

  private final Map<DocumentKey, StoredDocument> documents = new ConcurrentHashMap<>();
  private final AtomicLong heapBytes = new AtomicLong();
  private final long heapBytesMax;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();

  DirtyDocuments(long heapBytesMax) {
    this.heapBytesMax = heapBytesMax;
  }

  @Nullable StoredDocument get(DocumentKey key) {
    return documents.get(key);
  }

  void put(StoredDocument stored) {
    StoredDocument old = documents.put(stored.document().key(), stored);
    heapBytes.addAndGet(cost(stored) - (old == null ? 0 : cost(old)));
  }

  /// Takes a document away unless it was changed again.
  @SuppressWarnings("ReferenceEquality") // this very state, not one like it; and cheap
  void written(StoredDocument stored) {
    documents.computeIfPresent(
        stored.document().key(),
        (key, current) -> {
          if (current != stored) {
            return current;
          }
          heapBytes.addAndGet(-cost(stored));
          return null;
        });
  }

  /// Everything dirty now; what is put meanwhile may be missing.
  List<StoredDocument> all() {
    return new ArrayList<>(documents.values());
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
