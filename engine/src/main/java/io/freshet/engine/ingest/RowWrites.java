// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.ingest;

import io.freshet.protocol.Captured;
import io.freshet.protocol.Document;
import io.freshet.protocol.Document.Life;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.Operation;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.spi.RowChange;
import io.freshet.spi.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes writes of what a source tells, one batch at a time: each row's revision goes on from what
/// is held of it, and columns that were not told are taken from there.
final class RowWrites {
  private static final Captured HIDDEN = new Captured(null, true, false);
  private static final Captured PLAIN = new Captured(null, false, false);

  private final String actor;
  private final long rowBytesMax;

  /// What is held, moved on by the batch's own writes.
  private final Map<DocumentKey, Document> states;

  private final List<Write> writes = new ArrayList<>();

  /// Of which a column is neither told nor held.
  private final List<DocumentKey> incomplete = new ArrayList<>(0);

  /// @param actor of what no snapshot reads
  /// @param rowBytesMax most bytes of a row as JSON
  /// @param held what is held of every row the batch names; taken over
  RowWrites(String actor, long rowBytesMax, Map<DocumentKey, Document> held) {
    this.actor = actor;
    this.rowBytesMax = rowBytesMax;
    this.states = held;
  }

  List<Write> writes() {
    return writes;
  }

  List<DocumentKey> incomplete() {
    return incomplete;
  }

  void add(RowChange change) {
    switch (change) {
      case RowChange.Inserted(String collection, String id, JsonObject row) ->
          write(Operation.CREATE, new DocumentKey(collection, id), row, PLAIN);
      case RowChange.Updated(
              String collection,
              String id,
              JsonObject row,
              Set<String> untold,
              JsonObject former) -> {
        var key = new DocumentKey(collection, id);
        update(key, state(key), row, untold, former);
      }
      case RowChange.Moved moved -> move(moved);
      case RowChange.Deleted(String collection, String id, JsonObject former) ->
          delete(new DocumentKey(collection, id), new Captured(former, false, false));
      case RowChange.Truncated(String collection) ->
          List.copyOf(states.keySet()).stream()
              .filter(key -> key.collection().equals(collection))
              .forEach(this::remove);
      case RowChange.Read(String collection, String id, JsonObject row, String run) ->
          read(new DocumentKey(collection, id), row, run);
    }
  }

  private Document state(DocumentKey key) {
    return states.getOrDefault(key, Document.missing(key));
  }

  private void move(RowChange.Moved moved) {
    var from = new DocumentKey(moved.collection(), moved.oldId());
    Document held = state(from);
    remove(from);
    update(
        new DocumentKey(moved.collection(), moved.id()),
        held,
        moved.row(),
        moved.untold(),
        moved.former());
  }

  private void update(
      DocumentKey key,
      Document held,
      JsonObject row,
      Set<String> untold,
      @Nullable JsonObject former) {
    JsonObject whole = row;
    boolean partial = false;
    for (String column : untold) {
      JsonValue known =
          held.isLive() && held.data() instanceof JsonObject old ? old.get(column) : null;
      partial |= known == null;
      whole = known == null ? whole : whole.with(column, known);
    }
    if (whole.encodedBytes() > rowBytesMax) {
      // The source has refused what it tells; with what is held it may still be too much.
      throw new FreshetException(
          ErrorCode.DOCUMENT_TOO_LARGE,
          "A change of row %s of %s makes it %d bytes as JSON, more than `maxRow` allows (%d)"
              .formatted(key.id(), key.collection(), whole.encodedBytes(), rowBytesMax));
    }
    if (partial) {
      incomplete.add(key);
    }
    write(Operation.REPLACE, key, whole, new Captured(former, false, partial));
  }

  /// A row that is gone without a stream being told; nothing if it was not held.
  void remove(DocumentKey key) {
    if (state(key).isLive()) {
      delete(key, HIDDEN);
    }
  }

  private void delete(DocumentKey key, Captured captured) {
    Document before = state(key);
    var after =
        new Document(
            key,
            Life.TOMBSTONE,
            before.revision() + 1,
            JsonNull.NULL,
            before.createdAt(),
            before.updatedAt(),
            0,
            before.updatedBy());
    add(Operation.DELETE, before, after, actor, captured);
  }

  private void write(Operation operation, DocumentKey key, JsonObject row, Captured captured) {
    Document before = state(key);
    add(operation, before, live(before, row, before.revision() + 1), actor, captured);
  }

  private static Document live(Document before, JsonObject row, long revision) {
    return new Document(
        before.key(),
        Life.LIVE,
        revision,
        row,
        before.isLive() ? before.createdAt() : 0,
        before.updatedAt(),
        0,
        before.updatedBy());
  }

  /// What was missed is a change like any other for whoever watches the row, but not for streams:
  /// they are told of the gap instead.
  private void read(DocumentKey key, @Nullable JsonObject row, @Nullable String run) {
    Document held = state(key);
    if (row == null) {
      remove(key);
      return;
    }
    if (held.isLive() && !held.data().equals(row)) {
      write(Operation.REPLACE, key, row, HIDDEN);
    } else if (!held.isLive() && run == null) {
      add(Operation.SNAPSHOT, held, live(held, row, held.revision() + 1), actor, PLAIN);
    }
    if (run != null) {
      show(key, row, RowChange.Read.actor(run));
    }
  }

  /// For the snapshot's readers; a row that is held as it is keeps its revision.
  private void show(DocumentKey key, JsonObject row, String reader) {
    Document held = state(key);
    long revision = held.isLive() ? held.revision() : held.revision() + 1;
    add(Operation.SNAPSHOT, held, live(held, row, revision), reader, PLAIN);
  }

  private void add(
      Operation operation, Document before, Document after, String by, Captured captured) {
    writes.add(new Write(operation, before, after, null, by, null, null, captured));
    states.put(after.key(), after);
  }
}
