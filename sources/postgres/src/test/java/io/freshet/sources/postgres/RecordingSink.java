// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.spi.RowChange;
import io.freshet.spi.SourceSink;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A sink that remembers. What is in it is durable: a source that is started anew goes on with it.
/// Appends may be made to fail, before or after they took effect.
final class RecordingSink implements SourceSink {
  private final List<RowChange> rows = new ArrayList<>();
  private final List<List<RowChange>> appends = new ArrayList<>();
  private final List<String> gaps = new ArrayList<>();
  private final AtomicInteger inside = new AtomicInteger();
  private Set<String> collections = Set.of();
  private @Nullable String progress;
  private int failBefore = -1;
  private int failAfter = -1;
  private Runnable beforeAppend = () -> {};

  /// The next append but so many fails without effect, or after it.
  synchronized void failIn(int appends, boolean withEffect) {
    if (withEffect) {
      failAfter = appends;
    } else {
      failBefore = appends;
    }
  }

  void beforeAppend(Runnable action) {
    beforeAppend = action;
  }

  synchronized List<RowChange> rows() {
    return List.copyOf(rows);
  }

  /// Of the appends that had rows.
  synchronized List<List<RowChange>> appends() {
    return List.copyOf(appends);
  }

  synchronized List<String> gaps() {
    return List.copyOf(gaps);
  }

  synchronized Set<String> collections() {
    return collections;
  }

  synchronized int size() {
    return rows.size();
  }

  @Override
  public synchronized @Nullable String progress() {
    return progress;
  }

  @Override
  public synchronized void collections(Set<String> names) {
    collections = Set.copyOf(names);
  }

  @Override
  public void append(List<RowChange> appended, String reached) {
    if (inside.incrementAndGet() > 1) {
      throw new AssertionError("Two appends at a time");
    }
    try {
      beforeAppend.run();
      appendNow(appended, reached);
    } finally {
      inside.decrementAndGet();
    }
  }

  private synchronized void appendNow(List<RowChange> appended, String reached) {
    if (failBefore-- == 0) {
      throw new FreshetException(ErrorCode.UNAVAILABLE, "The sink fails before");
    }
    for (RowChange row : appended) {
      if (!collections.contains(row.collection())) {
        throw new AssertionError("Not a collection of the source: " + row);
      }
    }
    rows.addAll(appended);
    if (!appended.isEmpty()) {
      appends.add(List.copyOf(appended));
    }
    progress = reached;
    if (failAfter-- == 0) {
      throw new FreshetException(ErrorCode.UNAVAILABLE, "The sink fails after");
    }
  }

  @Override
  public synchronized void gap(String reason, String reached) {
    gaps.add(reason);
    progress = reached;
  }

  @Override
  public List<String> held(String collection, @Nullable String after, int max) {
    return new TreeSet<>(documents(collection).keySet())
        .stream().filter(id -> after == null || id.compareTo(after) > 0).limit(max).toList();
  }

  /// What somebody holds who applied everything in order.
  TreeMap<String, JsonObject> documents(String collection) {
    var held = new TreeMap<String, JsonObject>();
    for (RowChange row : rows()) {
      if (row.collection().equals(collection)) {
        apply(row, held);
      }
    }
    return held;
  }

  private static void apply(RowChange change, TreeMap<String, JsonObject> held) {
    switch (change) {
      case RowChange.Inserted row -> held.put(row.id(), row.row());
      case RowChange.Updated row ->
          held.put(row.id(), filled(row.row(), row.untold(), held.get(row.id())));
      case RowChange.Moved row -> {
        JsonObject old = held.remove(row.oldId());
        held.put(row.id(), filled(row.row(), row.untold(), old));
      }
      case RowChange.Deleted row -> held.remove(row.id());
      case RowChange.Truncated _ -> held.clear();
      case RowChange.Read row -> {
        if (row.row() == null) {
          held.remove(row.id());
        } else {
          held.put(row.id(), row.row());
        }
      }
    }
  }

  private static JsonObject filled(
      JsonObject row, Set<String> untold, @Nullable JsonObject before) {
    JsonObject filled = row;
    for (String column : untold) {
      JsonValue value = before == null ? null : before.get(column);
      filled = filled.with(column, value == null ? JsonNull.NULL : value);
    }
    return filled;
  }
}
