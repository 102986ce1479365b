// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes mutations in the list form.
final class MutationWriter {
  private MutationWriter() {}

  static JsonArray write(List<Mutation> mutations) {
    var operations = new ArrayList<JsonValue>(mutations.size());
    for (Mutation mutation : mutations) {
      operations.add(write(mutation));
    }
    return JsonArray.of(operations);
  }

  private static JsonObject write(Mutation mutation) {
    FieldPath path = mutation.path();
    return switch (mutation) {
      case Mutation.Set set -> operation(Operator.SET, path).with("value", set.value());
      case Mutation.Add add -> operation(Operator.ADD, path).with("value", add.value());
      case Mutation.Unset unset -> operation(Operator.UNSET, path);
      case Mutation.Increment increment ->
          operation(Operator.INCREMENT, path).with("value", increment.by());
      case Mutation.Multiply multiply ->
          operation(Operator.MULTIPLY, path).with("value", multiply.by());
      case Mutation.Min min -> operation(Operator.MIN, path).with("value", min.bound());
      case Mutation.Max max -> operation(Operator.MAX, path).with("value", max.bound());
      case Mutation.Push push -> operation(Operator.PUSH, path).with("value", options(push));
      case Mutation.AddToSet add ->
          operation(Operator.ADD_TO_SET, path).with("value", list("$each", add.values()));
      case Mutation.Pull pull ->
          operation(Operator.PULL, path).with("value", list("$in", pull.values()));
      case Mutation.Pop pop ->
          operation(Operator.POP, path).with("value", JsonNumber.of(pop.last() ? 1 : -1));
      case Mutation.Toggle toggle -> operation(Operator.TOGGLE, path);
      case Mutation.SetIfAbsent set ->
          operation(Operator.SET_IF_ABSENT, path).with("value", set.value());
      case Mutation.Merge merge -> operation(Operator.MERGE, path).with("value", merge.patch());
      case Mutation.Move move ->
          operation(Operator.MOVE, path).with("from", JsonString.of(move.from().render()));
      case Mutation.Test test -> operation(Operator.TEST, path).with("value", test.value());
      case Mutation.ServerTime time -> operation(Operator.SERVER_TIME, path);
    };
  }

  private static JsonObject operation(Operator operator, FieldPath path) {
    return JsonObject.of("op", JsonString.of(operator.listName()))
        .with("path", JsonString.of(path.render()));
  }

  private static JsonObject list(String name, List<JsonValue> values) {
    return JsonObject.of(name, JsonArray.of(values));
  }

  private static JsonObject options(Mutation.Push push) {
    JsonObject options = list("$each", push.values());
    options = withCount(options, "$at", push.at());
    return withCount(options, "$slice", push.keepLast());
  }

  private static JsonObject withCount(JsonObject options, String name, @Nullable Integer count) {
    return count == null ? options : options.with(name, JsonNumber.of(count));
  }
}
