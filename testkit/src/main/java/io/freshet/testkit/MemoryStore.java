// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.Document.Life;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
import io.freshet.protocol.Operation;
import io.freshet.protocol.Position;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.ChangeListener;
import io.freshet.spi.CommitResult;
import io.freshet.spi.Durability;
import io.freshet.spi.Feed;
import io.freshet.spi.Health;
import io.freshet.spi.LogState;
import io.freshet.spi.Store;
import io.freshet.spi.Write;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The reference store: the contract in its plainest form, one log, nothing on disk. Holds every
/// change for ever unless told to drop some.
///
/// Safe for use by many threads; unlike the contract's minimum, [#commit] may be called by several,
/// so that a test can play another writer.
public final class MemoryStore implements Store {
  private static final LogId LOG = new LogId("memory");

  private final InstantSource clock;
  private final Map<DocumentKey, Document> documents = new HashMap<>();

  /// The change at offset `o` stands at index `o - dropped - 1`.
  private final List<Change> changes = new ArrayList<>();

  private final List<MemoryFeed> feeds = new ArrayList<>();
  private long dropped;
  private long epoch = 1;
  private long timeMs;
  private boolean closed;

  public MemoryStore(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public Set<Durability> durabilities() {
    return Set.of(Durability.MEMORY);
  }

  @Override
  public synchronized List<LogState> logs() {
    requireOpen();
    return List.of(new LogState(LOG, epoch, Durability.MEMORY, dropped + 1, head()));
  }

  @Override
  public LogId logOf(String collection) {
    return LOG;
  }

  @Override
  public synchronized CompletionStage<List<Document>> load(List<DocumentKey> keys) {
    requireOpen();
    return CompletableFuture.completedStage(keys.stream().map(this::current).toList());
  }

  @Override
  public synchronized List<CommitResult> commit(List<Write> writes) {
    requireOpen();
    writes.forEach(MemoryStore::requireSound);
    timeMs = Math.max(timeMs, clock.millis());
    var results = new ArrayList<CommitResult>(writes.size());
    var committed = new ArrayList<Change>();
    var conflicted = new HashSet<DocumentKey>();
    for (Write write : writes) {
      Document current = current(write.key());
      if (conflicted.contains(write.key()) || !fits(write, current)) {
        conflicted.add(write.key());
        results.add(new CommitResult.Conflict(current));
      } else {
        Change change = append(write, current);
        committed.add(change);
        results.add(new CommitResult.Committed(change));
      }
    }
    deliver(committed);
    return List.copyOf(results);
  }

  /// A write that breaks the rules of revisions is a mistake of the caller, not an outcome.
  private static void requireSound(Write write) {
    long step = write.operation() == Operation.OPEN ? 0 : 1;
    if (!write.before().key().equals(write.key())
        || write.after().revision() != write.before().revision() + step) {
      throw new IllegalArgumentException("Not one step of one document: " + write);
    }
  }

  private static boolean fits(Write write, Document current) {
    boolean sameRevision = current.revision() == write.before().revision();
    return sameRevision && !(write.operation() == Operation.OPEN && current.isRecord());
  }

  private Change append(Write write, Document current) {
    long offset = head() + 1;
    Document after = timed(write.after(), current);
    var change =
        new Change(
            EventId.of(timeMs, (int) epoch, offset),
            new Position(LOG, epoch, offset),
            write.operation(),
            current,
            after,
            write.operations(),
            write.actor());
    changes.add(change);
    documents.put(after.key(), after);
    return change;
  }

  private Document timed(Document after, Document current) {
    long createdAt =
        switch (after.life()) {
          case MISSING, OPENED -> 0;
          case TOMBSTONE -> after.createdAt() != 0 ? after.createdAt() : current.createdAt();
          case LIVE ->
              after.createdAt() != 0
                  ? after.createdAt()
                  : current.isLive() ? current.createdAt() : timeMs;
        };
    long updatedAt =
        after.life() == Life.OPENED ? current.updatedAt() : Math.max(timeMs, current.updatedAt());
    return new Document(
        after.key(), after.life(), after.revision(), after.data(), createdAt, updatedAt);
  }

  private void deliver(List<Change> committed) {
    if (!committed.isEmpty()) {
      List<Change> batch = List.copyOf(committed);
      List.copyOf(feeds).forEach(feed -> feed.deliver(batch));
    }
  }

  @Override
  public synchronized Feed feed(LogId log, long from, ChangeListener listener) {
    requireHeld(log, from);
    if (from > head() + 1) {
      throw new FreshetException(
          ErrorCode.INVALID_ARGUMENT, "The log ends at " + head() + "; " + from + " is beyond it");
    }
    var feed = new MemoryFeed(listener);
    List<Change> held = List.copyOf(changes.subList(index(from), changes.size()));
    if (!held.isEmpty()) {
      feed.deliver(held);
    }
    feeds.add(feed);
    return feed;
  }

  @Override
  public synchronized List<Change> read(
      LogId log, @Nullable String collection, long from, int changesMax) {
    requireHeld(log, from);
    return changes.stream()
        .skip(index(from))
        .filter(change -> collection == null || change.key().collection().equals(collection))
        .limit(changesMax)
        .toList();
  }

  @Override
  public synchronized Health check() {
    return closed ? new Health.Unhealthy("The store is closed") : Health.Healthy.HEALTHY;
  }

  @Override
  public synchronized void close() {
    closed = true;
    feeds.clear();
  }

  /// Forgets the changes before an offset, as retention does.
  public synchronized void dropBefore(long offset) {
    long count = Math.clamp(offset - dropped - 1, 0, changes.size());
    changes.subList(0, (int) count).clear();
    dropped += count;
  }

  /// Loses the newest changes and begins a new epoch, as an unclean stop of a log below `fsync`
  /// does. Feeds end.
  ///
  /// @param newest how many of the held changes are lost
  public synchronized void loseAndBeginEpoch(int newest) {
    for (Change lost : changes.subList(changes.size() - newest, changes.size()).reversed()) {
      documents.put(lost.key(), lost.before());
    }
    changes.subList(changes.size() - newest, changes.size()).clear();
    feeds.clear();
    epoch++;
  }

  private long head() {
    return dropped + changes.size();
  }

  private int index(long offset) {
    return Math.toIntExact(Math.min(offset - dropped - 1, changes.size()));
  }

  private Document current(DocumentKey key) {
    Document known = documents.get(key);
    return known == null ? Document.missing(key) : known;
  }

  private void requireHeld(LogId log, long from) {
    requireOpen();
    if (!log.equals(LOG)) {
      throw new FreshetException(ErrorCode.NOT_FOUND, "There is no log " + log);
    }
    if (from <= dropped) {
      throw new FreshetException(
          ErrorCode.NOT_FOUND,
          "Change " + from + " is no longer held; the oldest is " + (dropped + 1));
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new FreshetException(ErrorCode.UNAVAILABLE, "The store is closed");
    }
  }

  private final class MemoryFeed implements Feed {
    private final ChangeListener listener;

    private MemoryFeed(ChangeListener listener) {
      this.listener = listener;
    }

    private void deliver(List<Change> batch) {
      listener.onChanges(LOG, batch);
    }

    @Override
    public void close() {
      synchronized (MemoryStore.this) {
        feeds.remove(this);
      }
    }
  }
}
