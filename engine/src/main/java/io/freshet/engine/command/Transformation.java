// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.command;

import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import java.util.List;

/// Makes a document's new data of its old data. Pure: the same arguments always give the same
/// result, because it may be asked again when another writer was first.
@FunctionalInterface
public interface Transformation {
  /// @param limits that the result and every state on the way keep to
  /// @param nowMs milliseconds since 1970
  /// @throws io.freshet.protocol.error.FreshetException when it cannot be done; the command is
  ///   rejected with this code and text
  Transformed apply(JsonValue before, JsonLimits limits, long nowMs);

  /// @param operations the resolved edits: applied to `before` they give `after`
  record Transformed(JsonValue after, List<FieldOperation> operations) {
    public Transformed {
      operations = List.copyOf(operations);
    }
  }
}
