// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.List;

/// Reads JSON patches. Members an operation does not define are ignored, as RFC 6902 demands.
final class JsonPatchReader {
  private JsonPatchReader() {}

  static List<JsonPatch.Step> read(JsonValue patch, int operationsMax) {
    if (!(patch instanceof JsonArray list)) {
      throw MutationReader.invalid(
          "The JSON patch is " + Kinds.name(patch) + "; send a list of operations");
    }
    MutationReader.requireCount(list.size(), operationsMax);
    var steps = new ArrayList<JsonPatch.Step>(list.size());
    for (JsonValue element : list) {
      steps.add(step(OperationList.object(element, steps.size()), steps.size()));
    }
    return steps;
  }

  private static JsonPatch.Step step(JsonObject operation, int number) {
    String name = OperationList.text(operation, "op", number);
    return switch (name) {
      case "add" -> new JsonPatch.Step.Add(path(operation, number), value(operation, number));
      case "remove" -> new JsonPatch.Step.Remove(path(operation, number));
      case "replace" ->
          new JsonPatch.Step.Replace(path(operation, number), value(operation, number));
      case "move" -> {
        FieldPath from = from(operation, number);
        FieldPath path = path(operation, number);
        OperationList.requireOutside(from, path);
        yield new JsonPatch.Step.Move(from, path);
      }
      case "copy" -> new JsonPatch.Step.Copy(from(operation, number), path(operation, number));
      case "test" -> new JsonPatch.Step.Test(path(operation, number), value(operation, number));
      default ->
          throw new FreshetException(
              ErrorCode.UNKNOWN_OPERATOR,
              "Operation "
                  + number
                  + " has the unknown operator "
                  + Quoted.of(name)
                  + "; a JSON patch has add, remove, replace, move, copy and test");
    };
  }

  private static FieldPath path(JsonObject operation, int number) {
    return FieldPath.parsePointer(OperationList.text(operation, "path", number));
  }

  private static FieldPath from(JsonObject operation, int number) {
    return FieldPath.parsePointer(OperationList.text(operation, "from", number));
  }

  private static JsonValue value(JsonObject operation, int number) {
    return OperationList.present(operation.get("value"), number);
  }
}
