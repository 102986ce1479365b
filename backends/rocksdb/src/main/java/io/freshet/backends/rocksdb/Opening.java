// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.backends.rocksdb.Collections.Collection;
import io.freshet.protocol.Change;
import io.freshet.spi.Durability;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings a directory back to life: cuts off what a failed commit left, finds where the logs end,
/// begins new epochs after an unclean stop, and replays what the documents do not contain yet.
final class Opening {
  private static final Logger LOG = LoggerFactory.getLogger(Opening.class);
  private static final int REPLAY = 1_024;

  /// How many times the soft bound of unmaterialised documents is the hard one.
  private static final int HARD_BOUND = 4;

  final Database database;
  final Meta meta;
  final FailureMark failureMark;
  final Logs logs;
  final Collections collections;
  final DirtyDocuments dirty;
  final Documents documents;
  final LogReader reader;
  final Materialiser materialiser;
  final Outcomes outcomes;

  /// What the tags of event ids stand for. Added to under the commit lock.
  final Map<Integer, Meta.Tag> tags = new ConcurrentHashMap<>();

  final ReentrantLock commitLock = new ReentrantLock();
  private final RocksStoreOptions options;

  private Opening(
      RocksStoreOptions options, InstantSource clock, Database database, FailureMark failureMark) {
    this.options = options;
    this.database = database;
    this.failureMark = failureMark;
    meta = new Meta(database);
    logs = new Logs(options);
    collections = new Collections(logs::of);
    dirty = new DirtyDocuments(HARD_BOUND * options.memory().unmaterialised());
    documents = new Documents(database, collections, dirty);
    reader = new LogReader(database, collections);
    outcomes = new Outcomes(database, reader, logs.all(), clock);
    materialiser = new Materialiser(database, meta, collections, dirty, logs.all(), commitLock);
  }

  /// @throws io.freshet.protocol.error.FreshetException `STORE_NOT_USABLE`, `STORE_CORRUPT` or
  ///   `UNAVAILABLE`
  static Opening open(RocksStoreOptions options, InstantSource clock) {
    Path directory = options.directory();
    Database database = Database.open(directory.resolve("rocksdb"), options.memory());
    FailureMark failureMark = null;
    try {
      failureMark = FailureMark.open(directory.resolve("failed-commit"));
      var opening = new Opening(options, clock, database, failureMark);
      opening.run();
      return opening;
    } catch (IOException e) {
      close(database, failureMark);
      throw Refusals.unusable(directory, e);
    } catch (RocksDBException e) {
      close(database, failureMark);
      throw Refusals.cannotOpen(directory, e);
    } catch (RuntimeException e) {
      close(database, failureMark);
      throw e;
    }
  }

  private static void close(Database database, @Nullable FailureMark failureMark) {
    database.close();
    if (failureMark != null) {
      try {
        failureMark.close();
      } catch (IOException e) {
        LOG.debug("Closing after a failed opening", e);
      }
    }
  }

  private void run() throws IOException, RocksDBException {
    long format = meta.format();
    cutFailedCommit();
    boolean clean = meta.wasStoppedCleanly();
    openLevels(clean);
    openSources();
    meta.recoverCollections(collections);
    if (format == Meta.FORMAT_1) {
      Format1.listTombstones(database);
    }
    replay();
    String routing = options.durability() + " " + options.rules();
    String before = meta.routing();
    if (before != null && !before.equals(routing)) {
      // A document may go on in another log: no log may then be behind the documents.
      materialiser.run();
      database.flush();
    }
    try (var batch = new WriteBatch()) {
      meta.putOpened(batch, logs.all(), tags, routing);
      database.write(batch, Database.Sync.LOG_AND_SYNC);
    }
  }

  private void cutFailedCommit() throws IOException, RocksDBException {
    List<FailureMark.End> ends = failureMark.read().orElse(List.of());
    if (ends.isEmpty()) {
      return;
    }
    try (var batch = new WriteBatch()) {
      for (FailureMark.End end : ends) {
        cut(batch, end.log(), end.head());
        outcomes.cut(batch, end.log(), end.head());
      }
      database.write(batch, Database.Sync.SKIP_LOG);
    }
    // After the flush the write-ahead log that holds the failed commit is not read again.
    database.flush();
    failureMark.clear();
    LOG.info("Cut off what a failed commit had left behind: {}", ends);
  }

  private void cut(WriteBatch batch, int log, long head) throws RocksDBException {
    try (var view = database.view();
        RocksIterator iterator = view.iterate(database.batches)) {
      iterator.seek(Keys.batch(log, head + 1));
      while (view.standsOnEntry(iterator) && Keys.isBatch(iterator.key(), log)) {
        batch.delete(database.batches, iterator.key());
        for (int collection : BatchInfo.decode(iterator.value()).collections()) {
          long last = Keys.offset(iterator.key());
          batch.delete(database.changes, Keys.change(log, collection, last));
        }
        iterator.next();
      }
    }
  }

