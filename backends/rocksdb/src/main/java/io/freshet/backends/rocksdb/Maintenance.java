// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.error.FreshetException;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.rocksdb.RocksDBException;

/// The work behind the log, on a thread of its own: writes dirty documents, drops old changes and
/// tombstones, forgets old requests, reserves time.
final class Maintenance implements AutoCloseable {
  private static final long PAUSE_NANOS = 1_000_000_000L;

  /// Documents changed over and over are not written more often than this, unless memory asks.
  private static final long MATERIALISE_EVERY_NANOS = 5_000_000_000L;

  private final RocksStoreOptions options;
  private final DirtyDocuments dirty;
  private final Collection<LogTail> tails;
  private final Materialiser materialiser;
  private final Retention retention;
  private final Tombstones tombstones;
  private final Outcomes outcomes;
  private final TimeReservation reservation;
  private final InstantSource clock;
  private final long bytesTotal;
  private final Consumer<String> onFailure;
  private final ReentrantLock working = new ReentrantLock();
  private final Thread thread;
  private volatile boolean stopped;
  private long lastMaterialised;

  Maintenance(
      RocksStoreOptions options,
      Opening parts,
      InstantSource clock,
      TimeReservation reservation,
      long bytesTotal,
      Consumer<String> onFailure) {
    this.options = options;
    this.dirty = parts.dirty;
    this.tails = parts.logs.all();
    this.materialiser = parts.materialiser;
    this.retention = new Retention(parts, clock);
    this.tombstones = new Tombstones(parts);
    this.outcomes = parts.outcomes;
    this.clock = clock;
    this.reservation = reservation;
    this.bytesTotal = bytesTotal;
    this.onFailure = onFailure;
    this.lastMaterialised = System.nanoTime();
    this.thread = Thread.ofPlatform().name("freshet-store").daemon().unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  private void loop() {
    while (!stopped) {
      LockSupport.parkNanos(this, PAUSE_NANOS);
      if (!stopped) {
        try {
          step(isMaterialisingDue());
        } catch (RocksDBException | FreshetException e) {
          onFailure.accept("Work behind the log failed: " + e.getMessage());
          return;
        }
      }
    }
  }

  /// Asks for a step soon if there is work; called after every commit.
  void hint() {
    if (isMaterialisingDue()) {
      LockSupport.unpark(thread);
    }
  }

  private boolean isMaterialisingDue() {
    long soft = options.memory().unmaterialised();
    long heap = dirty.heapBytes();
    if (heap > 2 * soft) {
      return true;
    }
    long replay = 0;
    for (LogTail tail : tails) {
      replay += tail.unmaterialisedBytes();
    }
    boolean rested = System.nanoTime() - lastMaterialised > MATERIALISE_EVERY_NANOS;
    return rested && (heap > soft || replay > options.memory().replay());
  }

  /// One round of everything.
  void step(boolean materialise) throws RocksDBException {
    working.lock();
    try {
      for (LogTail tail : tails) {
        reservation.renew(tail);
      }
      if (materialise) {
        materialise();
      }
      retain();
      purge();
      outcomes.forget();
    } finally {
      working.unlock();
    }
  }

  /// Something done while nothing of this happens.
  interface Undisturbed {
    void run() throws RocksDBException;
  }

  /// Runs it after the present round. Takes a lock that comes before the commit lock.
  void between(Undisturbed action) throws RocksDBException {
    working.lock();
    try {
      action.run();
    } finally {
      working.unlock();
    }
  }

  private void materialise() throws RocksDBException {
    materialiser.run();
    lastMaterialised = System.nanoTime();
  }

  private void retain() throws RocksDBException {
    for (LogTail tail : tails) {
      boolean materialised = false;
      while (!stopped) {
        Retention.Outcome outcome = retention.step(tail, bounds(tail));
        if (outcome == Retention.Outcome.DONE
            || outcome == Retention.Outcome.BEHIND && materialised) {
          break;
        }
        if (outcome == Retention.Outcome.BEHIND) {
          materialise();
          materialised = true;
        }
      }
    }
  }

  /// What the log may hold; the largest log gives way when all together hold too much.
  private Retention.Bounds bounds(LogTail tail) {
    long held = 0;
    for (LogTail each : tails) {
      held += each.heldBytes();
    }
    LogTail largest = tails.stream().max(Comparator.comparingLong(LogTail::heldBytes)).orElse(tail);
    // Commits go on: without excess, what is held now must not become a bound.
    long share =
        tail == largest && held > bytesTotal
            ? tail.heldBytes() - (held - bytesTotal)
            : Long.MAX_VALUE;
    RocksStoreOptions.Retention bounds = options.retention();
    return new Retention.Bounds(bounds.age().toMillis(), bounds.bytesPerLog(), share);
  }

  private void purge() throws RocksDBException {
    long before = clock.millis() - options.retention().tombstones().toMillis();
    while (!stopped && tombstones.purge(before)) {}
  }

  @Override
  public void close() {
    stopped = true;
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
