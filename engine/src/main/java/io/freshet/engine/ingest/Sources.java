// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.ingest;

import io.freshet.engine.listen.Timers;
import io.freshet.engine.stream.SnapshotReading;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.LogId;
import io.freshet.protocol.Position;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.filter.Model;
import io.freshet.spi.LogState;
import io.freshet.spi.Source;
import io.freshet.spi.SourceRefusal;
import io.freshet.spi.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The sources of this server, and which collections are theirs. Those are read here and written
/// there; a row that is not held yet is fetched when somebody reads it.
///
/// Threading: any thread.
public final class Sources implements AutoCloseable {
  /// How long somebody waits for a table that is read for the first time.
  private static final Duration COMPLETE_WITHIN = Duration.ofSeconds(20);

  private static final String LOG = "source/";

  private static final Duration BEGIN_WITHIN = Duration.ofSeconds(10);

  private final Store store;
  private final List<Entry> entries;
  private final Map<String, Ingest> byLog = new HashMap<>();
  private volatile Map<String, Source> byCollection = Map.of();
  private volatile BiConsumer<LogId, String> onGap = (log, reason) -> {};

  private record Entry(Source source, Ingest ingest) {}

  /// Opens their logs: before the engine is made, so that it follows them. The collections of those
  /// that are not configured any more are collections like others.
  public Sources(Store store, List<? extends Source> all) {
    this.store = store;
    this.entries = new ArrayList<>(all.size());
    for (Source each : all) {
      var ingest = new Ingest(each, store, store.openSource(each.name()), new Of(each));
      entries.add(new Entry(each, ingest));
      byLog.put(ingest.log().name(), ingest);
    }
    for (LogState log : store.logs()) {
      String name = log.log().name();
      if (name.startsWith(LOG) && !byLog.containsKey(name)) {
        store.openSource(name.substring(LOG.length())).route(Set.of());
      }
    }
  }

  /// A server without.
  public static Sources none(Store store) {
    return new Sources(store, List.of());
  }

  private final class Of implements Ingest.Told {
    private final Source source;

    Of(Source source) {
      this.source = source;
    }

    @Override
    public void collections(Set<String> names) {
      route(source, names);
    }

    /// What cannot be fetched now is told with the row's next change.
    @Override
    public void incomplete(List<DocumentKey> keys) {
      var _ = source.fetch(keys);
    }

    @Override
    public void gap(LogId log, String reason) {
      onGap.accept(log, reason);
    }
  }

  private synchronized void route(Source source, Set<String> names) {
    var next = new HashMap<>(byCollection);
    next.values().removeIf(source::equals);
    names.forEach(name -> next.put(name, source));
    byCollection = Map.copyOf(next);
  }

  /// @param gap takes a log that has begun anew, and why; on any thread
  public void onGap(BiConsumer<LogId, String> gap) {
    onGap = gap;
  }

  /// They begin to tell.
  public void start() {
    entries.forEach(entry -> entry.source.start(entry.ingest));
  }

  /// Whether there are none.
  public boolean isEmpty() {
    return entries.isEmpty();
  }

  public List<Source> all() {
    return entries.stream().map(Entry::source).toList();
  }

  /// Whose a collection is; null for one of our own.
  public @Nullable Source of(String collection) {
    return byCollection.get(collection);
  }

  /// Everything up to here is published.
  public void published(Position position) {
    Ingest ingest = byLog.isEmpty() ? null : byLog.get(position.log().name());
    if (ingest != null) {
      ingest.backlog().published(position.offset());
    }
  }

  /// Changes that are in the logs of sources and not published.
  public int backlog() {
    return entries.stream().mapToInt(entry -> entry.ingest.backlog().changes()).sum();
  }

  /// Loads documents, all of one source: those that are not held are fetched first.
  public CompletionStage<List<Document>> load(Source source, List<DocumentKey> keys) {
    return store
        .load(keys)
        .thenCompose(held -> {
          var missing = new ArrayList<DocumentKey>();
          for (Document each : held) {
            if (each.life() == Document.Life.MISSING) {
              missing.add(each.key());
            }
          }
          return missing.isEmpty()
              ? CompletableFuture.completedStage(held)
              : source.fetch(missing).thenCompose(fetched -> store.load(keys));
        });
  }

