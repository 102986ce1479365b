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
import io.freshet.spi.Cursors;
import io.freshet.spi.Durability;
import io.freshet.spi.Feed;
import io.freshet.spi.Health;
import io.freshet.spi.Listed;
import io.freshet.spi.LogState;
import io.freshet.spi.RequestKey;
import io.freshet.spi.SourceLog;
import io.freshet.spi.Store;
import io.freshet.spi.Write;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
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
  private static final long REMEMBERED_MS = 600_000;

  private static final Comparator<String> BY_BYTES =
      (one, other) ->
          Arrays.compareUnsigned(
              one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));

  private final InstantSource clock;
  private final Map<DocumentKey, Document> documents = new HashMap<>();
  private final Map<DocumentKey, Long> lastOffsets = new HashMap<>();

  /// Of documents that were purged, the offset their history begins behind.
  private final Map<DocumentKey, Long> purged = new HashMap<>();

  private final Map<RequestKey, List<Change>> outcomes = new HashMap<>();

  /// The change at offset `o` stands at index `o - dropped - 1`.
  private final List<Change> changes = new ArrayList<>();

  private final List<MemoryFeed> feeds = new ArrayList<>();

  /// The epochs, oldest first; the number of an epoch is the tag of its event ids.
  private final List<Epoch> epochs = new ArrayList<>(List.of(new Epoch(0)));

  private final MemoryCursors cursors;
  private long dropped;
  private long bytes;
  private long timeMs;
  private EventId headId = EventId.of(0, 1, 0);
  private boolean closed;

  public MemoryStore(InstantSource clock) {
    this.clock = clock;
    this.cursors = new MemoryCursors(clock, this::requireOpen);
  }

  /// A run of the log, and between which places its changes stand or stood.
  private static final class Epoch {
    private final long begin;

    /// Of one that is over.
    private @Nullable Long end;

    private Epoch(long begin) {
      this.begin = begin;
    }
  }

  @Override
  public Set<Durability> durabilities() {
    return Set.of(Durability.MEMORY);
  }

  @Override
  public synchronized List<LogState> logs() {
    requireOpen();
    return List.of(
        new LogState(LOG, epochs.size(), Durability.MEMORY, dropped + 1, head(), headId, bytes));
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
    var attempt = new Attempt();
    while (!attempt.run(writes)) {
      attempt = new Attempt(attempt.failedBatches);
    }
    attempt.changes.forEach(this::append);
    remember(writes, attempt.results);
    deliver(attempt.changes);
    return List.copyOf(attempt.results);
  }

  /// A trial of a commit. It succeeds when every batch that met a conflict was known to fail from
  /// the start; otherwise the next trial knows more.
  private final class Attempt {
    private final Set<String> failedBatches;
    private final Map<DocumentKey, Document> states = new HashMap<>();
    private final Set<DocumentKey> conflicted = new HashSet<>();
    private final List<Change> changes = new ArrayList<>();
    private final List<CommitResult> results = new ArrayList<>();

    private Attempt() {
      this(Set.of());
    }

    private Attempt(Set<String> failedBatches) {
      this.failedBatches = new HashSet<>(failedBatches);
    }

    private boolean run(List<Write> writes) {
      boolean sound = true;
      for (Write write : writes) {
        Document current = states.getOrDefault(write.key(), current(write.key()));
        String batch = write.batch();
        boolean refused = batch != null && failedBatches.contains(batch);
        if (refused || conflicted.contains(write.key()) || !fits(write, current)) {
          conflicted.add(write.key());
          results.add(new CommitResult.Conflict(current));
          sound &= batch == null || !failedBatches.add(batch);
        } else {
          Change change = change(write, current, head() + changes.size() + 1);
          changes.add(change);
          states.put(write.key(), change.after());
          results.add(new CommitResult.Committed(change));
        }
      }
      return sound;
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

  private static boolean fits(Write write, Document current) {
    boolean sameRevision = current.revision() == write.before().revision();
    return sameRevision && !(write.operation() == Operation.OPEN && current.isRecord());
  }

  private Change change(Write write, Document current, long offset) {
    return new Change(
        EventId.of(timeMs, epochs.size(), offset),
        new Position(LOG, epochs.size(), offset),
        write.operation(),
        current,
        timed(write, current),
        write.operations(),
        write.actor(),
        write.batch(),
        write.captured());
  }

  private void append(Change change) {
    changes.add(change);
    documents.put(change.key(), change.after());
    lastOffsets.put(change.key(), change.position().offset());
    headId = change.id();
    bytes += bytesOf(change);
  }

  private static long bytesOf(Change change) {
    return change.after().data().encodedBytes();
  }

  private void remember(List<Write> writes, List<CommitResult> results) {
    var fresh = new HashMap<RequestKey, List<Change>>();
    for (int i = 0; i < writes.size(); i++) {
      RequestKey request = writes.get(i).request();
      if (request != null && results.get(i) instanceof CommitResult.Committed(Change change)) {
        fresh.computeIfAbsent(request, key -> new ArrayList<>()).add(change);
      }
    }
    if (!fresh.isEmpty()) {
      outcomes.values().removeIf(this::isForgotten);
      outcomes.putAll(fresh);
    }
  }

  private boolean isForgotten(List<Change> outcome) {
    long now = Math.max(timeMs, clock.millis());
    return now - outcome.getFirst().id().timeMs() > REMEMBERED_MS;
  }

  /// The state to become with its times and its user; an opening has none of its own.
  private Document timed(Write write, Document current) {
    Document after = write.after();
    boolean opening = after.life() == Life.OPENED;
    long createdAt =
        switch (after.life()) {
          case MISSING, OPENED -> 0;
          case TOMBSTONE -> after.createdAt() != 0 ? after.createdAt() : current.createdAt();
          case LIVE ->
              after.createdAt() != 0
                  ? after.createdAt()
                  : current.isLive() ? current.createdAt() : timeMs;
        };
    long updatedAt = opening ? current.updatedAt() : Math.max(timeMs, current.updatedAt());
    return new Document(
        after.key(),
        after.life(),
        after.revision(),
        after.data(),
        createdAt,
        updatedAt,
        after.expiresAt(),
        opening ? current.updatedBy() : write.actor());
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
  public synchronized List<Listed> scan(String collection, @Nullable String after, int max) {
    requireOpen();
    return documents.values().stream()
        .filter(document -> document.key().collection().equals(collection))
        .filter(document -> after == null || BY_BYTES.compare(document.key().id(), after) > 0)
        .sorted(Comparator.comparing(document -> document.key().id(), BY_BYTES))
        .limit(max)
        .map(document -> new Listed(document, lastOffsets.getOrDefault(document.key(), 0L)))
        .toList();
  }

  @Override
  public synchronized List<Change> history(DocumentKey key, long after, int max) {
    requireOpen();
    return changes.stream()
        .filter(change -> change.key().equals(key) && change.revision() > after)
        .filter(change -> change.position().offset() > purged.getOrDefault(key, 0L))
        .limit(max)
        .toList();
  }

  @Override
  public synchronized CompletionStage<List<Change>> outcome(RequestKey request) {
    requireOpen();
    List<Change> known = outcomes.get(request);
    return CompletableFuture.completedStage(
        known == null || isForgotten(known) ? List.of() : List.copyOf(known));
  }

  @Override
  public synchronized List<DocumentKey> expired(long untilMs, int max) {
    requireOpen();
    return documents.values().stream()
        .filter(document -> document.isExpired(untilMs))
        .sorted(Comparator.comparingLong(Document::expiresAt).thenComparing(Document::key))
        .limit(max)
        .map(Document::key)
        .toList();
  }

  @Override
  public synchronized @Nullable Position locate(EventId id) {
    requireOpen();
    if (id.tag() < 1 || id.tag() > epochs.size()) {
      return null;
    }
    Epoch epoch = epochs.get(id.tag() - 1);
    long end = epoch.end != null ? epoch.end : head();
    return id.offset() >= epoch.begin && id.offset() <= end
        ? new Position(LOG, id.tag(), id.offset())
        : null;
  }

  @Override
  public SourceLog openSource(String source) {
    throw new UnsupportedOperationException("to be made");
  }

  @Override
  public Cursors cursors() {
    return cursors;
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
    List<Change> gone = changes.subList(0, (int) count);
    bytes -= gone.stream().mapToLong(MemoryStore::bytesOf).sum();
    gone.clear();
    dropped += count;
  }

  /// Forgets the documents deleted before a moment, and their histories.
  ///
  /// @param timeMs milliseconds since 1970
  public synchronized void purgeTombstones(long timeMs) {
    List<DocumentKey> due =
        documents.values().stream()
            .filter(document -> document.life() == Life.TOMBSTONE)
            .filter(document -> document.updatedAt() < timeMs)
            .map(Document::key)
            .toList();
    for (DocumentKey key : due) {
      documents.remove(key);
      lastOffsets.remove(key);
      purged.put(key, head());
    }
  }

  /// Loses the newest changes and begins a new epoch, as an unclean stop of a log below `fsync`
  /// does. Feeds end.
  ///
  /// @param newest how many of the held changes are lost
  public synchronized void loseAndBeginEpoch(int newest) {
    epochs.getLast().end = head();
    List<Change> lost = changes.subList(changes.size() - newest, changes.size());
    outcomes.values().removeIf(outcome -> outcome.stream().anyMatch(lost::contains));
    lost.reversed().forEach(this::undo);
    bytes -= lost.stream().mapToLong(MemoryStore::bytesOf).sum();
    lost.clear();
    feeds.clear();
    epochs.add(new Epoch(head()));
    headId = EventId.of(timeMs, epochs.size(), head());
  }

  private void undo(Change lost) {
    if (lost.before().life() == Life.MISSING) {
      documents.remove(lost.key());
    } else {
      documents.put(lost.key(), lost.before());
    }
    lastOffsets.put(lost.key(), lastOffset(lost.key(), lost.position().offset() - 1));
  }

  /// Of the document's last held change up to an offset; 0 when there is none.
  private long lastOffset(DocumentKey key, long upTo) {
    return changes.subList(0, index(upTo + 1)).stream()
        .filter(change -> change.key().equals(key))
        .mapToLong(change -> change.position().offset())
        .max()
        .orElse(0);
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

  private synchronized void requireOpen() {
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
