// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import java.util.List;

/// What an edit makes of a document.
///
/// @param after the next state; shares everything that was not edited with the state before
/// @param operations the resolved edits, empty when nothing changed: applied in order to the state
///   before by `PathEdit.applyAll` they give `after`, on any node and at any time. No path is the
///   beginning of another; all that is inserted, removed or shifted inside an array is one set of
///   that array, an append a set of the element behind the last
public record Edited(JsonValue after, List<FieldOperation> operations) {
  public Edited {
    operations = List.copyOf(operations);
  }
}