  private void openLevels(boolean clean) {
    int lastTag = meta.lastTag();
    tags.putAll(meta.tags());
    for (Durability level : levels()) {
      int log = LogTail.number(level);
      Meta.Epoch epoch = meta.epoch(log);
      boolean loses = level.compareTo(Durability.FSYNC) < 0;
      LogTail.Start start = start(log, !clean && loses);
      if (epoch != null) {
        // Format 1 noted neither tags of former epochs nor where epochs begin.
        tags.putIfAbsent(epoch.tag(), new Meta.Tag(log, epoch.number(), 0));
      }
      if (epoch == null) {
        epoch = new Meta.Epoch(1, ++lastTag);
      } else if (!clean && loses) {
        epoch = new Meta.Epoch(epoch.number() + 1, ++lastTag);
        LOG.info("Log {} begins epoch {} after an unclean stop", level, epoch.number());
      }
      tags.putIfAbsent(epoch.tag(), new Meta.Tag(log, epoch.number(), start.head()));
      logs.add(level, LogTail.of(level, epoch, start));
    }
  }

  /// Those that ever were, whether or not they are opened again.
  private void openSources() {
    meta.sources()
        .forEach((log, name) -> {
          Meta.Epoch epoch = meta.epoch(log);
          if (epoch == null) {
            throw Refusals.malformed("the log of source " + name + " has no epoch");
          }
          LogTail tail = LogTail.ofSource(name, log, epoch, start(log, false));
          logs.addSource(tail);
          logs.claim(tail, meta.routes(log));
        });
  }

  /// A tag of event ids that was never given before. The commit lock is held.
  int nextTag() {
    return tags.keySet().stream().mapToInt(tag -> tag).max().orElse(0) + 1;
  }

  /// Those in use, and those that were.
  private Set<Durability> levels() {
    Set<Durability> levels = EnumSet.of(options.durability());
    options.rules().forEach(rule -> levels.add(rule.durability()));
    for (Durability level : RocksStore.OFFERED) {
      if (meta.epoch(LogTail.number(level)) != null) {
        levels.add(level);
      }
    }
    return levels;
  }

  private LogTail.Start start(int log, boolean mayHaveLost) {
    Meta.Mark mark = meta.mark(log);
    long head = mark.offset();
    long timeMs = Math.max(mark.timeMs(), mayHaveLost ? meta.timeReservedMs(log) : 0);
    long bytes = mark.bytes();
    long oldest = mark.offset() + 1;
    try (var view = database.view();
        RocksIterator iterator = view.iterate(database.batches)) {
      iterator.seek(Keys.batch(log, 0));
      if (view.standsOnEntry(iterator) && Keys.isBatch(iterator.key(), log)) {
        int count = BatchInfo.decode(iterator.value()).count();
        oldest = Keys.offset(iterator.key()) - count + 1;
      }
      iterator.seek(Keys.batch(log, mark.offset() + 1));
      while (view.standsOnEntry(iterator) && Keys.isBatch(iterator.key(), log)) {
        BatchInfo batch = BatchInfo.decode(iterator.value());
        long last = Keys.offset(iterator.key());
        if (last - batch.count() != head) {
          throw Refusals.malformed("log " + log + " has a gap after " + head);
        }
        head = last;
        timeMs = Math.max(timeMs, batch.timeMs());
        bytes += batch.bytes();
        iterator.next();
      }
    }
    return new LogTail.Start(oldest, head, timeMs, bytes, mark.offset(), mark.bytes());
  }

  private void replay() throws RocksDBException {
    for (LogTail tail : logs.all()) {
      long next = tail.materialised() + 1;
      while (next <= tail.head()) {
        List<LogReader.Found> found = reader.read(tail, null, next, REPLAY);
        for (LogReader.Found one : found) {
          replay(tail, one);
        }
        next = found.getLast().change().position().offset() + 1;
        if (dirty.isOverBound()) {
          materialiser.writeDocuments();
        }
      }
    }
  }

  /// A document on disk may be ahead of the mark; what it contains is not applied again.
  private void replay(LogTail tail, LogReader.Found found) {
    Change change = found.change();
    if (found.isTold()) {
      return;
    }
    Collection collection = collections.of(change.key().collection());
    StoredDocument known = documents.header(collection, change.key());
    boolean contained =
        known.log() == tail.number() && known.offset() >= change.position().offset();
    if (!contained) {
      dirty.put(found.document(tail), Due.of(known.document()));
    }
  }
}
