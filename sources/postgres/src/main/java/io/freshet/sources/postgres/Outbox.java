// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What was received and is not durable yet, in order; bounded. What arrives while one append runs
/// goes into the next one.
///
/// **Threads.** One puts, one takes; anybody may ask how it stands.
final class Outbox {
  /// Of all batches, as received.
  private static final long BYTES_MAX = 4 << 20;

  private final ArrayDeque<Batch> ready = new ArrayDeque<>();
  private final InstantSource clock;
  private final long idleMs;
  private long bytes;
  private boolean appending;
  private @Nullable Progress idle;
  private @Nullable Set<String> collections;
  private long idleSinceMs;
  private long oldestMs;
  private boolean closed;
  private volatile Progress durable;

  /// @param durable what the sink has
  /// @param idleMs how seldom a progress without rows is taken
  Outbox(Progress durable, InstantSource clock, long idleMs) {
    this.durable = durable;
    this.clock = clock;
    this.idleMs = idleMs;
  }

  /// The progress that is kept.
  Progress durable() {
    return durable;
  }

  /// Adds a batch if there is room.
  ///
  /// @return false if there is none, after having waited for it for a while
  @SuppressWarnings("WaitNotInLoop") // whoever calls asks again
  synchronized boolean offer(Batch batch, long waitMs) throws InterruptedException {
    if (bytes > 0 && bytes + batch.bytes() > BYTES_MAX && !closed) {
      wait(waitMs);
      if (bytes > 0 && bytes + batch.bytes() > BYTES_MAX && !closed) {
        return false;
      }
    }
    bytes += batch.bytes();
    idle = null;
    Batch last = ready.peekLast();
    if (last != null && !last.isFull() && !batch.isAlone()) {
      last.take(batch);
    } else {
      ready.addLast(batch);
    }
    notifyAll();
    return true;
  }

  /// There was nothing to tell up to here.
  synchronized void advance(Progress reached) {
    Batch last = ready.peekLast();
    if (last != null) {
      last.reached(reached);
      return;
    }
    if (idle == null && !appending) {
      notifyAll();
    }
    idle = reached;
  }

  /// The source's collections from the next append on.
  synchronized void route(Set<String> names) {
    collections = names;
    notifyAll();
  }

  /// Waits until everything put is durable.
  ///
  /// @return whether it is, after having waited for a while
  @SuppressWarnings("WaitNotInLoop") // whoever calls asks again
  synchronized boolean isDurable(long waitMs) throws InterruptedException {
    if (!isEmpty()) {
      wait(waitMs);
    }
    return isEmpty();
  }

  private boolean isEmpty() {
    return closed || ready.isEmpty() && !appending;
  }

  /// Waits for something to append; null when closed. [#appended] follows.
  synchronized @Nullable Batch take() throws InterruptedException {
    while (!closed) {
      Batch next = ready.pollFirst();
      if (next != null) {
        appending = true;
        oldestMs = next.oldestMs();
        return next;
      }
      long waitMs = idle == null ? 0 : idleSinceMs + idleMs - clock.millis();
      if (collections != null || idle != null && waitMs <= 0) {
        return idleBatch();
      }
      wait(Math.max(0, waitMs));
    }
    return null;
  }

  private Batch idleBatch() {
    var batch = new Batch();
    batch.reached(idle == null ? durable : idle);
    idle = null;
    idleSinceMs = clock.millis();
    appending = true;
    return batch;
  }

  /// What [#route] has said last, once.
  synchronized @Nullable Set<String> takeCollections() {
    Set<String> taken = collections;
    collections = null;
    return taken;
  }

  synchronized void appended(Batch batch) {
    bytes -= batch.bytes();
    durable = batch.progress();
    appending = false;
    notifyAll();
  }

  /// When the oldest change that is not durable was committed; 0 if there is none.
  synchronized long oldestMs() {
    Batch first = ready.peekFirst();
    return appending ? oldestMs : first == null ? 0 : first.oldestMs();
  }

  /// Nothing more is taken; what is in it is dropped.
  synchronized void close() {
    closed = true;
    ready.clear();
    notifyAll();
  }

  synchronized boolean isClosed() {
    return closed;
  }
}
