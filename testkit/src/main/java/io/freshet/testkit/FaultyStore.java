// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
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
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A store that misbehaves on order, around one that works. Everything not ordered passes through.
///
/// Safe for use by many threads.
public final class FaultyStore implements Store {
  private final Store store;
  private final Queue<Runnable> beforeCommits = new ConcurrentLinkedQueue<>();
  private final Queue<DocumentKey> conflicts = new ConcurrentLinkedQueue<>();
  private final Queue<Gate> gates = new ConcurrentLinkedQueue<>();
  private final Queue<HeldLoad> heldLoads = new ConcurrentLinkedQueue<>();
  private final Queue<HeldOutcome> heldOutcomes = new ConcurrentLinkedQueue<>();
  private final List<LaggingFeed> feeds = new CopyOnWriteArrayList<>();
  private int failuresLeft;
  private ErrorCode failure = ErrorCode.UNAVAILABLE;
  private int readFailuresLeft;
  private ErrorCode readFailure = ErrorCode.UNAVAILABLE;
  private volatile boolean broken;
  private volatile boolean holdLoads;
  private volatile boolean holdOutcomes;
  private volatile boolean holdFeeds;

  public FaultyStore(Store store) {
    this.store = store;
  }

  /// Runs once, on the committing thread, before the next commit not yet taken by an earlier call.
  /// Committing a write of another writer here makes the engine's own write conflict for real.
  public void beforeNextCommit(Runnable action) {
    beforeCommits.add(action);
  }

  /// Answers the next write to the document, and all later ones of the same commit, with a conflict
  /// although nobody else wrote; and with it what is in one batch with such a write.
  public void conflictNext(DocumentKey key) {
    conflicts.add(key);
  }

  /// The next `commits` commits fail and change nothing.
  public synchronized void failNext(int commits, ErrorCode code) {
    failuresLeft = commits;
    failure = code;
  }

  /// The next `reads` calls of [#read], [#scan], [#history], [#outcome] and [#expired] fail.
  public synchronized void failNextReads(int reads, ErrorCode code) {
    readFailuresLeft = reads;
    readFailure = code;
  }

  /// Every commit fails, and [#check] says so, until [#mend].
  public void breakDown() {
    broken = true;
  }

  public void mend() {
    broken = false;
  }

  /// The next commit stops before it does anything until the gate is opened.
  public Gate holdNextCommit() {
    var gate = new Gate();
    gates.add(gate);
    return gate;
  }

  /// From now on loads stay unanswered; see [#heldLoads].
  public void holdLoads() {
    holdLoads = true;
  }

  /// The unanswered loads, oldest first. Completing them in another order is allowed.
  public List<HeldLoad> heldLoads() {
    return List.copyOf(heldLoads);
  }

  /// Answers all unanswered loads with what is there now and holds no more.
  public void releaseLoads() {
    holdLoads = false;
    heldLoads().forEach(HeldLoad::answerWithPresent);
  }

  /// From now on nobody is told the [#outcome] of a request.
  public void holdOutcomes() {
    holdOutcomes = true;
  }

  /// How many wait for an outcome.
  public int heldOutcomes() {
    return heldOutcomes.size();
  }

  /// Tells everybody the outcome as it is now and holds none back any more.
  public void releaseOutcomes() {
    holdOutcomes = false;
    for (var next = heldOutcomes.poll(); next != null; next = heldOutcomes.poll()) {
      next.answer.complete(store.outcome(next.request).toCompletableFuture().join());
    }
  }

  /// From now on the feeds lag: changes commit, but nobody is told until [#releaseFeeds].
  public void holdFeeds() {
    holdFeeds = true;
  }

  /// Delivers everything held, on the calling thread, and lags no more.
  public void releaseFeeds() {
    holdFeeds = false;
    feeds.forEach(LaggingFeed::flush);
  }

  @Override
  public Set<Durability> durabilities() {
    return store.durabilities();
  }

  @Override
  public List<LogState> logs() {
    return store.logs();
  }

  @Override
  public LogId logOf(String collection) {
    return store.logOf(collection);
  }

  @Override
  public CompletionStage<List<Document>> load(List<DocumentKey> keys) {
    if (!holdLoads) {
      return store.load(keys);
    }
    var held = new HeldLoad(keys, store.load(keys));
    heldLoads.add(held);
    return held.answer;
  }

  @Override
  public List<CommitResult> commit(List<Write> writes) {
    Gate gate = gates.poll();
    if (gate != null) {
      gate.pass();
    }
    Runnable before = beforeCommits.poll();
    if (before != null) {
      before.run();
    }
    failIfOrdered();
    Set<Write> refused = refused(writes, takeConflicts(writes));
    List<Write> passed = writes.stream().filter(write -> !refused.contains(write)).toList();
    Queue<CommitResult> answers =
        new ArrayDeque<>(passed.isEmpty() ? List.of() : store.commit(passed));
    return writes.stream()
        .map(write -> refused.contains(write) ? conflict(write.key()) : answers.remove())
        .toList();
  }

