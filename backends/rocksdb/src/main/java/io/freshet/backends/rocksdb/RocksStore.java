// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
import io.freshet.protocol.Operation;
import io.freshet.protocol.Position;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.ChangeListener;
import io.freshet.spi.CommitResult;
import io.freshet.spi.Cursors;
import io.freshet.spi.Durability;
import io.freshet.spi.Feed;
import io.freshet.spi.Health;
import io.freshet.spi.Listed;
import io.freshet.spi.LogState;
import io.freshet.spi.RequestKey;
import io.freshet.spi.SourceLog;
import io.freshet.spi.Store;
import io.freshet.spi.StoreMeter;
import io.freshet.spi.Write;
import java.io.IOException;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.TickerType;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The embedded store: one directory, one log per durability level in use.
///
/// A commit is one RocksDB write: per collection one block of changes, and a line in the index of
/// batches. Documents are not written by the commit. They wait in memory ([DirtyDocuments]) until
/// the maintenance writes them behind the log, and a start replays what is missing. So a commit
/// costs what its changes cost, not what its documents cost.
///
/// **Failure.** When a commit cannot be written, its writers are told so, the place is noted
/// ([FailureMark]), and the store takes no more writes until it is opened again; reads go on.
///
/// **Threads.** As [Store] says. The commit lock orders commits, hand-overs of feeds and the moves
/// of marks; it is taken before any lock of RocksDB's.
public final class RocksStore implements Store {
  static final Set<Durability> OFFERED =
      EnumSet.of(Durability.MEMORY, Durability.OS, Durability.FSYNC);

  private static final Logger LOG = LoggerFactory.getLogger(RocksStore.class);
  private static final int DISK_SHARE = 10;

  private final RocksStoreOptions options;
  private final InstantSource clock;
  private final StoreMeter meter;
  private final Opening parts;
  private final Feeds feeds;
  private final TimeReservation reservation;
  private final Maintenance maintenance;
  private final RocksCursors cursors;
  private final ReentrantLock commitLock;
  private final Lookups lookups;
  private final LogAppend.Buffers buffers = new LogAppend.Buffers();
  private volatile @Nullable String failure;
  private volatile boolean closed;

  private RocksStore(
      RocksStoreOptions options, InstantSource clock, StoreMeter meter, Opening parts) {
    this.options = options;
    this.clock = clock;
    this.meter = meter;
    this.parts = parts;
    this.commitLock = parts.commitLock;
    this.feeds = new Feeds(commitLock, parts.reader);
    this.reservation = new TimeReservation(parts.database, parts.meta);
    this.lookups = new Lookups(parts);
    this.cursors = new RocksCursors(parts, clock, new CursorGate(), this::fail);
    this.maintenance =
        new Maintenance(options, parts, clock, reservation, bytesTotal(options), this::fail);
  }

  /// Opens the store in its directory, creating both when missing.
  ///
  /// @throws FreshetException `STORE_NOT_USABLE` when the directory is in use or cannot be used,
  ///   `STORE_CORRUPT` when what is in it is damaged
  public static RocksStore open(RocksStoreOptions options, InstantSource clock, StoreMeter meter) {
    var store = new RocksStore(options, clock, meter, Opening.open(options, clock));
    store.maintenance.start();
    store.cursors.start();
    return store;
  }

  private static long bytesTotal(RocksStoreOptions options) {
    long configured = options.retention().bytesTotal();
    try {
      long disk = Files.getFileStore(options.directory()).getTotalSpace();
      return disk > 0 ? Math.min(configured, disk / DISK_SHARE) : configured;
    } catch (IOException e) {
      LOG.debug("The size of the disk is not known", e);
      return configured;
    }
  }

  @Override
  public Set<Durability> durabilities() {
    return OFFERED;
  }

  @Override
  public List<LogState> logs() {
    return parts.tails.values().stream().map(LogTail::state).toList();
  }

  @Override
  public LogId logOf(String collection) {
    return tail(options.durabilityOf(collection)).id();
  }

  @Override
  public CompletionStage<List<Document>> load(List<DocumentKey> keys) {
    requireOpen();
    var loaded = new ArrayList<Document>(keys.size());
    for (DocumentKey key : keys) {
      loaded.add(parts.documents.load(key));
    }
    return CompletableFuture.completedStage(loaded);
  }

  @Override
  public List<CommitResult> commit(List<Write> writes) {
    long started = System.nanoTime();
    writes.forEach(RocksStore::requireSound);
    parts.dirty.awaitRoom(() -> failure != null || closed);
    commitLock.lock();
    try {
      requireWritable();
      var batch = new CommitBatch(parts.documents, parts.collections, buffers, clock.millis());
      try {
        List<CommitResult> results = batch.add(writes);
        if (!batch.isEmpty()) {
          commit(batch, started);
        }
        return results;
      } finally {
        batch.clear();
      }
    } finally {
      commitLock.unlock();
    }
  }

  /// A write that breaks the rules of revisions is a mistake of the caller, not an outcome.
  private static void requireSound(Write write) {
    long step = write.operation() == Operation.OPEN ? 0 : 1;
    if (!write.before().key().equals(write.key())
        || write.after().revision() != write.before().revision() + step) {
      throw new IllegalArgumentException("Not one step of one document: " + write);
    }
  }

