// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// The rows of one table being read from the first to the last, or those held of it, and how far
/// that is. Not for several threads.
final class Scan {
  /// How often a row is read again because it changed meanwhile.
  private static final int TRIES = 3;

  enum Kind {
    /// What is held, because something may have been missed of it.
    HELD,
    /// Every row, so that all are held.
    COMPLETE,
    /// Every row, for a snapshot.
    RUN
  }

  final Kind kind;
  final String collection;

  /// Name of the snapshot; null for another kind.
  final @Nullable String run;

  /// Those who wait for its end.
  final List<CompletableFuture<Void>> waiting = new ArrayList<>();

  /// To be completed once the scan would go on after a restart; null if that was done.
  @Nullable CompletableFuture<Void> begun;

  /// Whether it stands in the progress.
  boolean isTold;

  /// Rows that have changed while they were read, and how often.
  private final Map<String, Integer> again = new HashMap<>();

  /// Key of the last row read, or the last id; null at the beginning.
  private @Nullable String after;

  private boolean atEnd;
  private @Nullable FreshetException refusal;
  private long rows;

  Scan(Kind kind, String collection, @Nullable String run) {
    this.kind = kind;
    this.collection = collection;
    this.run = run;
  }

  @Nullable String after() {
    return after;
  }

  long rows() {
    return rows;
  }

  boolean isDone() {
    return atEnd && again.isEmpty();
  }

  /// Whether there is nothing behind [#after].
  boolean isAtEnd() {
    return atEnd;
  }

  List<String> again() {
    return List.copyOf(again.keySet());
  }

  void counted() {
    rows++;
  }

  /// The row has changed while it was read.
  ///
  /// @return whether it was counted: that was once too often, and what its change tells has to do
  boolean changed(String id) {
    if (again.merge(id, 1, Integer::sum) < TRIES) {
      return false;
    }
    again.remove(id);
    rows++;
    return true;
  }

  /// A row of it cannot be read: it goes no further until it is tried once more.
  void refuse(FreshetException why) {
    refusal = why;
  }

  /// Why it goes no further; null if it does.
  @Nullable FreshetException refusal() {
    return refusal;
  }

  void tryAgain() {
    refusal = null;
  }

  void settled(String id) {
    again.remove(id);
  }

  void reached(@Nullable String position, boolean end) {
    if (position != null) {
      after = position;
    }
    atEnd = end;
  }

  /// Begins anew.
  void restart() {
    after = null;
    atEnd = false;
    rows = 0;
    again.clear();
  }

  JsonObject text() {
    JsonObject text =
        JsonObject.of("collection", JsonString.of(collection)).with("rows", JsonNumber.of(rows));
    text = run == null ? text : text.with("run", JsonString.of(run));
    text = kind == Kind.HELD ? text.with("held", JsonBoolean.TRUE) : text;
    String position = after;
    text = position == null ? text : text.with("after", JsonString.of(position));
    // Rows that are to be read again are forgotten with the process: their change stands in the
    // log.
    return isDone() ? text.with("done", JsonBoolean.TRUE) : text;
  }

  static @Nullable Scan parse(JsonValue value) {
    if (!(value instanceof JsonObject text)
        || !(text.get("collection") instanceof JsonString collection)) {
      return null;
    }
    String run = text.get("run") instanceof JsonString name ? name.value() : null;
    Kind kind =
        run != null ? Kind.RUN : text.get("held") == JsonBoolean.TRUE ? Kind.HELD : Kind.COMPLETE;
    var scan = new Scan(kind, collection.value(), run);
    scan.goOn(text);
    return scan;
  }

  private void goOn(JsonObject text) {
    after = text.get("after") instanceof JsonString position ? position.value() : null;
    rows = text.get("rows") instanceof JsonNumber number ? number.longValue() : 0;
    atEnd = text.get("done") == JsonBoolean.TRUE;
  }

  /// Takes over how far another one is, which is the same by another name.
  void goOn(Scan durable) {
    again.clear();
    after = durable.after;
    rows = durable.rows;
    atEnd = durable.atEnd;
  }

  boolean isSame(Scan other) {
    return kind == other.kind
        && collection.equals(other.collection)
        && java.util.Objects.equals(run, other.run);
  }
}
