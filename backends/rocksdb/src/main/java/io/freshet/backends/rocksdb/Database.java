// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.error.FreshetException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;
import org.rocksdb.Statistics;
import org.rocksdb.TickerType;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// RocksDB, opened our way: its column families, how each kind of write is made durable, and its
/// errors in our words.
///
/// **What survives what.** A commit's blocks of levels `os` and `fsync` go through the write-ahead
/// log; those of level `memory` and everything the maintenance thread writes do not. All families
/// are flushed together (atomic flush), so what skipped the log survives up to one common moment:
/// documents and marks never outlive the changes they stand on.
///
/// **Threads.** Any. Using native memory after [#close] would crash the process, so every use holds
/// the read side of a lock and the close the write side.
final class Database implements AutoCloseable {
  private static final int BLOCK_BYTES = 8 << 10;
  private static final int BLOOM_BITS = 10;
  private static final int FILES_OPEN_MAX = 256;
  private static final long INFO_LOG_BYTES = 1 << 20;

  /// How a batch is written, strongest last.
  enum Sync {
    /// Not in the write-ahead log.
    SKIP_LOG,
    /// In the write-ahead log, handed to the operating system.
    LOG,
    /// In the write-ahead log, synced.
    LOG_AND_SYNC
  }

  private final RocksDB rocks;
  private final List<AutoCloseable> natives;
  private final Statistics statistics;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final WriteOptions skipLog = new WriteOptions().setDisableWAL(true);
  private final WriteOptions log = new WriteOptions();
  private final WriteOptions logAndSync = new WriteOptions().setSync(true);
  private final List<ColumnFamilyHandle> families;
  private boolean closed;

  final ColumnFamilyHandle meta;
  final ColumnFamilyHandle documents;
  final ColumnFamilyHandle changes;
  final ColumnFamilyHandle batches;
  final ColumnFamilyHandle bases;
  final ColumnFamilyHandle due;
  final ColumnFamilyHandle requests;
  final ColumnFamilyHandle cursors;

  private Database(
      RocksDB rocks,
      List<ColumnFamilyHandle> families,
      Statistics statistics,
      List<AutoCloseable> natives) {
    this.rocks = rocks;
    this.families = List.copyOf(families);
    this.statistics = statistics;
    this.natives = natives;
    meta = families.get(0);
    documents = families.get(1);
    changes = families.get(2);
    batches = families.get(3);
    bases = families.get(4);
    due = families.get(5);
    requests = families.get(6);
    cursors = families.get(7);
  }

