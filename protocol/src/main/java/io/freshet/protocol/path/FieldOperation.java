// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.path;

import io.freshet.protocol.json.JsonValue;

/// One resolved edit inside a document, as the log keeps it: applying it again to the same state
/// gives the same result and decides nothing.
public sealed interface FieldOperation {
  RecordPath path();

  /// Puts the value at the path, creating what is missing on the way.
  record Set(RecordPath path, JsonValue value) implements FieldOperation {}

  /// Removes a member; an array element becomes null and the array keeps its length.
  record Erase(RecordPath path) implements FieldOperation {}
}
