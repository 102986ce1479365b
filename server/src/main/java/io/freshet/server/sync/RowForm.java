// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.json.JsonValue;
import io.freshet.server.stream.Models;
import io.freshet.server.stream.TaggedValue;

/// How the rows in a stream's events are written.
///
/// Threading: any thread.
sealed interface RowForm {
  JsonValue of(String collection, JsonValue row);

  /// As they are.
  enum Plain implements RowForm {
    PLAIN;

    @Override
    public JsonValue of(String collection, JsonValue row) {
      return row;
    }
  }

  /// With the types of its values.
  record Typed(Models models) implements RowForm {
    @Override
    public JsonValue of(String collection, JsonValue row) {
      return TaggedValue.row(row, models.of(collection));
    }
  }
}
