// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
import io.freshet.protocol.Position;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.TickerType;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The embedded store: one directory, one log per durability level in use and one per source.
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
  private static final Pattern SOURCE_NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  private final Opening parts;
  private final Feeds feeds;
  private final Committer committer;
  private final Maintenance maintenance;
  private final RocksCursors cursors;
  private final Lookups lookups;

  /// By name; guarded by the commit lock.
  private final Map<String, RocksSourceLog> sources = new HashMap<>();

  private RocksStore(
      RocksStoreOptions options, InstantSource clock, StoreMeter meter, Opening parts) {
    this.parts = parts;
    this.feeds = new Feeds(parts.commitLock, parts.reader);
    var reservation = new TimeReservation(parts.database, parts.meta);
    this.committer =
        new Committer(options, parts, clock, meter, feeds, reservation, this::committed);
    this.lookups = new Lookups(parts);
    this.cursors = new RocksCursors(parts, clock, new CursorGate(), committer::fail);
    this.maintenance =
        new Maintenance(options, parts, clock, reservation, bytesTotal(options), committer::fail);
  }

  private void committed() {
    maintenance.hint();
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
    return parts.logs.all().stream().map(LogTail::state).toList();
  }

  @Override
  public LogId logOf(String collection) {
    return parts.logs.of(collection).id();
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
    return committer.commit(writes);
  }

  @Override
  public Feed feed(LogId log, long from, ChangeListener listener) {
    requireOpen();
    return feeds.open(parts.logs.named(log), from, listener);
  }

  @Override
  public List<Change> read(LogId log, @Nullable String collection, long from, int changesMax) {
    requireOpen();
    return parts.reader.read(parts.logs.named(log), collection, from, changesMax).stream()
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
    if (!SOURCE_NAME.matcher(source).matches()) {
      throw new IllegalArgumentException("No name of a source: " + source);
    }
    committer.lock();
    try {
      committer.requireWritable();
      RocksSourceLog known = sources.get(source);
      if (known == null) {
        known = new RocksSourceLog(tailOf(source), parts, committer, maintenance);
        sources.put(source, known);
      }
      return known;
    } finally {
      committer.unlock();
    }
  }

  /// The log of that source, from now on at the latest.
  private LogTail tailOf(String source) {
    Map<Integer, String> numbers = parts.meta.sources();
    int number = LogTail.FIRST_SOURCE;
    for (Map.Entry<Integer, String> one : numbers.entrySet()) {
      LogTail tail = parts.logs.find(one.getKey());
      if (one.getValue().equals(source) && tail != null) {
        return tail;
      }
      number = Math.max(number, one.getKey() + 1);
    }
    if (numbers.size() == LogTail.SOURCES_MAX) {
      throw Refusals.tooManySources();
    }
    var epoch = new Meta.Epoch(1, parts.nextTag());
    int log = number;
    committer.write(batch -> {
      parts.meta.putSource(batch, log, source);
      parts.meta.putEpoch(batch, log, epoch, 0);
    });
    LogTail tail = LogTail.ofSource(source, log, epoch, LogTail.Start.EMPTY);
    parts.tags.put(epoch.tag(), new Meta.Tag(log, epoch.number(), 0));
    parts.logs.addSource(tail);
    return tail;
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
      committer.requireWritable();
    }
  }

  @Override
  public Health check() {
    if (committer.isClosed()) {
      return new Health.Unhealthy("The store is closed");
    }
    if (!committer.hasFailed() && parts.database.backgroundErrors() > 0) {
      committer.fail("RocksDB could not write to the disk in the background");
    }
    return committer.hasFailed()
        ? new Health.Unhealthy(committer.reason())
        : Health.Healthy.HEALTHY;
  }

  private void requireOpen() {
    committer.requireOpen();
  }

  @Override
  public void close() {
    if (!committer.stop()) {
      return;
    }
    maintenance.close();
    cursors.close();
    try {
      if (!committer.hasFailed()) {
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
