// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonValue;

/// The limits on what edits make.
final class Limits {
  private Limits() {}

  static void requireDepth(int levels, JsonLimits limits) {
    if (levels > limits.depthMax()) {
      throw new FreshetException(
          ErrorCode.TOO_DEEP,
          "The document would be nested deeper than " + limits.depthMax() + " levels");
    }
  }

  /// A document over a limit (it was written when the limit was higher) may stay as large as it is.
  static void requireSize(JsonValue after, JsonValue before, JsonLimits limits) {
    if (after.encodedBytes() > Math.max(limits.bytesMax(), before.encodedBytes())
        || after.members() > Math.max(limits.membersMax(), before.members())) {
      throw new FreshetException(
          ErrorCode.DOCUMENT_TOO_LARGE,
          "The document would exceed "
              + limits.bytesMax()
              + " bytes or "
              + limits.membersMax()
              + " members");
    }
  }
}
