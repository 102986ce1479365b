// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.PathEdit;
import io.freshet.protocol.path.PathToken;
import io.freshet.protocol.path.RecordPath;
import java.util.ArrayList;
import java.util.List;

/// A document while a list of operations is applied to it. Every state keeps to the limits, not
/// only the last: many small operations could otherwise ask for more memory or time than there is
/// before the last one makes the document small again.
final class Draft {
  /// Most work of one write, in array elements and in stretches of 64 bytes: some tens of
  /// milliseconds.
  private static final long WORK_MAX = 5_000_000;

  /// Up to here the members a merge has changed are edits of their own.
  private static final int MERGED_MAX = 64;

  private final JsonObject before;
  private final JsonLimits limits;
  private final Touched touched = new Touched();
  private JsonValue state;
  private long work;

  Draft(JsonValue before, JsonLimits limits) {
    this.before = Kinds.document(before);
    this.state = before;
    this.limits = limits;
  }

  JsonValue state() {
    return state;
  }

  /// Stores a value where a path leads, making objects of the steps that are missing.
  void store(Place place, JsonValue value) {
    if (place.beyond()) {
      throw Kinds.mismatch(
          "The path " + Quoted.of(place.path()) + " leads to a place behind the end of an array");
    }
    JsonValue stored = value;
    for (int i = place.tokens().size() - 1; i > place.present(); i--) {
      stored = JsonObject.of(place.path().segments().get(i), stored);
    }
    put(place.tokens().subList(0, Math.min(place.present() + 1, place.tokens().size())), stored);
  }

  /// Takes away what is there; elements behind it move up.
  void remove(Place place) {
    if (place.parent() instanceof JsonArray array) {
      rewrite(place.parentTokens(), array, array.spliced(place.index(), 1, List.of()));
    } else {
      change(new FieldOperation.Erase(new RecordPath(place.tokens())));
      touched.add(place.tokens());
    }
  }

  /// Puts a value into an array before what is there, or into an object.
  void insert(Place place, JsonValue value) {
    if (place.parent() instanceof JsonArray array && place.exists()) {
      requireDepth(place.tokens().size(), value);
      List<JsonValue> inserted = List.of(value);
      rewrite(place.parentTokens(), array, array.spliced(place.index(), 0, inserted));
    } else {
      store(place, value);
    }
  }

  /// Puts values behind the last element of the array that is there, each an edit of its own.
  void append(Place place, JsonArray array, List<JsonValue> values) {
    for (int i = 0; i < values.size(); i++) {
      var at = new ArrayList<>(place.tokens());
      at.add(new PathToken.Index(array.size() + i));
      put(at, values.get(i));
    }
  }

  /// Replaces an array by one whose elements have been moved; new ones have been checked for depth.
  void rewrite(List<PathToken> at, JsonArray old, JsonArray array) {
    countWork(Math.max(old.size(), array.size()));
    write(at, array);
  }

  /// Merges a patch into the object that is there.
  void merge(Place place, JsonObject target, JsonObject patch) {
    requireDepth(place.tokens().size(), patch);
    var merging = new Merging(MergePatch.Nulls.DELETE, place.tokens());
    JsonObject merged = merging.merge(target, patch);
    List<FieldOperation> edits = merging.operations();
    change(new FieldOperation.Set(new RecordPath(place.tokens()), merged));
    if (edits.size() > MERGED_MAX) {
      touched.add(place.tokens());
    } else {
      edits.forEach(edit -> touched.add(edit.path().tokens()));
    }
  }

  /// Stores a value at a place whose containers exist.
  void put(List<PathToken> at, JsonValue value) {
    requireDepth(at.size(), value);
    write(at, value);
  }

  private void write(List<PathToken> at, JsonValue value) {
    if (at.isEmpty()) {
      state = value;
      Limits.requireSize(state, before, limits);
    } else {
      change(new FieldOperation.Set(new RecordPath(at), value));
    }
    touched.add(at);
  }

  private void change(FieldOperation operation) {
    state = PathEdit.apply(state, operation);
    Limits.requireSize(state, before, limits);
  }

  /// @param steps on the way to the value
  void requireDepth(int steps, JsonValue value) {
    countWork(value.members());
    Limits.requireDepth(steps + value.depth(), limits);
  }

  /// Notes that so many elements are gone through.
  ///
  /// @throws FreshetException `TOO_MANY_OPS` when all operations together go through too many
  void countWork(long elements) {
    work += elements;
    if (work > WORK_MAX) {
      throw new FreshetException(
          ErrorCode.TOO_MANY_OPS,
          "The operations go through large arrays too often; send several writes");
    }
  }

  /// Notes that a value is compared or hashed.
  void countReading(JsonValue value) {
    countWork(1 + value.members() + value.encodedBytes() / 64);
  }

  Edited finish() {
    if (!(state instanceof JsonObject after)) {
      throw Kinds.mismatch(
          "The result would be " + Kinds.name(state) + "; a document is an object");
    }
    List<FieldOperation> operations = touched.resolve(before, after);
    return new Edited(operations.isEmpty() ? before : after, operations);
  }
}