  private void commit(CommitBatch batch, long started) {
    try (var encoded = new WriteBatch()) {
      for (LogAppend append : batch.appends()) {
        reservation.require(append.tail(), append.timeMs());
      }
      batch.encode(parts.database, parts.meta, parts.outcomes, encoded);
      write(encoded, batch.sync());
    } catch (RocksDBException e) {
      throw commitFailed(e);
    }
    batch.publish(parts.dirty);
    for (LogAppend append : batch.appends()) {
      feeds.deliver(append.tail().id(), append.changes());
    }
    maintenance.hint();
    meter.committed(batch.count(), batch.bytes(), System.nanoTime() - started);
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
    parts.tails.values().forEach(tail -> ends.add(new FailureMark.End(tail.number(), tail.head())));
    try {
      parts.failureMark.note(ends);
    } catch (IOException e) {
      LOG.error("The place of the failed commit could not be noted; it may be found at restart", e);
    }
    return new FreshetException(ErrorCode.UNAVAILABLE, reason(), cause);
  }

  /// From here on no write is taken.
  private void fail(String reason) {
    if (failure == null) {
      failure = reason;
      LOG.error("The store takes no more writes: {}", reason);
    }
    parts.dirty.roomMade();
  }

  private String reason() {
    return failure
        + "; free space or repair the disk under "
        + options.directory()
        + ", then restart the server";
  }

  @Override
  public Feed feed(LogId log, long from, ChangeListener listener) {
    requireOpen();
    LogTail tail = tail(log);
    return feeds.open(tail, from, listener);
  }

  @Override
  public List<Change> read(LogId log, @Nullable String collection, long from, int changesMax) {
    requireOpen();
    return parts.reader.read(tail(log), collection, from, changesMax).stream()
        .map(LogReader.Found::change)
        .toList();
  }

  @Override
  public List<Listed> scan(String collection, @Nullable String after, int max) {
    requireOpen();
    return lookups.scan(collection, after, max);
  }

  @Override
  public List<Change> history(DocumentKey key, long after, int max) {
    requireOpen();
    return lookups.history(key, after, max);
  }

  @Override
  public CompletionStage<List<Change>> outcome(RequestKey request) {
    requireOpen();
    try {
      return CompletableFuture.completedStage(parts.outcomes.find(request));
    } catch (FreshetException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  @Override
  public List<DocumentKey> expired(long untilMs, int max) {
    requireOpen();
    return lookups.expired(untilMs, max);
  }

  @Override
  public @Nullable Position locate(EventId id) {
    requireOpen();
    return lookups.locate(id);
  }

  @Override
  public SourceLog openSource(String source) {
    throw new UnsupportedOperationException("to be made");
  }

  @Override
  public Cursors cursors() {
    return cursors;
  }

  private final class CursorGate implements RocksCursors.Gate {
    @Override
    public void requireOpen() {
      RocksStore.this.requireOpen();
    }

    @Override
    public void requireWritable() {
      RocksStore.this.requireWritable();
    }
  }

  @Override
  public Health check() {
    if (closed) {
      return new Health.Unhealthy("The store is closed");
    }
    if (failure == null && parts.database.backgroundErrors() > 0) {
      fail("RocksDB could not write to the disk in the background");
    }
    return failure == null ? Health.Healthy.HEALTHY : new Health.Unhealthy(reason());
  }

  private LogTail tail(LogId log) {
    for (LogTail tail : parts.tails.values()) {
      if (tail.id().equals(log)) {
        return tail;
      }
    }
    throw new FreshetException(ErrorCode.NOT_FOUND, "There is no log " + log);
  }

  private LogTail tail(Durability level) {
    LogTail tail = parts.tails.get(level);
    if (tail == null) {
      throw new IllegalStateException("No log of level " + level);
    }
    return tail;
  }

  private void requireOpen() {
    if (closed) {
      throw Refusals.closed();
    }
  }

  private void requireWritable() {
    requireOpen();
    if (failure != null) {
      throw Refusals.unavailable(reason());
    }
  }

  @Override
  public void close() {
    commitLock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
    } finally {
      commitLock.unlock();
    }
    parts.dirty.roomMade();
    maintenance.close();
    cursors.close();
    try {
      if (failure == null) {
        stopCleanly();
      }
    } catch (RocksDBException | FreshetException e) {
      LOG.error("The stop was not clean; the next start recovers", e);
    } finally {
      letGo();
    }
  }

  private void stopCleanly() throws RocksDBException {
    cursors.writeLast();
    parts.materialiser.run();
    parts.database.flush();
    try (var batch = new WriteBatch()) {
      parts.meta.putStoppedCleanly(batch);
      parts.database.write(batch, Database.Sync.LOG_AND_SYNC);
    }
  }

  private void letGo() {
    parts.database.close();
    try {
      parts.failureMark.close();
    } catch (IOException e) {
      LOG.debug("Closing the failure mark", e);
    }
  }

  /// Materialises and retains now; for tests that cannot wait for the maintenance thread.
  void maintain() throws RocksDBException {
    maintenance.step(true);
  }

  /// Estimated heap of the documents not yet written to disk.
  long unmaterialisedHeapBytes() {
    return parts.dirty.heapBytes();
  }

  /// How often the write-ahead log was synced since the store was opened.
  long syncs() {
    return parts.database.counter(TickerType.WAL_FILE_SYNCED);
  }
}