  /// Runs the task once every row of a table is held; at once for a collection of our own.
  ///
  /// @param onEngineThread where the tasks run
  /// @param otherwise takes why not, or not yet
  public void whenComplete(
      String collection,
      Timers timers,
      Consumer<Runnable> onEngineThread,
      Runnable then,
      Consumer<FreshetException> otherwise) {
    Source source = of(collection);
    if (source == null) {
      then.run();
      return;
    }
    var answered = new CompletableFuture<Void>();
    Runnable cancel =
        timers.after(
            COMPLETE_WITHIN,
            () ->
                answered.completeExceptionally(
                    new FreshetException(
                        ErrorCode.UNAVAILABLE,
                        "The table is being read for the first time; try again in a while")));
    source
        .complete(collection)
        .whenComplete((done, failure) -> {
          if (failure == null) {
            answered.complete(null);
          } else {
            answered.completeExceptionally(failure);
          }
        });
    var _ =
        answered.whenComplete((done, failure) ->
            onEngineThread.accept(() -> {
              cancel.run();
              if (failure == null) {
                then.run();
              } else {
                otherwise.accept(typed(failure));
              }
            }));
  }

  private static FreshetException typed(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException wrapped && wrapped.getCause() != null
            ? wrapped.getCause()
            : failure;
    return cause instanceof FreshetException known
        ? known
        : new FreshetException(
            ErrorCode.UNAVAILABLE, "The source failed: " + cause.getMessage(), cause);
  }

  /// The snapshot of a collection that a stream reads.
  ///
  /// @throws FreshetException `INVALID_ARGUMENT` if the collection is no source's
  public SnapshotReading reading(String collection, String run) {
    Source source = require(collection);
    return new SnapshotReading(run, () -> source.progress(run));
  }

  /// Begins a snapshot, from its first row on. Blocks until that is sure to go on after a restart.
  public void snapshot(String collection, String run) {
    try {
      require(collection)
          .snapshot(collection, run)
          .toCompletableFuture()
          .get(BEGIN_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw typed(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw new FreshetException(
          ErrorCode.UNAVAILABLE, "The source did not answer in time; try again", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FreshetException(ErrorCode.SHUTTING_DOWN, "The server is stopping", e);
    }
  }

  private Source require(String collection) {
    Source source = of(collection);
    if (source == null) {
      throw new FreshetException(
          ErrorCode.INVALID_ARGUMENT,
          "A stream begins with a snapshot only of a table of a source; list the collection, or"
              + " subscribe to a topic with \"snapshot\"");
    }
    return source;
  }

  /// The types of a table's columns; null for a collection of our own, whose documents may have
  /// anything anywhere.
  public @Nullable Model model(String collection) {
    Source source = of(collection);
    return source == null ? null : source.model(collection);
  }

  /// Nobody reads this snapshot any more.
  public void cancel(String run) {
    entries.forEach(entry -> entry.source.cancel(run));
  }

  /// Throws if there can be no stream of this collection: of a table whose changes are not told, or
  /// with a filter that cannot work. May block.
  ///
  /// @param deleteFields members that the stream's filter of deletes looks at
  /// @throws FreshetException `UNKNOWN_COLLECTION` or `INVALID_FILTER`, saying what to do
  public void requireStream(String collection, Set<String> deleteFields) {
    Source source = of(collection);
    if (source != null) {
      refuse(source.refusal(collection, deleteFields));
      return;
    }
    for (Entry each : entries) {
      SourceRefusal refusal = each.source.refusal(collection, deleteFields);
      if (refusal != null && store.scan(collection, null, 1).isEmpty()) {
        refuse(refusal);
      }
    }
  }

  private static void refuse(@Nullable SourceRefusal refusal) {
    if (refusal != null) {
      throw new FreshetException(
          switch (refusal.kind()) {
            case NOT_CAPTURED -> ErrorCode.UNKNOWN_COLLECTION;
            case FILTER_CANNOT_WORK -> ErrorCode.INVALID_FILTER;
          },
          refusal.message());
    }
  }

  /// They stop telling; what they have told stays.
  @Override
  public void close() {
    entries.forEach(entry -> entry.ingest.backlog().close());
    entries.forEach(entry -> entry.source.close());
  }
}
