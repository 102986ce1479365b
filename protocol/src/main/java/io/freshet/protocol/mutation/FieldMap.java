// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Mutations as a map from path to value or operator.
///
/// Its paths are unordered, so what it does must not depend on an order: they may not overlap;
/// tests are done first, then whatever puts something at a place, from low places in an array to
/// high ones, then what removes elements, from high to low.
final class FieldMap {
  private static final Comparator<FieldPath> BY_PLACE = FieldMap::compare;

  private FieldMap() {}

  static List<Mutation> read(JsonObject map) {
    var mutations = new ArrayList<Mutation>(map.size());
    map.forEach((key, value) -> mutations.add(mutation(key, value)));
    mutations.sort(Comparator.comparing(Mutation::path, BY_PLACE));
    requireApart(mutations);
    return ordered(mutations);
  }

  private static Mutation mutation(String key, JsonValue value) {
    boolean operator = value instanceof JsonObject object && Dollars.all(object);
    if (Dollars.is(key) && !operator) {
      throw MutationReader.invalid(
          "The mutations have "
              + Quoted.of(key)
              + " where a field should stand: write {\"field\": {\"$inc\": 1}}, the field first; to"
              + " store a field of that name give its value in {\"$set\": …}");
    }
    FieldPath path = FieldPath.parse(key);
    if (value instanceof JsonObject object && Dollars.any(object)) {
      return operation(path, object);
    }
    return new Mutation.Set(path, value);
  }

  private static Mutation operation(FieldPath path, JsonObject object) {
    if (!Dollars.all(object)) {
      throw MutationReader.invalid(
          "The value of "
              + Quoted.of(path)
              + " has keys that begin with $ and others; to store it give it in {\"$set\": …}");
    }
    var mutations = new ArrayList<Mutation>(1);
    object.forEach((name, value) -> mutations.add(operation(path, name, value)));
    if (mutations.size() > 1) {
      throw MutationReader.invalid(
          "The field "
              + Quoted.of(path)
              + " has several operators; a map takes one for each field, a list of operations any");
    }
    return mutations.getFirst();
  }

  private static Mutation operation(FieldPath path, String name, JsonValue value) {
    Operator operator = Operator.inMap(name);
    if (operator == null) {
      throw new FreshetException(
          ErrorCode.UNKNOWN_OPERATOR,
          "There is no operator "
              + Quoted.of(name)
              + " in a map of fields; there are "
              + Operator.namesInMap());
    }
    return new Arguments(operator, path, value).mutation();
  }

  /// In the order of [#compare] every path stands right before those that lead on from it.
  private static void requireApart(List<Mutation> sorted) {
    for (int i = 1; i < sorted.size(); i++) {
      FieldPath path = sorted.get(i - 1).path();
      FieldPath next = sorted.get(i).path();
      if (path.contains(next)) {
        throw new FreshetException(
            ErrorCode.PATH_CONFLICT,
            "The map has overlapping paths: "
                + Quoted.of(path)
                + " and "
                + Quoted.of(next)
                + "; send a list of operations, which has an order");
      }
    }
  }

  private static List<Mutation> ordered(List<Mutation> sorted) {
    var tests = new ArrayList<Mutation>();
    var others = new ArrayList<Mutation>();
    var removals = new ArrayList<Mutation>();
    for (Mutation mutation : sorted) {
      (switch (mutation) {
            case Mutation.Test test -> tests;
            case Mutation.Unset unset -> removals;
            case Mutation other -> others;
          })
          .add(mutation);
    }
    tests.addAll(others);
    tests.addAll(removals.reversed());
    return tests;
  }

  /// By segments: places by number, then names, then the end of an array.
  private static int compare(FieldPath one, FieldPath other) {
    int shared = Math.min(one.segments().size(), other.segments().size());
    for (int i = 0; i < shared; i++) {
      int order = compare(one.segments().get(i), other.segments().get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(one.segments().size(), other.segments().size());
  }

  private static int compare(String one, String other) {
    int ranks = Integer.compare(rank(one), rank(other));
    boolean numbers = ranks == 0 && rank(one) == 0;
    int lengths = numbers ? Integer.compare(one.length(), other.length()) : 0;
    return ranks != 0 ? ranks : lengths != 0 ? lengths : one.compareTo(other);
  }

  private static int rank(String segment) {
    return Place.isIndex(segment) ? 0 : segment.equals(Place.END) ? 2 : 1;
  }
}
