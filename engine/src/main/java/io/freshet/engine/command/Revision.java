// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.command;

import io.freshet.protocol.Operation;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;

/// What the documents face can do to one document (Sync contract, section 2).
public sealed interface Revision {
  /// The first write of a life. Rejected with `ALREADY_EXISTS` when the document is live.
  ///
  /// @param expiresAt milliseconds since 1970; 0 for never
  record Create(JsonObject data, long expiresAt) implements Revision {}

  /// Puts other data in place of what is there.
  ///
  /// @param data an object or an array
  record Replace(JsonValue data) implements Revision {}

  /// Makes new data of the old.
  ///
  /// @param operation `MERGE` or `MUTATE`
  record Transform(Operation operation, Transformation transformation) implements Revision {}

  /// Deletes and keeps the data for a [Restore]. Of a tombstone: answered by its `State`.
  enum Delete implements Revision {
    DELETE
  }

  /// Makes a deleted document live again, with the data it had. Rejected with `NOT_FOUND` when
  /// there is no tombstone with data, `ALREADY_EXISTS` when the document is live.
  enum Restore implements Revision {
    RESTORE
  }

  /// Sets when the document expires, and leaves its data.
  ///
  /// @param expiresAt milliseconds since 1970; 0 for never
  record Touch(long expiresAt) implements Revision {}

  /// Deletes a document whose time is over; the engine's own.
  enum Expire implements Revision {
    EXPIRE
  }
}