  /// The writes to the documents, those in one batch with one of them, and later ones to their
  /// documents, until there are no more.
  private static Set<Write> refused(List<Write> writes, Set<DocumentKey> conflicts) {
    Set<Write> refused = Collections.newSetFromMap(new IdentityHashMap<>());
    var batches = new HashSet<@Nullable String>();
    int known;
    do {
      known = refused.size();
      var documents = new HashSet<>(conflicts);
      for (Write write : writes) {
        boolean inBatch = write.batch() != null && batches.contains(write.batch());
        if (inBatch || documents.contains(write.key())) {
          refused.add(write);
          documents.add(write.key());
          batches.add(write.batch());
        }
      }
    } while (refused.size() > known);
    return refused;
  }

  private synchronized void failIfOrdered() {
    if (broken) {
      throw new FreshetException(ErrorCode.UNAVAILABLE, "The store was told to be broken");
    }
    if (failuresLeft > 0) {
      failuresLeft--;
      throw new FreshetException(failure, "The store was told to fail");
    }
  }

  private synchronized void failReadIfOrdered() {
    if (readFailuresLeft > 0) {
      readFailuresLeft--;
      throw new FreshetException(readFailure, "The read was told to fail");
    }
  }

  private Set<DocumentKey> takeConflicts(List<Write> writes) {
    List<DocumentKey> keys = writes.stream().map(Write::key).distinct().toList();
    return keys.stream().filter(conflicts::remove).collect(Collectors.toSet());
  }

  private CommitResult conflict(DocumentKey key) {
    List<Document> current = store.load(List.of(key)).toCompletableFuture().join();
    return new CommitResult.Conflict(current.getFirst());
  }

  @Override
  public Feed feed(LogId log, long from, ChangeListener listener) {
    var feed = new LaggingFeed(listener);
    feeds.add(feed);
    feed.inner = store.feed(log, from, feed);
    return feed;
  }

  @Override
  public List<Change> read(LogId log, @Nullable String collection, long from, int changesMax) {
    failReadIfOrdered();
    return store.read(log, collection, from, changesMax);
  }

  @Override
  public List<Listed> scan(String collection, @Nullable String after, int max) {
    failReadIfOrdered();
    return store.scan(collection, after, max);
  }

  @Override
  public List<Change> history(DocumentKey key, long after, int max) {
    failReadIfOrdered();
    return store.history(key, after, max);
  }

  @Override
  public CompletionStage<List<Change>> outcome(RequestKey request) {
    try {
      failReadIfOrdered();
    } catch (FreshetException e) {
      return CompletableFuture.failedStage(e);
    }
    if (!holdOutcomes) {
      return store.outcome(request);
    }
    var held = new HeldOutcome(request, new CompletableFuture<>());
    heldOutcomes.add(held);
    return held.answer;
  }

  @Override
  public List<DocumentKey> expired(long untilMs, int max) {
    failReadIfOrdered();
    return store.expired(untilMs, max);
  }

  @Override
  public @Nullable Position locate(EventId id) {
    return store.locate(id);
  }

  @Override
  public SourceLog openSource(String source) {
    return store.openSource(source);
  }

  @Override
  public Cursors cursors() {
    return store.cursors();
  }

  @Override
  public Health check() {
    return broken ? new Health.Unhealthy("The store was told to be broken") : store.check();
  }

  @Override
  public void close() {
    store.close();
  }

  /// Where a commit waits.
  public static final class Gate {
    private final CompletableFuture<Void> arrived = new CompletableFuture<>();
    private final CompletableFuture<Void> opened = new CompletableFuture<>();

    private Gate() {}

    private void pass() {
      arrived.complete(null);
      opened.join();
    }

    /// Completes when a commit stands at the gate.
    public CompletableFuture<Void> arrived() {
      return arrived.copy();
    }

    public void open() {
      opened.complete(null);
    }
  }

  private record HeldOutcome(RequestKey request, CompletableFuture<List<Change>> answer) {}

  /// A load that has not been answered.
  public final class HeldLoad {
    private final List<DocumentKey> keys;
    private final CompletionStage<List<Document>> asked;
    private final CompletableFuture<List<Document>> answer = new CompletableFuture<>();

    private HeldLoad(List<DocumentKey> keys, CompletionStage<List<Document>> asked) {
      this.keys = List.copyOf(keys);
      this.asked = asked;
    }

    public List<DocumentKey> keys() {
      return keys;
    }

    /// Answers with the state at the time of asking: by now it may be old.
    public void answerWithPast() {
      heldLoads.remove(this);
      answer.complete(asked.toCompletableFuture().join());
    }

    /// Answers with the state of now: it may be ahead of what the feed has told.
    public void answerWithPresent() {
      heldLoads.remove(this);
      answer.complete(store.load(keys).toCompletableFuture().join());
    }

    public void fail(ErrorCode code) {
      heldLoads.remove(this);
      answer.completeExceptionally(new FreshetException(code, "The load was told to fail"));
    }
  }

  private final class LaggingFeed implements Feed, ChangeListener {
    private final ChangeListener listener;
    private final Deque<Runnable> held = new ArrayDeque<>();
    private @Nullable Feed inner;

    private LaggingFeed(ChangeListener listener) {
      this.listener = listener;
    }

    @Override
    public synchronized void onChanges(LogId log, List<Change> changes) {
      held.add(() -> listener.onChanges(log, changes));
      if (!holdFeeds) {
        flush();
      }
    }

    private synchronized void flush() {
      for (Runnable next = held.poll(); next != null; next = held.poll()) {
        next.run();
      }
    }

    @Override
    public synchronized void close() {
      feeds.remove(this);
      held.clear();
      if (inner != null) {
        inner.close();
      }
    }
  }
}
