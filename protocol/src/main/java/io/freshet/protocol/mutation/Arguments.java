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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes a mutation of an operator, its field and its value; the value is checked here.
///
/// @param operator any but `MOVE`
/// @param value what stands after the operator
record Arguments(Operator operator, FieldPath path, JsonValue value) {
  private static final String EACH = "$each";
  private static final String IN = "$in";
  private static final String AT = "$at";
  private static final String SLICE = "$slice";

  /// @throws FreshetException `INVALID_ARGUMENT`, `UNKNOWN_OPERATOR`
  Mutation mutation() {
    return switch (operator) {
      case SET -> new Mutation.Set(path, value);
      case ADD -> new Mutation.Add(path, value);
      case UNSET -> bare(new Mutation.Unset(path));
      case INCREMENT -> new Mutation.Increment(path, number());
      case MULTIPLY -> new Mutation.Multiply(path, number());
      case MIN -> new Mutation.Min(path, bound());
      case MAX -> new Mutation.Max(path, bound());
      case PUSH -> push();
      case ADD_TO_SET -> new Mutation.AddToSet(path, values(EACH));
      case PULL -> new Mutation.Pull(path, values(IN));
      case POP -> new Mutation.Pop(path, isLast());
      case TOGGLE -> bare(new Mutation.Toggle(path));
      case SET_IF_ABSENT -> new Mutation.SetIfAbsent(path, value);
      case MERGE -> new Mutation.Merge(path, patch());
      case TEST -> new Mutation.Test(path, value);
      case SERVER_TIME -> bare(new Mutation.ServerTime(path));
      case MOVE -> throw invalid("from and path");
    };
  }

  private FreshetException invalid(String wanted) {
    return new FreshetException(
        ErrorCode.INVALID_ARGUMENT,
        "The operator "
            + operator.listName()
            + " at "
            + Quoted.of(path)
            + " takes "
            + wanted
            + ", not "
            + Kinds.name(value));
  }

  private Mutation bare(Mutation mutation) {
    if (value != JsonBoolean.TRUE) {
      throw invalid("true");
    }
    return mutation;
  }

  private JsonNumber number() {
    if (value instanceof JsonNumber number) {
      return number;
    }
    throw invalid("a number");
  }

  private JsonValue bound() {
    if (value instanceof JsonNumber || value instanceof JsonString) {
      return value;
    }
    throw invalid("a number or a string");
  }

  private boolean isLast() {
    if (value instanceof JsonNumber number && number.isLong()) {
      if (number.longValue() == 1) {
        return true;
      }
      if (number.longValue() == -1) {
        return false;
      }
    }
    throw invalid("1 (the last element) or -1 (the first)");
  }

  private JsonObject patch() {
    if (value instanceof JsonObject patch) {
      return patch;
    }
    throw invalid("an object");
  }

  private Mutation push() {
    JsonObject options = options(Set.of(EACH, AT, SLICE));
    return options == null
        ? new Mutation.Push(path, List.of(value), null, null)
        : new Mutation.Push(path, list(options, EACH), count(options, AT), count(options, SLICE));
  }

  /// One value, or the list under that name.
  private List<JsonValue> values(String name) {
    JsonObject options = options(Set.of(name));
    return options == null ? List.of(value) : list(options, name);
  }

  /// The value when it is an object of options, that is of keys that begin with `$`; else null.
  private @Nullable JsonObject options(Set<String> names) {
    if (!(value instanceof JsonObject object) || !Dollars.any(object)) {
      return null;
    }
    object.forEach((key, option) -> {
      if (!names.contains(key)) {
        throw new FreshetException(
            ErrorCode.UNKNOWN_OPERATOR,
            "The operator "
                + operator.listName()
                + " at "
                + Quoted.of(path)
                + " has no option "
                + Quoted.of(key)
                + "; to mean an object with such keys put it into a list under "
                + (names.contains(IN) ? IN : EACH));
      }
    });
    return object;
  }

  private List<JsonValue> list(JsonObject options, String name) {
    if (!(options.get(name) instanceof JsonArray array)) {
      throw invalid("a list under " + name);
    }
    var values = new ArrayList<JsonValue>(array.size());
    array.forEach(values::add);
    return values;
  }

  private @Nullable Integer count(JsonObject options, String name) {
    JsonValue count = options.get(name);
    if (count == null) {
      return null;
    }
    if (count instanceof JsonNumber number
        && number.isLong()
        && number.longValue() >= 0
        && number.longValue() <= Integer.MAX_VALUE) {
      return (int) number.longValue();
    }
    throw invalid("a whole number from 0 on under " + name);
  }
}
