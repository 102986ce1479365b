// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import java.util.List;

/// Tells the two forms of mutations apart.
final class MutationReader {
  private MutationReader() {}

  static List<Mutation> read(JsonValue mutations, int operationsMax) {
    return switch (mutations) {
      case JsonObject map -> {
        requireCount(map.size(), operationsMax);
        yield FieldMap.read(map);
      }
      case JsonArray list -> {
        requireCount(list.size(), operationsMax);
        yield OperationList.read(list);
      }
      case JsonValue other ->
          throw invalid(
              "The mutations are "
                  + Kinds.name(other)
                  + "; send a map of fields or a list of operations");
    };
  }

  static void requireCount(int count, int max) {
    if (count > max) {
      throw new FreshetException(
          ErrorCode.TOO_MANY_OPS,
          "The write has " + count + " operations; at most " + max + " are accepted at once");
    }
  }

  static FreshetException invalid(String message) {
    return new FreshetException(ErrorCode.INVALID_ARGUMENT, message);
  }
}
