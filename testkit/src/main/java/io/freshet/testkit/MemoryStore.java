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
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The reference store: the contract in its plainest form, one log and one for each source, nothing
/// on disk. Holds every change for ever unless told to drop some.
///
/// Safe for use by many threads; unlike the contract's minimum, [#commit] may be called by several,
/// so that a test can play another writer.
public final class MemoryStore implements Store {
  private static final LogId LOG = new LogId("memory");
  private static final long REMEMBERED_MS = 600_000;
  private static final Pattern SOURCE_NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  private static final Comparator<String> BY_BYTES =
      (one, other) ->
          Arrays.compareUnsigned(
              one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));

  private final InstantSource clock;
  private final Map<DocumentKey, Document> documents = new HashMap<>();
  private final Map<DocumentKey, Position> lastPositions = new HashMap<>();

  /// Of documents that were purged, what is no longer of their history.
  private final Map<DocumentKey, Set<Change>> purged = new HashMap<>();

  private final Map<RequestKey, List<Change>> outcomes = new HashMap<>();

  private final List<MemoryFeed> feeds = new ArrayList<>();

  /// The epochs of all logs, oldest first; the tag of an epoch's event ids is its place from 1.
  private final List<MemoryLog.Epoch> epochs = new ArrayList<>();

  /// Where everything is that is no source's.
  private final MemoryLog log = new MemoryLog(LOG, Durability.MEMORY, 1);

  private final Map<String, MemorySourceLog> sources = new TreeMap<>();
  private final MemoryCursors cursors;
  private boolean closed;

  public MemoryStore(InstantSource clock) {
    this.clock = clock;
    this.cursors = new MemoryCursors(clock, this::requireOpen);
    epochs.add(log.epoch());
  }

  @Override
  public Set<Durability> durabilities() {
    return Set.of(Durability.MEMORY);
  }

  @Override
  public synchronized List<LogState> logs() {
    requireOpen();
    return logList().map(MemoryLog::state).toList();
  }

  private Stream<MemoryLog> logList() {
    return Stream.concat(Stream.of(log), sources.values().stream().map(source -> source.log));
  }

  @Override
  public synchronized LogId logOf(String collection) {
    return logFor(collection).id;
  }

  private MemoryLog logFor(String collection) {
    return sources.values().stream()
        .filter(source -> source.collections.contains(collection))
        .findFirst()
        .map(source -> source.log)
        .orElse(log);
  }

  @Override
  public synchronized CompletionStage<List<Document>> load(List<DocumentKey> keys) {
    requireOpen();
    return CompletableFuture.completedStage(keys.stream().map(this::current).toList());
  }

  @Override
  public synchronized List<CommitResult> commit(List<Write> writes) {
    requireOpen();
    writes.forEach(write -> requireSound(write, false));
    Attempt attempt = attempt(log, writes);
    attempt.publish();
    remember(writes, attempt.results);
    return List.copyOf(attempt.results);
  }

  private Attempt attempt(MemoryLog target, List<Write> writes) {
    writes.forEach(write -> requireOwn(target, write));
    var attempt = new Attempt(target, Set.of());
    while (!attempt.run(writes)) {
      attempt = new Attempt(target, attempt.failedBatches);
    }
    return attempt;
  }

  @SuppressWarnings("ReferenceEquality") // there is one object per log
  private void requireOwn(MemoryLog target, Write write) {
    MemoryLog own = logFor(write.key().collection());
    if (own != target) {
      throw new IllegalArgumentException(write.key() + " is written to log " + own.id);
    }
  }

  /// A trial of a commit. It succeeds when every batch that met a conflict was known to fail from
  /// the start; otherwise the next trial knows more.
  private final class Attempt {
    private final MemoryLog target;
    private final long timeMs;
    private final Set<String> failedBatches;
    private final Map<DocumentKey, Document> states = new HashMap<>();
    private final Set<DocumentKey> conflicted = new HashSet<>();
    private final List<Change> changes = new ArrayList<>();
    private final List<CommitResult> results = new ArrayList<>();

    private Attempt(MemoryLog target, Set<String> failedBatches) {
      this.target = target;
      this.timeMs = Math.max(target.timeMs(), clock.millis());
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
          Change change = change(write, current);
          changes.add(change);
          states.put(write.key(), change.after());
          results.add(new CommitResult.Committed(change));
        }
      }
      return sound;
    }

    private Change change(Write write, Document current) {
      return new Change(
          target.nextId(timeMs, changes.size()),
          target.nextPosition(changes.size()),
          write.operation(),
          current,
          isTold(write) ? current : timed(write, current, timeMs),
          write.operations(),
          write.actor(),
          write.batch(),
          write.captured());
    }

    private boolean hasConflicts() {
      return !conflicted.isEmpty();
    }

    private void publish() {
      for (Change change : changes) {
        target.append(change);
        if (!isTold(change)) {
          documents.put(change.key(), change.after());
          lastPositions.put(change.key(), change.position());
        }
      }
      deliver(target, changes);
    }
  }

  /// A write that breaks the rules of revisions is a mistake of the caller, not an outcome.
  private static void requireSound(Write write, boolean mayTell) {
    Document before = write.before();
    boolean told = mayTell && isTold(write);
    long step = told || write.operation() == Operation.OPEN ? 0 : 1;
    if (!before.key().equals(write.key())
        || write.after().revision() != before.revision() + step
        || told && !(before.isLive() && write.after().data().equals(before.data()))) {
      throw new IllegalArgumentException("Not one step of one document: " + write);
    }
  }

  /// Whether it only says what stands there.
  private static boolean isTold(Write write) {
    return write.operation() == Operation.SNAPSHOT
        && write.after().revision() == write.before().revision();
  }

  private static boolean isTold(Change change) {
    return change.operation() == Operation.SNAPSHOT
        && change.revision() == change.before().revision();
  }

  private static boolean fits(Write write, Document current) {
    boolean sameRevision = current.revision() == write.before().revision();
    return sameRevision && !(write.operation() == Operation.OPEN && current.isRecord());
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
    long now = Math.max(log.timeMs(), clock.millis());
    return now - outcome.getFirst().id().timeMs() > REMEMBERED_MS;
  }

  /// The state to become with its times and its user; an opening has none of its own.
  private static Document timed(Write write, Document current, long timeMs) {
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

  @SuppressWarnings("ReferenceEquality") // there is one object per log
  private void deliver(MemoryLog from, List<Change> committed) {
    if (!committed.isEmpty()) {
      List<Change> batch = List.copyOf(committed);
      for (MemoryFeed feed : List.copyOf(feeds)) {
        if (feed.log == from) {
          feed.deliver(batch);
        }
      }
    }
  }

  @Override
  public synchronized Feed feed(LogId id, long from, ChangeListener listener) {
    MemoryLog read = named(id);
    List<Change> held = List.copyOf(read.from(from));
    if (from > read.head() + 1) {
      throw new FreshetException(
          ErrorCode.INVALID_ARGUMENT,
          "The log ends at " + read.head() + "; " + from + " is beyond it");
    }
    var feed = new MemoryFeed(read, listener);
    if (!held.isEmpty()) {
      feed.deliver(held);
    }
    feeds.add(feed);
    return feed;
  }

  @Override
  public synchronized List<Change> read(
      LogId id, @Nullable String collection, long from, int changesMax) {
    return named(id).from(from).stream()
        .filter(change -> collection == null || change.key().collection().equals(collection))
        .limit(changesMax)
        .toList();
  }

  private MemoryLog named(LogId id) {
    requireOpen();
    return logList()
        .filter(one -> one.id.equals(id))
        .findFirst()
        .orElseThrow(() -> new FreshetException(ErrorCode.NOT_FOUND, "There is no log " + id));
  }

  @Override
  public synchronized List<Listed> scan(String collection, @Nullable String after, int max) {
    requireOpen();
    return documents.values().stream()
        .filter(document -> document.key().collection().equals(collection))
        .filter(document -> after == null || BY_BYTES.compare(document.key().id(), after) > 0)
        .sorted(Comparator.comparing(document -> document.key().id(), BY_BYTES))
        .limit(max)
        .map(document -> new Listed(document, lastOffset(document.key())))
        .toList();
  }

  /// That of another log, where the collection was before, says nothing about its own.
  private long lastOffset(DocumentKey key) {
    Position last = lastPositions.get(key);
    return last != null && last.log().equals(logFor(key.collection()).id) ? last.offset() : 0;
  }

  @Override
  public synchronized List<Change> history(DocumentKey key, long after, int max) {
    requireOpen();
    return changesOf(key).stream()
        .filter(change -> change.revision() > after)
        .filter(change -> !purged.getOrDefault(key, Set.of()).contains(change))
        .limit(max)
        .toList();
  }

  /// Its held changes in all logs, oldest first.
  private List<Change> changesOf(DocumentKey key) {
    return logList()
        .flatMap(one -> one.changes().stream())
        .filter(change -> change.key().equals(key) && !isTold(change))
        .sorted(Comparator.comparingLong(Change::revision))
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
    return epochs.get(id.tag() - 1).locate(id.offset());
  }

  @Override
  public synchronized SourceLog openSource(String source) {
    requireOpen();
    if (!SOURCE_NAME.matcher(source).matches()) {
      throw new IllegalArgumentException("No name of a source: " + source);
    }
    return sources.computeIfAbsent(source, MemorySourceLog::new);
  }

  private final class MemorySourceLog implements SourceLog {
    private final MemoryLog log;
    private Set<String> collections = Set.of();
    private @Nullable String progress;

    private MemorySourceLog(String name) {
      var id = new LogId("source/" + name);
      this.log = new MemoryLog(id, Durability.FSYNC, epochs.size() + 1);
      epochs.add(log.epoch());
    }

    @Override
    public LogId id() {
      return log.id;
    }

    @Override
    public @Nullable String progress() {
      synchronized (MemoryStore.this) {
        return progress;
      }
    }

    @Override
    public void route(Set<String> names) {
      synchronized (MemoryStore.this) {
        requireOpen();
        for (MemorySourceLog other : sources.values()) {
          other.collections = new HashSet<>(other.collections);
          other.collections.removeAll(names);
        }
        collections = Set.copyOf(names);
      }
    }

    @Override
    public List<CommitResult> append(List<Write> writes, String newProgress) {
      synchronized (MemoryStore.this) {
        requireOpen();
        writes.forEach(write -> requireSound(write, true));
        Attempt attempt = attempt(log, writes);
        if (attempt.hasConflicts()) {
          return writes.stream()
              .<CommitResult>map(write -> new CommitResult.Conflict(current(write.key())))
              .toList();
        }
        attempt.publish();
        progress = newProgress;
        return List.copyOf(attempt.results);
      }
    }

    @Override
    public void newEpoch(String newProgress) {
      synchronized (MemoryStore.this) {
        requireOpen();
        log.lose(0, epochs.size() + 1);
        epochs.add(log.epoch());
        progress = newProgress;
      }
    }
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
    log.dropBefore(offset);
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
      lastPositions.remove(key);
      purged.put(key, Set.copyOf(changesOf(key)));
    }
  }

  /// Loses the newest changes and begins a new epoch, as an unclean stop of a log below `fsync`
  /// does. Feeds end.
  ///
  /// @param newest how many of the held changes are lost
  public synchronized void loseAndBeginEpoch(int newest) {
    List<Change> lost = log.lose(newest, epochs.size() + 1);
    epochs.add(log.epoch());
    outcomes.values().removeIf(outcome -> outcome.stream().anyMatch(lost::contains));
    lost.reversed().forEach(this::undo);
    feeds.removeIf(feed -> feed.log.id.equals(LOG));
  }

  private void undo(Change lost) {
    if (lost.before().life() == Life.MISSING) {
      documents.remove(lost.key());
    } else {
      documents.put(lost.key(), lost.before());
    }
    lastPositions.remove(lost.key());
    changesOf(lost.key()).forEach(change -> lastPositions.put(change.key(), change.position()));
  }

  private Document current(DocumentKey key) {
    Document known = documents.get(key);
    return known == null ? Document.missing(key) : known;
  }

  private synchronized void requireOpen() {
    if (closed) {
      throw new FreshetException(ErrorCode.UNAVAILABLE, "The store is closed");
    }
  }

  private final class MemoryFeed implements Feed {
    private final MemoryLog log;
    private final ChangeListener listener;

    private MemoryFeed(MemoryLog log, ChangeListener listener) {
      this.log = log;
      this.listener = listener;
    }

    private void deliver(List<Change> batch) {
      listener.onChanges(log.id, batch);
    }

    @Override
    public void close() {
      synchronized (MemoryStore.this) {
        feeds.remove(this);
      }
    }
  }
}
