// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonValue;
import java.util.List;

/// Field mutations of a document (Sync contract 2.6): reading both forms, and applying them.
public final class Mutations {
  /// Most operations of one write, unless configured otherwise.
  public static final int OPERATIONS_MAX = 500;

  private Mutations() {}

  /// Reads a map of fields (`{"count": {"$inc": 1}}`) or a list of operations (`[{"op":
  /// "increment", "path": "/count", "value": 1}]`) into one ordered list. The operations of a map
  /// have no order of their own: its tests come first, its removals last.
  ///
  /// @throws FreshetException `INVALID_ARGUMENT`, `INVALID_PATH`, `FORBIDDEN_KEY`,
  ///   `UNKNOWN_OPERATOR`, `PATH_CONFLICT` (map only) or `TOO_MANY_OPS`
  public static List<Mutation> read(JsonValue mutations, int operationsMax) {
    return MutationReader.read(mutations, operationsMax);
  }

  /// Applies them in order, each to what those before it made; if one fails, none is applied.
  /// States in between keep to the limits as the result does, except that a document already over
  /// one may stay as large as it is.
  ///
  /// @param before an object; a list document is `TYPE_MISMATCH`
  /// @param nowMs the time of the write, milliseconds since 1970
  /// @throws FreshetException `TYPE_MISMATCH`, `PATH_NOT_FOUND`, `TEST_FAILED`,
  ///   `NUMBER_OUT_OF_RANGE` (status 422), `TOO_DEEP`, `DOCUMENT_TOO_LARGE`, `TOO_MANY_OPS` (they
  ///   would go through too many array elements)
  public static Edited apply(
      JsonValue before, List<Mutation> mutations, long nowMs, JsonLimits limits) {
    var draft = new Draft(before, limits);
    var operators = new Operators(draft, nowMs);
    for (Mutation mutation : mutations) {
      operators.apply(mutation);
    }
    return draft.finish();
  }

  /// The list form, which [#read] reads back as the same mutations.
  public static JsonArray write(List<Mutation> mutations) {
    return MutationWriter.write(mutations);
  }
}
