// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.Document;
import io.freshet.protocol.Operation;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.CommitResult;
import io.freshet.spi.StoreMeter;
import io.freshet.spi.Write;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries out commits, of the engine and of sources: puts them together, writes them and tells the
/// feeds. Knows whether the store still takes writes.
///
/// **Threads.** The commit lock orders everything here; [#lock] is for what has to be done between
/// two commits. [#fail] and what asks for the failure may be called by any thread.
final class Committer {
  private static final Logger LOG = LoggerFactory.getLogger(Committer.class);

  private final Opening parts;
  private final Path directory;
  private final InstantSource clock;
  private final StoreMeter meter;
  private final Feeds feeds;
  private final TimeReservation reservation;
  private final Runnable committed;
  private final ReentrantLock commitLock;
  private final LogAppend.Buffers buffers = new LogAppend.Buffers();
  private volatile @Nullable String failure;
  private volatile boolean closed;

  /// @param committed run after every commit
  Committer(
      RocksStoreOptions options,
      Opening parts,
      InstantSource clock,
      StoreMeter meter,
      Feeds feeds,
      TimeReservation reservation,
      Runnable committed) {
    this.directory = options.directory();
    this.parts = parts;
    this.clock = clock;
    this.meter = meter;
    this.feeds = feeds;
    this.reservation = reservation;
    this.committed = committed;
    this.commitLock = parts.commitLock;
  }

  /// Adds to what a commit writes.
  @FunctionalInterface
  interface Addition {
    void addTo(WriteBatch batch) throws RocksDBException;
  }

  List<CommitResult> commit(List<Write> writes) {
    long started = System.nanoTime();
    writes.forEach(write -> requireSound(write, false));
    awaitRoom();
    lock();
    try {
      requireWritable();
      CommitBatch batch = begin(null);
      try {
        List<CommitResult> results = batch.add(writes);
        if (!batch.isEmpty()) {
          write(batch, encoded -> {}, started);
        }
        return results;
      } finally {
        batch.clear();
      }
    } finally {
      unlock();
    }
  }

  /// A write that breaks the rules of revisions is a mistake of the caller, not an outcome.
  ///
  /// @param mayTell whether it may only say what stands there
  static void requireSound(Write write, boolean mayTell) {
    Document before = write.before();
    boolean told = mayTell && ChangeEntry.isTold(write);
    long step = told || write.operation() == Operation.OPEN ? 0 : 1;
    if (!before.key().equals(write.key())
        || write.after().revision() != before.revision() + step
        || told && !(before.isLive() && write.after().data().equals(before.data()))) {
      throw new IllegalArgumentException("Not one step of one document: " + write);
    }
  }

  /// Waits until the documents in memory leave room.
  void awaitRoom() {
    parts.dirty.awaitRoom(() -> failure != null || closed);
  }

  void lock() {
    commitLock.lock();
  }

  void unlock() {
    commitLock.unlock();
  }

  /// A commit to be put together; the lock is held.
  ///
  /// @param source the log it is for; null for those of our own collections
  CommitBatch begin(@Nullable LogTail source) {
    return new CommitBatch(parts, buffers, source, clock.millis());
  }

  /// Writes a commit and tells everybody; the lock is held. One without changes is a source's
  /// progress: its database is told that it may forget what is behind it.
  ///
  /// @param started when it was begun, in nanoseconds
  void write(CommitBatch batch, Addition addition, long started) {
    try (var encoded = new WriteBatch()) {
      for (LogAppend append : batch.appends()) {
        reservation.require(append.tail(), append.timeMs());
      }
      batch.encode(parts.database, parts.meta, parts.outcomes, encoded);
      addition.addTo(encoded);
      write(encoded, batch.isEmpty() ? Database.Sync.LOG_AND_SYNC : batch.sync());
    } catch (RocksDBException e) {
      throw commitFailed(e);
    }
    batch.publish(parts.dirty);
    for (LogAppend append : batch.appends()) {
      feeds.deliver(append.tail().id(), append.changes());
    }
    committed.run();
    meter.committed(batch.count(), batch.bytes(), System.nanoTime() - started);
  }

  /// Writes something else, synced; the lock is held.
  void write(Addition content) {
    try (var batch = new WriteBatch()) {
      content.addTo(batch);
      write(batch, Database.Sync.LOG_AND_SYNC);
    } catch (RocksDBException e) {
      throw commitFailed(e);
    }
  }

  private void write(WriteBatch batch, Database.Sync sync) throws RocksDBException {
    long writing = System.nanoTime();
    parts.database.write(batch, sync);
    if (sync == Database.Sync.LOG_AND_SYNC) {
      meter.synced(System.nanoTime() - writing);
    }
  }

  private FreshetException commitFailed(RocksDBException cause) {
    fail("A commit could not be written: " + cause.getMessage());
    var ends = new ArrayList<FailureMark.End>();
    parts.logs.all().forEach(tail -> ends.add(new FailureMark.End(tail.number(), tail.head())));
    try {
      parts.failureMark.note(ends);
    } catch (IOException e) {
      LOG.error("The place of the failed commit could not be noted; it may be found at restart", e);
    }
    return new FreshetException(ErrorCode.UNAVAILABLE, reason(), cause);
  }

  /// From here on no write is taken.
  void fail(String reason) {
    if (failure == null) {
      failure = reason;
      LOG.error("The store takes no more writes: {}", reason);
    }
    parts.dirty.roomMade();
  }

  boolean hasFailed() {
    return failure != null;
  }

  /// Why it has failed and what to do.
  String reason() {
    return failure
        + "; free space or repair the disk under "
        + directory
        + ", then restart the server";
  }

  /// Takes no more calls.
  ///
  /// @return whether it was open until now
  boolean stop() {
    lock();
    try {
      if (closed) {
        return false;
      }
      closed = true;
    } finally {
      unlock();
    }
    parts.dirty.roomMade();
    return true;
  }

  boolean isClosed() {
    return closed;
  }

  void requireOpen() {
    if (closed) {
      throw Refusals.closed();
    }
  }

  void requireWritable() {
    requireOpen();
    if (failure != null) {
      throw Refusals.unavailable(reason());
    }
  }
}
