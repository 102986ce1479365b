// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/// What each operator does to a draft (the table of Sync contract 2.6).
final class Operators {
  private static final JsonNumber ZERO = JsonNumber.of(0);
  private static final int UNPROCESSABLE = 422;

  private final Draft draft;
  private final ArrayOperators arrays;
  private final long nowMs;

  Operators(Draft draft, long nowMs) {
    this.draft = draft;
    this.arrays = new ArrayOperators(draft);
    this.nowMs = nowMs;
  }

  void apply(Mutation mutation) {
    switch (mutation) {
      case Mutation.Set(FieldPath path, JsonValue value) -> draft.store(at(path), value);
      case Mutation.Add(FieldPath path, JsonValue value) -> add(at(path), value);
      case Mutation.Unset(FieldPath path) -> unset(at(path));
      case Mutation.Increment(FieldPath path, JsonNumber by) ->
          calculate(at(path), by, JsonNumber::plus);
      case Mutation.Multiply(FieldPath path, JsonNumber by) ->
          calculate(at(path), by, JsonNumber::times);
      case Mutation.Min(FieldPath path, JsonValue bound) -> keep(at(path), bound, -1);
      case Mutation.Max(FieldPath path, JsonValue bound) -> keep(at(path), bound, 1);
      case Mutation.Push push -> arrays.push(at(push.path()), push);
      case Mutation.AddToSet add -> arrays.addToSet(at(add.path()), add.values());
      case Mutation.Pull pull -> arrays.pull(at(pull.path()), pull.values());
      case Mutation.Pop(FieldPath path, boolean last) -> arrays.pop(at(path), last);
      case Mutation.Toggle(FieldPath path) -> toggle(at(path));
      case Mutation.SetIfAbsent(FieldPath path, JsonValue value) -> setIfAbsent(at(path), value);
      case Mutation.Merge(FieldPath path, JsonObject patch) -> merge(at(path), patch);
      case Mutation.Move(FieldPath from, FieldPath path) -> move(from, path);
      case Mutation.Test(FieldPath path, JsonValue value) ->
          requireEqual(path, Place.find(draft.state(), path), value);
      case Mutation.ServerTime(FieldPath path) -> draft.store(at(path), JsonNumber.of(nowMs));
    }
  }

  private Place at(FieldPath path) {
    return Place.of(draft.state(), path);
  }

  private void add(Place place, JsonValue value) {
    if (place.exists() && place.parent() instanceof JsonArray) {
      throw Kinds.mismatch(
          "The array element "
              + Quoted.of(place.path())
              + " exists; set replaces it, push with $at inserts before it");
    }
    draft.store(place, value);
  }

  private void unset(Place place) {
    if (place.exists()) {
      draft.remove(place);
    }
  }

  private void calculate(Place place, JsonNumber by, BinaryOperator<JsonNumber> operator) {
    JsonNumber old =
        switch (place.value()) {
          case null -> ZERO;
          case JsonNumber number -> number;
          case JsonValue other -> throw wrongType(place.path(), other, "a number");
        };
    JsonNumber result;
    try {
      result = operator.apply(old, by);
    } catch (FreshetException outOfRange) {
      throw new FreshetException(
          ErrorCode.NUMBER_OUT_OF_RANGE,
          UNPROCESSABLE,
          "The field "
              + Quoted.of(place.path())
              + " would get more than 34 significant digits or an exponent outside -308 to 308");
    }
    draft.store(place, result);
  }

  static FreshetException wrongType(FieldPath path, JsonValue value, String wanted) {
    return Kinds.mismatch(
        "The field "
            + Quoted.of(path)
            + " is "
            + Kinds.name(value)
            + "; the operator needs "
            + wanted);
  }

  /// @param sign of the comparison of a bound that is stored with the value it replaces
  private void keep(Place place, JsonValue bound, int sign) {
    JsonValue old = place.value();
    if (old == null || Integer.signum(compare(place.path(), bound, old)) == sign) {
      draft.store(place, bound);
    }
  }

  private static int compare(FieldPath path, JsonValue bound, JsonValue old) {
    if (bound instanceof JsonNumber number) {
      if (old instanceof JsonNumber oldNumber) {
        return number.compareTo(oldNumber);
      }
      throw wrongType(path, old, "a number to compare with a number");
    }
    if (bound instanceof JsonString string && old instanceof JsonString oldString) {
      return string.value().compareTo(oldString.value());
    }
    throw wrongType(path, old, "a string to compare with a string");
  }

  private void toggle(Place place) {
    JsonBoolean result =
        switch (place.value()) {
          case null -> JsonBoolean.TRUE;
          case JsonBoolean old -> JsonBoolean.of(old == JsonBoolean.FALSE);
          case JsonValue other -> throw wrongType(place.path(), other, "a boolean");
        };
    draft.store(place, result);
  }

  private void setIfAbsent(Place place, JsonValue value) {
    if (!place.exists()) {
      draft.store(place, value);
    }
  }

  private void merge(Place place, JsonObject patch) {
    if (place.value() instanceof JsonObject target) {
      draft.merge(place, target, patch);
    } else {
      draft.store(place, Merging.withoutNulls(patch));
    }
  }

  private void move(FieldPath from, FieldPath path) {
    Place source = at(from);
    JsonValue value = source.value();
    if (value == null) {
      throw new FreshetException(
          ErrorCode.PATH_NOT_FOUND, "There is nothing to move at " + Quoted.of(from));
    }
    if (!from.equals(path)) {
      draft.remove(source);
      draft.insert(at(path), value);
    }
  }

  /// @throws FreshetException `TEST_FAILED`
  static void requireEqual(FieldPath path, @Nullable JsonValue found, JsonValue value) {
    if (!value.equals(found)) {
      throw new FreshetException(
          ErrorCode.TEST_FAILED,
          "conflict: the field "
              + Quoted.of(path)
              + (found == null ? " is missing" : " has another value")
              + "; the test of the write does not hold");
    }
  }
}
