// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One operation on one field (Sync contract 2.6). Unless said otherwise, missing objects on the
/// way are created, and a way through `null`, a scalar or a name on an array is `TYPE_MISMATCH`.
public sealed interface Mutation {
  /// The field; never the root.
  FieldPath path();

  /// Stores the value. On an array the element is replaced, or appended when it is the next one.
  record Set(FieldPath path, JsonValue value) implements Mutation {}

  /// As [Set], but an array element that exists is refused: elsewhere `add` inserts there.
  record Add(FieldPath path, JsonValue value) implements Mutation {}

  /// Removes the member, or the element, the ones behind it moving up. Nothing there: no-op.
  record Unset(FieldPath path) implements Mutation {}

  /// Exact decimal sum; a missing field counts as 0.
  record Increment(FieldPath path, JsonNumber by) implements Mutation {}

  /// Exact decimal product; a missing field counts as 0.
  record Multiply(FieldPath path, JsonNumber by) implements Mutation {}

  /// Keeps the smaller of two numbers or two strings (by code unit).
  ///
  /// @param bound a number or a string
  record Min(FieldPath path, JsonValue bound) implements Mutation {}

  /// Keeps the greater of two numbers or two strings (by code unit).
  ///
  /// @param bound a number or a string
  record Max(FieldPath path, JsonValue bound) implements Mutation {}

  /// Puts the values into an array, which is created when missing.
  ///
  /// @param at the place of the first of them; null: behind the last element
  /// @param keepLast how many of the last elements are kept after that; null: all
  record Push(
      FieldPath path, List<JsonValue> values, @Nullable Integer at, @Nullable Integer keepLast)
      implements Mutation {
    public Push {
      values = List.copyOf(values);
    }
  }

  /// Appends each value that no element equals, to an array, which is created when missing.
  record AddToSet(FieldPath path, List<JsonValue> values) implements Mutation {
    public AddToSet {
      values = List.copyOf(values);
    }
  }

  /// Removes all elements that equal one of the values. No array there: no-op.
  record Pull(FieldPath path, List<JsonValue> values) implements Mutation {
    public Pull {
      values = List.copyOf(values);
    }
  }

  /// Drops the last or the first element. No array there, or an empty one: no-op.
  record Pop(FieldPath path, boolean last) implements Mutation {}

  /// Boolean not; a missing field becomes true.
  record Toggle(FieldPath path) implements Mutation {}

  /// Stores the value if there is none; `null` is one.
  record SetIfAbsent(FieldPath path, JsonValue value) implements Mutation {}

  /// A merge patch of that field (Sync contract 2.5).
  record Merge(FieldPath path, JsonObject patch) implements Mutation {}

  /// Takes the value away from one place and puts it at the other; into an array it is inserted.
  /// Nothing to take: `PATH_NOT_FOUND`.
  record Move(FieldPath from, FieldPath path) implements Mutation {}

  /// Fails with `TEST_FAILED` unless the field has that value. Creates nothing.
  record Test(FieldPath path, JsonValue value) implements Mutation {}

  /// Stores the time of the write, milliseconds since 1970.
  record ServerTime(FieldPath path) implements Mutation {}
}
