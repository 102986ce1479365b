// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Mutations as an ordered list of `{"op", "path", "value"}`.
final class OperationList {
  private OperationList() {}

  static List<Mutation> read(JsonArray list) {
    var mutations = new ArrayList<Mutation>(list.size());
    for (JsonValue element : list) {
      mutations.add(read(object(element, mutations.size()), mutations.size()));
    }
    return mutations;
  }

  /// @param number of the operation, from 0
  static JsonObject object(JsonValue element, int number) {
    if (element instanceof JsonObject object) {
      return object;
    }
    throw MutationReader.invalid(
        "Operation " + number + " is " + Kinds.name(element) + "; it should be an object");
  }

  static String text(JsonObject operation, String member, int number) {
    if (operation.get(member) instanceof JsonString text) {
      return text.value();
    }
    throw MutationReader.invalid("Operation " + number + " needs a text \"" + member + "\"");
  }

  private static Mutation read(JsonObject operation, int number) {
    String name = text(operation, "op", number);
    Operator operator = Operator.inList(name);
    if (operator == null) {
      throw new FreshetException(
          ErrorCode.UNKNOWN_OPERATOR,
          "Operation "
              + number
              + " has the unknown operator "
              + Quoted.of(name)
              + "; there are "
              + Operator.namesInList());
    }
    requireMembers(operation, operator, number);
    FieldPath path = FieldPath.parse(text(operation, "path", number));
    if (operator == Operator.MOVE) {
      return move(FieldPath.parse(text(operation, "from", number)), path);
    }
    return new Arguments(operator, path, value(operation, operator, number)).mutation();
  }

  /// A member that means nothing here would be an option somebody relies on.
  private static void requireMembers(JsonObject operation, Operator operator, int number) {
    String other = operator == Operator.MOVE ? "from" : "value";
    operation.forEach((key, value) -> {
      if (!key.equals("op") && !key.equals("path") && !key.equals(other)) {
        throw MutationReader.invalid(
            "Operation " + number + " has the member " + Quoted.of(key) + ", which means nothing");
      }
    });
  }

  private static JsonValue value(JsonObject operation, Operator operator, int number) {
    JsonValue value = operation.get("value");
    return value == null && operator.isBare() ? JsonBoolean.TRUE : present(value, number);
  }

  static JsonValue present(@Nullable JsonValue value, int number) {
    if (value == null) {
      throw MutationReader.invalid("Operation " + number + " needs a \"value\"");
    }
    return value;
  }

  private static Mutation move(FieldPath from, FieldPath path) {
    requireOutside(from, path);
    return new Mutation.Move(from, path);
  }

  static void requireOutside(FieldPath from, FieldPath path) {
    if (from.contains(path) && !from.equals(path)) {
      throw new FreshetException(
          ErrorCode.INVALID_PATH,
          Quoted.of(from.pointer()) + " cannot be moved into itself: " + Quoted.of(path.pointer()));
    }
  }
}