  /// @throws FreshetException `STORE_NOT_USABLE` or `STORE_CORRUPT`
  static Database open(Path directory, RocksStoreOptions.Memory memory) {
    // Found on java.library.path under its name in the archive, otherwise unpacked from there: 17
    // MB
    // into a temporary file at every start.
    RocksDB.loadLibrary();
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw Refusals.unusable(directory, e);
    }
    var natives = new ArrayList<AutoCloseable>();
    var handles = new ArrayList<ColumnFamilyHandle>();
    Statistics statistics = keep(natives, new Statistics());
    DBOptions options = keep(natives, options(memory).setStatistics(statistics));
    try {
      RocksDB rocks =
          RocksDB.open(options, directory.toString(), families(memory, natives), handles);
      return new Database(rocks, handles, statistics, natives);
    } catch (RocksDBException e) {
      closeAll(natives);
      throw Refusals.cannotOpen(directory, e);
    }
  }

  private static DBOptions options(RocksStoreOptions.Memory memory) {
    return new DBOptions()
        .setCreateIfMissing(true)
        .setCreateMissingColumnFamilies(true)
        .setAtomicFlush(true)
        .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)
        .setMaxTotalWalSize(memory.writeBuffer() * 4)
        .setMaxBackgroundJobs(2)
        // After an error the store refuses writes until it is opened anew; RocksDB must not carry
        // on behind its back.
        .setMaxBgErrorResumeCount(0)
        // One committer: nothing to write concurrently.
        .setAllowConcurrentMemtableWrite(false)
        .setEnableWriteThreadAdaptiveYield(false)
        .setMaxOpenFiles(FILES_OPEN_MAX)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setMaxLogFileSize(INFO_LOG_BYTES)
        .setKeepLogFileNum(2)
        .setStatsDumpPeriodSec(0)
        .setStatsPersistPeriodSec(0)
        .setSkipStatsUpdateOnDbOpen(true)
        .setBytesPerSync(1 << 20);
  }

  private static List<ColumnFamilyDescriptor> families(
      RocksStoreOptions.Memory memory, List<AutoCloseable> natives) {
    var cache = keep(natives, new LRUCache(memory.cache(), 2));
    var bloom = keep(natives, new BloomFilter(BLOOM_BITS, false));
    var plain = new BlockBasedTableConfig().setBlockCache(cache).setBlockSize(BLOCK_BYTES);
    var filtered =
        new BlockBasedTableConfig()
            .setBlockCache(cache)
            .setBlockSize(BLOCK_BYTES)
            .setFilterPolicy(bloom);
    long large = memory.writeBuffer();
    long small = Math.max(1 << 20, large / 4);
    return List.of(
        family(natives, "default", plain, small),
        family(natives, "documents", filtered, large),
        family(natives, "changes", plain, large),
        family(natives, "batches", plain, small),
        family(natives, "bases", plain, small),
        family(natives, "due", plain, small),
        family(natives, "requests", filtered, small),
        family(natives, "cursors", plain, small));
  }

  private static ColumnFamilyDescriptor family(
      List<AutoCloseable> natives, String name, BlockBasedTableConfig table, long writeBuffer) {
    ColumnFamilyOptions options =
        new ColumnFamilyOptions()
            .setTableFormatConfig(table)
            .setWriteBufferSize(writeBuffer)
            .setMaxWriteBufferNumber(3)
            .setLevelZeroSlowdownWritesTrigger(40)
            .setLevelZeroStopWritesTrigger(80)
            .setCompressionType(CompressionType.NO_COMPRESSION)
            .setBottommostCompressionType(CompressionType.LZ4_COMPRESSION);
    return new ColumnFamilyDescriptor(
        name.getBytes(StandardCharsets.US_ASCII), keep(natives, options));
  }

  private static <T extends AutoCloseable> T keep(List<AutoCloseable> natives, T one) {
    natives.add(one);
    return one;
  }

  /// Writes a batch. Only the caller knows what a failure means, so it comes as it is.
  void write(WriteBatch batch, Sync sync) throws RocksDBException {
    Lock held = use();
    try {
      rocks.write(
          switch (sync) {
            case SKIP_LOG -> skipLog;
            case LOG -> log;
            case LOG_AND_SYNC -> logAndSync;
          },
          batch);
    } finally {
      held.unlock();
    }
  }

  byte @Nullable [] get(ColumnFamilyHandle family, byte[] key) {
    Lock held = use();
    try {
      return rocks.get(family, key);
    } catch (RocksDBException e) {
      throw Refusals.cannotRead(e);
    } finally {
      held.unlock();
    }
  }

  /// Reads the beginning of a value.
  ///
  /// @return its whole length, or -1 when there is none
  int getBeginning(ColumnFamilyHandle family, byte[] key, byte[] target) {
    Lock held = use();
    try {
      return rocks.get(family, key, target);
    } catch (RocksDBException e) {
      throw Refusals.cannotRead(e);
    } finally {
      held.unlock();
    }
  }

  /// Begins a consistent view. Must be closed by the same thread.
  View view() {
    return new View(use());
  }

  /// Writes everything that is only in memory to the disk, in one piece.
  void flush() {
    Lock held = use();
    try (var options = new FlushOptions().setWaitForFlush(true).setAllowWriteStall(true)) {
      rocks.flush(options, families);
    } catch (RocksDBException e) {
      throw Refusals.unavailable("The store cannot flush: " + e.getMessage());
    } finally {
      held.unlock();
    }
  }

  long counter(TickerType ticker) {
    Lock held = use();
    try {
      return statistics.getTickerCount(ticker);
    } finally {
      held.unlock();
    }
  }

  /// How often background work (a flush, a compaction) has failed.
  long backgroundErrors() {
    Lock held = use();
    try {
      return rocks.getLongProperty("rocksdb.background-errors");
    } catch (RocksDBException e) {
      throw Refusals.cannotRead(e);
    } finally {
      held.unlock();
    }
  }

  private Lock use() {
    Lock reading = lock.readLock();
    reading.lock();
    if (closed) {
      reading.unlock();
      throw Refusals.closed();
    }
    return reading;
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        families.forEach(ColumnFamilyHandle::close);
        rocks.close();
        skipLog.close();
        log.close();
        logAndSync.close();
        closeAll(natives);
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  private static void closeAll(List<AutoCloseable> natives) {
    for (AutoCloseable one : natives.reversed()) {
      try {
        one.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /// The data as it was at one moment.
  final class View implements AutoCloseable {
    private final Lock held;
    private final Snapshot snapshot;
    private final ReadOptions options;

    private View(Lock held) {
      this.held = held;
      this.snapshot = rocks.getSnapshot();
      this.options = new ReadOptions().setSnapshot(snapshot);
    }

    byte @Nullable [] get(ColumnFamilyHandle family, byte[] key) {
      try {
        return rocks.get(family, options, key);
      } catch (RocksDBException e) {
        throw Refusals.cannotRead(e);
      }
    }

    RocksIterator iterate(ColumnFamilyHandle family) {
      return rocks.newIterator(family, options);
    }

    /// Whether the iterator stands on an entry; the end of a damaged file is not the end.
    boolean standsOnEntry(RocksIterator iterator) {
      if (iterator.isValid()) {
        return true;
      }
      try {
        iterator.status();
      } catch (RocksDBException e) {
        throw Refusals.cannotRead(e);
      }
      return false;
    }

    @Override
    public void close() {
      options.close();
      rocks.releaseSnapshot(snapshot);
      snapshot.close();
      held.unlock();
    }
  }
}
