// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
import io.freshet.protocol.Position;
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
import io.freshet.testkit.MemoryStore;
import io.freshet.testkit.VirtualClock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// A store with a log for each of some collections, and one for the rest: several memory stores,
/// their logs renamed and their event ids told apart.
final class SeveralLogs implements Store {
  private static final int TAGS_EACH = 1000;

  final VirtualClock clock = VirtualClock.atNoon();
  private final Map<String, Part> parts = new LinkedHashMap<>();

  static SeveralLogs of(String... collections) {
    var store = new SeveralLogs();
    for (String each : collections) {
      store.parts.put(each, store.new Part(new LogId("log-" + each), store.parts.size()));
    }
    return store;
  }

  MemoryStore memory(String collection) {
    return part(collection).store;
  }

  private Part part(String collection) {
    Part part = parts.get(collection);
    return part != null ? part : parts.values().iterator().next();
  }

  private final class Part {
    private final MemoryStore store = new MemoryStore(clock);
    private final LogId log;
    private final int number;

    Part(LogId log, int number) {
      this.log = log;
      this.number = number;
    }

    private EventId renamed(EventId id) {
      return EventId.of(id.timeMs(), id.tag() + number * TAGS_EACH, id.offset());
    }

    private Change renamed(Change change) {
      Position position = change.position();
      return new Change(
          renamed(change.id()),
          new Position(log, position.epoch(), position.offset()),
          change.operation(),
          change.before(),
          change.after(),
          change.operations(),
          change.actor(),
          change.batch(),
          change.captured());
    }

    private List<Change> renamed(List<Change> changes) {
      return changes.stream().map(this::renamed).toList();
    }

    private LogId inner() {
      return store.logOf("any");
    }
  }

  private Part part(LogId log) {
    return parts.values().stream().filter(part -> part.log.equals(log)).findFirst().orElseThrow();
  }

  @Override
  public Set<Durability> durabilities() {
    return Set.of(Durability.MEMORY);
  }

  @Override
  public List<LogState> logs() {
    var all = new ArrayList<LogState>();
    for (Part part : parts.values()) {
      LogState state = part.store.logs().getFirst();
      all.add(
          new LogState(
              part.log,
              state.epoch(),
              state.durability(),
              state.oldest(),
              state.head(),
              part.renamed(state.headId()),
              state.bytes()));
    }
    return all;
  }

  @Override
  public LogId logOf(String collection) {
    return part(collection).log;
  }

  @Override
  public CompletionStage<List<Document>> load(List<DocumentKey> keys) {
    var all = new ArrayList<Document>();
    for (DocumentKey key : keys) {
      all.addAll(part(key.collection()).store.load(List.of(key)).toCompletableFuture().join());
    }
    return CompletableFuture.completedStage(all);
  }

  @Override
  public List<CommitResult> commit(List<Write> writes) {
    var byPart = new LinkedHashMap<Part, List<Write>>();
    writes.forEach(write ->
        byPart
            .computeIfAbsent(part(write.key().collection()), part -> new ArrayList<>())
            .add(write));
    var answers = new HashMap<Part, ArrayList<CommitResult>>();
    byPart.forEach((part, some) -> answers.put(part, new ArrayList<>(part.store.commit(some))));
    var all = new ArrayList<CommitResult>();
    for (Write write : writes) {
      Part part = part(write.key().collection());
      CommitResult answer = answers.get(part).removeFirst();
      all.add(
          answer instanceof CommitResult.Committed(Change change)
              ? new CommitResult.Committed(part.renamed(change))
              : answer);
    }
    return all;
  }

  @Override
  public Feed feed(LogId log, long from, ChangeListener listener) {
    Part part = part(log);
    return part.store.feed(
        part.inner(), from, (inner, changes) -> listener.onChanges(log, part.renamed(changes)));
  }

  @Override
  public List<Change> read(LogId log, @Nullable String collection, long from, int changesMax) {
    Part part = part(log);
    return part.renamed(part.store.read(part.inner(), collection, from, changesMax));
  }

  @Override
  public List<Listed> scan(String collection, @Nullable String after, int max) {
    return part(collection).store.scan(collection, after, max);
  }

  @Override
  public List<Change> history(DocumentKey key, long after, int max) {
    Part part = part(key.collection());
    return part.renamed(part.store.history(key, after, max));
  }

  @Override
  public CompletionStage<List<Change>> outcome(RequestKey request) {
    for (Part part : parts.values()) {
      List<Change> known = part.store.outcome(request).toCompletableFuture().join();
      if (!known.isEmpty()) {
        return CompletableFuture.completedStage(part.renamed(known));
      }
    }
    return CompletableFuture.completedStage(List.of());
  }

  @Override
  public List<DocumentKey> expired(long untilMs, int max) {
    var all = new ArrayList<DocumentKey>();
    parts.values().forEach(part -> all.addAll(part.store.expired(untilMs, max)));
    return all.subList(0, Math.min(max, all.size()));
  }

  @Override
  public @Nullable Position locate(EventId id) {
    for (Part part : parts.values()) {
      if (id.tag() / TAGS_EACH == part.number) {
        Position inner =
            part.store.locate(EventId.of(id.timeMs(), id.tag() % TAGS_EACH, id.offset()));
        return inner == null ? null : new Position(part.log, inner.epoch(), inner.offset());
      }
    }
    return null;
  }

  @Override
  public SourceLog openSource(String source) {
    return part("").store.openSource(source);
  }

  @Override
  public Cursors cursors() {
    return parts.values().iterator().next().store.cursors();
  }

  @Override
  public Health check() {
    return Health.Healthy.HEALTHY;
  }

  @Override
  public void close() {
    parts.values().forEach(part -> part.store.close());
  }
}
