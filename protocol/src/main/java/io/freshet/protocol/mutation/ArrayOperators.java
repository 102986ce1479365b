// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.List;

/// What the operators on arrays do to a draft.
final class ArrayOperators {
  /// Up to here appended elements are edits of their own; more of them, or more than there were
  /// before, are one edit of the array.
  private static final int APPENDED_MAX = 64;

  private final Draft draft;

  ArrayOperators(Draft draft) {
    this.draft = draft;
  }

  private static JsonArray array(Place place) {
    return switch (place.value()) {
      case null -> JsonArray.EMPTY;
      case JsonArray array -> array;
      case JsonValue other -> throw Operators.wrongType(place.path(), other, "an array");
    };
  }

  void push(Place place, Mutation.Push push) {
    JsonArray old = array(place);
    Integer at = push.at();
    int from = at == null ? old.size() : at;
    if (from > old.size()) {
      throw Kinds.mismatch(
          "The array "
              + Quoted.of(place.path())
              + " has "
              + old.size()
              + " elements; nothing can be pushed at "
              + from);
    }
    Integer keepLast = push.keepLast();
    boolean cuts = keepLast != null && old.size() + push.values().size() > keepLast;
    if (from == old.size() && !cuts) {
      append(place, old, push.values());
      return;
    }
    draft.countWork(old.size());
    JsonArray array = old.spliced(from, 0, push.values());
    if (cuts && keepLast != null) {
      array = array.spliced(0, array.size() - keepLast, List.of());
    }
    rewrite(place, old, array, push.values());
  }

  private void append(Place place, JsonArray old, List<JsonValue> values) {
    if (!place.exists()) {
      draft.store(place, JsonArray.of(values));
    } else if (values.size() <= Math.min(old.size(), APPENDED_MAX)) {
      draft.append(place, old, values);
    } else {
      rewrite(place, old, old.spliced(old.size(), 0, values), values);
    }
  }

  /// @param added the values that may be new
  private void rewrite(Place place, JsonArray old, JsonArray array, List<JsonValue> added) {
    if (!place.exists()) {
      draft.store(place, array);
      return;
    }
    for (JsonValue value : added) {
      draft.requireDepth(place.tokens().size() + 1, value);
    }
    draft.rewrite(place.tokens(), old, array);
  }

  void addToSet(Place place, List<JsonValue> values) {
    JsonArray old = array(place);
    draft.countReading(old);
    var wanted = new ValueSet(values, draft);
    for (JsonValue element : old) {
      wanted.remove(element);
    }
    List<JsonValue> missing = wanted.values();
    if (!missing.isEmpty() || !place.exists()) {
      append(place, old, missing);
    }
  }

  void pull(Place place, List<JsonValue> values) {
    JsonArray old = array(place);
    draft.countReading(old);
    var unwanted = new ValueSet(values, draft);
    var kept = new ArrayList<JsonValue>(old.size());
    for (JsonValue element : old) {
      if (!unwanted.contains(element)) {
        kept.add(element);
      }
    }
    if (kept.size() < old.size()) {
      draft.rewrite(place.tokens(), old, JsonArray.of(kept));
    }
  }

  void pop(Place place, boolean last) {
    JsonArray old = array(place);
    if (old.size() > 0) {
      int index = last ? old.size() - 1 : 0;
      draft.rewrite(place.tokens(), old, old.spliced(index, 1, List.of()));
    }
  }
}
