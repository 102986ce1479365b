// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import java.util.List;

/// Merging a partial document into a document: RFC 7396 on objects (Sync contract 2.5).
public final class MergePatch {
  /// What a `null` member of the patch means.
  public enum Nulls {
    /// The member is deleted, as RFC 7396 has it.
    DELETE,
    /// `null` is stored.
    SET
  }

  private MergePatch() {}

  /// @param before an object; a list document is `TYPE_MISMATCH`
  /// @param patch an object; anything else is `INVALID_ARGUMENT`
  /// @throws FreshetException also `TOO_DEEP`, `DOCUMENT_TOO_LARGE`
  public static Edited apply(JsonValue before, JsonValue patch, Nulls nulls, JsonLimits limits) {
    if (!(patch instanceof JsonObject partial)) {
      throw new FreshetException(
          ErrorCode.INVALID_ARGUMENT,
          "The data of a merge is " + Kinds.name(patch) + "; send an object");
    }
    JsonObject target = Kinds.document(before);
    Limits.requireDepth(patch.depth(), limits);
    var merging = new Merging(nulls, List.of());
    JsonObject after = merging.merge(target, partial);
    Limits.requireSize(after, target, limits);
    return new Edited(after, merging.operations());
  }
}
