// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

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

    record Remove(FieldPath path) implements Step {}

    record Replace(FieldPath path, JsonValue value) implements Step {}

    record Move(FieldPath from, FieldPath path) implements Step {}

    record Copy(FieldPath from, FieldPath path) implements Step {}

    record Test(FieldPath path, JsonValue value) implements Step {}
  }

  public JsonPatch {
    steps = List.copyOf(steps);
  }

  /// @throws FreshetException `INVALID_ARGUMENT`, `INVALID_PATH`, `FORBIDDEN_KEY`,
  ///   `UNKNOWN_OPERATOR` or `TOO_MANY_OPS`
  public static JsonPatch read(JsonValue patch, int operationsMax) {
    return notYet();
  }

  /// Applies the steps in order; if one fails, none is applied. The root may be anything in
  /// between, but the result is an object.
  ///
  /// @param before an object; a list document is `TYPE_MISMATCH`
  /// @throws FreshetException `TYPE_MISMATCH`, `PATH_NOT_FOUND`, `TEST_FAILED`, `TOO_DEEP`,
  ///   `DOCUMENT_TOO_LARGE`, `TOO_MANY_OPS` (they would go through too many array elements)
  public Edited apply(JsonValue before, JsonLimits limits) {
    return notYet();
  }

  @SuppressWarnings("TypeParameterUnusedInFormals")
  private static <T> T notYet() {
    throw new UnsupportedOperationException();
  }
}
