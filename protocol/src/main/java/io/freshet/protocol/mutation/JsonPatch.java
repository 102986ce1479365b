// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonValue;
import java.util.List;

/// A JSON patch (RFC 6902).
///
/// @param steps its operations in order
public record JsonPatch(List<JsonPatch.Step> steps) {
  /// One operation.
  public sealed interface Step {
    /// Where, possibly the root.
    FieldPath path();

    /// Stores a member, or inserts an element.
    record Add(FieldPath path, JsonValue value) implements Step {}

    /// Removes a member, or an element, those behind it moving up.
    record Remove(FieldPath path) implements Step {}

    /// Replaces what is there.
    record Replace(FieldPath path, JsonValue value) implements Step {}

    /// Removes the value at one place and adds it at another.
    record Move(FieldPath from, FieldPath path) implements Step {}

    /// Adds the value of one place at another.
    record Copy(FieldPath from, FieldPath path) implements Step {}

    /// Fails unless the value is there.
    record Test(FieldPath path, JsonValue value) implements Step {}
  }

  public JsonPatch {
    steps = List.copyOf(steps);
  }

  /// @throws FreshetException `INVALID_ARGUMENT`, `INVALID_PATH`, `FORBIDDEN_KEY`,
  ///   `UNKNOWN_OPERATOR` or `TOO_MANY_OPS`
  public static JsonPatch read(JsonValue patch, int operationsMax) {
    return new JsonPatch(JsonPatchReader.read(patch, operationsMax));
  }

  /// Applies the steps in order; if one fails, none is applied. The root may be anything in
  /// between, but the result is an object.
  ///
  /// @param before an object; a list document is `TYPE_MISMATCH`
  /// @throws FreshetException `TYPE_MISMATCH`, `PATH_NOT_FOUND`, `TEST_FAILED`, `TOO_DEEP`,
  ///   `DOCUMENT_TOO_LARGE`, `TOO_MANY_OPS` (they would go through too many array elements)
  public Edited apply(JsonValue before, JsonLimits limits) {
    var draft = new Draft(before, limits);
    for (Step step : steps) {
      apply(step, draft);
    }
    return draft.finish();
  }

  private static void apply(Step step, Draft draft) {
    switch (step) {
      case Step.Add(FieldPath path, JsonValue value) -> add(path, value, draft);
      case Step.Remove(FieldPath path) -> remove(present(path, draft), draft);
      case Step.Replace(FieldPath path, JsonValue value) ->
          draft.put(present(path, draft).tokens(), value);
      case Step.Move(FieldPath from, FieldPath path) -> move(from, path, draft);
      case Step.Copy(FieldPath from, FieldPath path) ->
          add(path, value(present(from, draft)), draft);
      case Step.Test(FieldPath path, JsonValue value) ->
          Operators.requireEqual(path, Place.find(draft.state(), path), value);
    }
  }

  private static Place present(FieldPath path, Draft draft) {
    Place place = Place.of(draft.state(), path);
    if (!place.exists()) {
      throw notFound("There is nothing at " + Quoted.of(path.pointer()));
    }
    return place;
  }

  private static FreshetException notFound(String message) {
    return new FreshetException(ErrorCode.PATH_NOT_FOUND, message);
  }

  private static JsonValue value(Place place) {
    JsonValue value = place.value();
    if (value == null) {
      throw new IllegalStateException("a place that exists has no value");
    }
    return value;
  }

  private static void add(FieldPath path, JsonValue value, Draft draft) {
    Place place = Place.of(draft.state(), path);
    if (path.isRoot()) {
      draft.put(place.tokens(), value);
    } else if (place.parent() == null) {
      throw notFound("There is nothing to add to: no parent of " + Quoted.of(path.pointer()));
    } else {
      draft.insert(place, value);
    }
  }

  private static void remove(Place place, Draft draft) {
    if (place.path().isRoot()) {
      throw Kinds.mismatch("The whole document cannot be removed by a patch; delete it");
    }
    draft.remove(place);
  }

  private static void move(FieldPath from, FieldPath path, Draft draft) {
    Place source = present(from, draft);
    if (!from.equals(path)) {
      draft.remove(source);
      add(path, value(source), draft);
    }
  }
}
