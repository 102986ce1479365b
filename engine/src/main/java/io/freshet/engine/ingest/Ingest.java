// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.ingest;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.LogId;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.CommitResult;
import io.freshet.spi.Listed;
import io.freshet.spi.RowChange;
import io.freshet.spi.Source;
import io.freshet.spi.SourceLog;
import io.freshet.spi.SourceSink;
import io.freshet.spi.Store;
import io.freshet.spi.Write;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The way in of one source: rows become documents, and its log's changes. What is fanned out comes
/// from the log's feed, like everything else (design, section 2).
///
/// Threading: as [SourceSink] says.
final class Ingest implements SourceSink {
  /// Truncated rows that are removed in one append.
  private static final int PIECE = 1000;

  private static final int ATTEMPTS_MAX = 5;

  private final Store store;
  private final SourceLog log;
  private final String actor;
  private final long rowBytesMax;
  private final Backlog backlog = new Backlog();
  private final Told told;

  /// What the rest of the engine has to know; called on the source's thread.
  interface Told {
    void collections(Set<String> names);

    /// Of these rows, columns are neither told nor held.
    void incomplete(List<DocumentKey> keys);

    void gap(LogId log, String reason);
  }

  Ingest(Source source, Store store, SourceLog log, Told told) {
    this.store = store;
    this.log = log;
    this.actor = "source:" + source.name();
    this.rowBytesMax = source.rowBytesMax();
    this.told = told;
  }

  LogId log() {
    return log.id();
  }

  Backlog backlog() {
    return backlog;
  }

  @Override
  public @Nullable String progress() {
    return log.progress();
  }

  @Override
  public void collections(Set<String> names) {
    log.route(names);
    told.collections(names);
  }

  @Override
  public void append(List<RowChange> rows, String progress) {
    awaitRoom();
    String before = log.progress();
    if (before != null && rows.stream().allMatch(row -> row instanceof RowChange.Truncated)) {
      rows.forEach(row -> truncate(row.collection(), before));
    }
    var named = new LinkedHashSet<DocumentKey>(rows.size() * 2);
    rows.forEach(row -> name(row, named));
    RowWrites writes = commit(named, progress, each -> rows.forEach(each::add));
    if (!writes.incomplete().isEmpty()) {
      told.incomplete(writes.incomplete());
    }
  }

  /// In pieces; if that is interrupted, the truncation is told again and goes on.
  private void truncate(String collection, String progress) {
    String after = null;
    for (List<String> ids = held(collection, null, PIECE);
        !ids.isEmpty();
        ids = held(collection, after, PIECE)) {
      awaitRoom();
      List<DocumentKey> keys = ids.stream().map(id -> new DocumentKey(collection, id)).toList();
      var _ = commit(keys, progress, writes -> keys.forEach(writes::remove));
      after = ids.getLast();
    }
  }

  private void awaitRoom() {
    try {
      if (!backlog.awaitRoom()) {
        throw new FreshetException(ErrorCode.SHUTTING_DOWN, "The server is stopping");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FreshetException(ErrorCode.SHUTTING_DOWN, "The source is stopping", e);
    }
  }

  private void name(RowChange row, Set<DocumentKey> named) {
    switch (row) {
      case RowChange.Inserted(String collection, String id, var _) ->
          named.add(new DocumentKey(collection, id));
      case RowChange.Updated(String collection, String id, var _, var _, var _) ->
          named.add(new DocumentKey(collection, id));
      case RowChange.Moved moved -> {
        named.add(new DocumentKey(moved.collection(), moved.oldId()));
        named.add(new DocumentKey(moved.collection(), moved.id()));
      }
      case RowChange.Deleted(String collection, String id, var _) ->
          named.add(new DocumentKey(collection, id));
      case RowChange.Truncated(String collection) ->
          held(collection, null, Integer.MAX_VALUE)
              .forEach(id -> named.add(new DocumentKey(collection, id)));
      case RowChange.Read(String collection, String id, var _, var _) ->
          named.add(new DocumentKey(collection, id));
    }
  }

  private Map<DocumentKey, Document> load(Collection<DocumentKey> keys) {
    if (keys.isEmpty()) {
      return new HashMap<>();
    }
    List<DocumentKey> asked = List.copyOf(keys);
    List<Document> found;
    try {
      found = store.load(asked).toCompletableFuture().join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof FreshetException typed
          ? typed
          : new FreshetException(ErrorCode.UNAVAILABLE, "The store failed", e);
    }
    var states = HashMap.<DocumentKey, Document>newHashMap(asked.size());
    for (int i = 0; i < asked.size(); i++) {
      states.put(asked.get(i), found.get(i));
    }
    return states;
  }

  /// Decides on what is held, and again if that has changed meanwhile: nobody else writes the rows,
  /// but the store forgets tombstones.
  private RowWrites commit(
      Collection<DocumentKey> named, String progress, Consumer<RowWrites> decide) {
    for (int attempt = 1; ; attempt++) {
      var decided = new RowWrites(actor, rowBytesMax, load(named));
      decide.accept(decided);
      List<CommitResult> answers = log.append(decided.writes(), progress);
      CommitResult last = answers.isEmpty() ? null : answers.getLast();
      switch (last) {
        case null -> {
          return decided;
        }
        case CommitResult.Committed(Change change) -> {
          backlog.appended(change.position().offset(), answers.size(), bytesOf(decided.writes()));
          return decided;
        }
        case CommitResult.Conflict(Document current) -> {
          if (attempt == ATTEMPTS_MAX) {
            throw new FreshetException(
                ErrorCode.UNAVAILABLE, "Somebody else writes " + current.key());
          }
        }
      }
    }
  }

  private static long bytesOf(List<Write> writes) {
    long bytes = 0;
    for (Write write : writes) {
      bytes += write.after().data().encodedBytes();
    }
    return bytes;
  }

  @Override
  public void gap(String reason, String progress) {
    log.newEpoch(progress);
    told.gap(log.id(), reason);
  }

  @Override
  public List<String> held(String collection, @Nullable String after, int max) {
    var ids = new ArrayList<String>();
    String place = after;
    while (ids.size() < max) {
      int slice = Math.min(max, PIECE);
      List<Listed> found = store.scan(collection, place, slice);
      for (Listed each : found) {
        if (each.document().isLive() && ids.size() < max) {
          ids.add(each.document().key().id());
        }
      }
      if (found.size() < slice) {
        break;
      }
      place = found.getLast().document().key().id();
    }
    return ids;
  }
}
