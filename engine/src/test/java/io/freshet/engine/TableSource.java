// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.filter.Model;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.RowChange;
import io.freshet.spi.SnapshotProgress;
import io.freshet.spi.Source;
import io.freshet.spi.SourceRefusal;
import io.freshet.spi.SourceSink;
import io.freshet.spi.SourceState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// A source over one table in memory, which tells what a test has it tell.
final class TableSource implements Source {
  static final String TABLE = "User";

  final Map<String, JsonObject> rows = new TreeMap<>();
  final List<String> fetched = new ArrayList<>();
  final Map<String, SnapshotProgress> runs = new HashMap<>();
  final List<String> cancelled = new ArrayList<>();
  boolean unreachable;
  @Nullable String tooLarge;
  @Nullable SourceRefusal refusal;
  private @Nullable SourceSink sink;
  private int told;

  SourceSink sink() {
    if (sink == null) {
      throw new AssertionError("not started");
    }
    return sink;
  }

  static JsonObject row(String json) {
    return (JsonObject) Json.parse(json);
  }

  /// The table has it, and did before anybody was told of anything.
  void has(String id, String json) {
    rows.put(id, row(json));
  }

  void tell(RowChange... changes) {
    sink().append(List.of(changes), "" + ++told);
  }

  void insert(String id, String json) {
    has(id, json);
    tell(new RowChange.Inserted(TABLE, id, row(json)));
  }

  /// As without the former row.
  void update(String id, String json, String... untold) {
    tell(new RowChange.Updated(TABLE, id, row(json), Set.of(untold), null));
  }

  private RowChange.Read read(String id, @Nullable String run) {
    return new RowChange.Read(TABLE, id, rows.get(id), run);
  }

  @Override
  public String name() {
    return "main";
  }

  @Override
  public long rowBytesMax() {
    return 1000;
  }

  @Override
  public void start(SourceSink to) {
    sink = to;
    to.collections(Set.of(TABLE));
    tell();
  }

  @Override
  public CompletionStage<?> fetch(List<DocumentKey> keys) {
    if (unreachable) {
      return CompletableFuture.failedStage(
          new FreshetException(ErrorCode.UNAVAILABLE, "The database cannot be reached"));
    }
    if (keys.stream().anyMatch(key -> key.id().equals(tooLarge))) {
      return CompletableFuture.failedStage(
          new FreshetException(ErrorCode.DOCUMENT_TOO_LARGE, "The row is too large"));
    }
    for (DocumentKey key : keys) {
      fetched.add(key.id());
      tell(read(key.id(), null));
    }
    return CompletableFuture.completedStage(null);
  }

  @Override
  public CompletionStage<?> complete(String collection) {
    return fetch(rows.keySet().stream().map(id -> new DocumentKey(TABLE, id)).toList());
  }

  @Override
  public CompletionStage<?> snapshot(String collection, String run) {
    runs.put(run, new SnapshotProgress(0, rows.size(), false));
    return CompletableFuture.completedStage(null);
  }

  /// Reads all rows of a run.
  void carryOut(String run) {
    rows.keySet().forEach(id -> tell(read(id, run)));
    runs.put(run, new SnapshotProgress(rows.size(), rows.size(), true));
  }

  @Override
  public void cancel(String run) {
    cancelled.add(run);
  }

  @Override
  public @Nullable SnapshotProgress progress(String run) {
    return runs.get(run);
  }

  @Override
  public @Nullable SourceRefusal refusal(String collection, Set<String> deleteFields) {
    return refusal;
  }

  @Override
  public @Nullable Model model(String collection) {
    return null;
  }

  @Override
  public SourceState state() {
    return new SourceState(true, "", 1, told, 0, 0, 0, 0, 0, 0);
  }

  @Override
  public void close() {}
}
