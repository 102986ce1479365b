// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

import io.freshet.protocol.json.JsonObject;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a source tells of one row. Rows are objects of column names and values.
public sealed interface RowChange {
  /// The collection the table is.
  String collection();

  record Inserted(String collection, String id, JsonObject row) implements RowChange {}

  /// @param row what is known of the row after it
  /// @param untold columns that have not changed and were not told; not in `row`
  /// @param former what streams show as the row before; null for nothing
  record Updated(
      String collection, String id, JsonObject row, Set<String> untold, @Nullable JsonObject former)
      implements RowChange {}

  /// An update that has changed the key.
  ///
  /// @param row as in [Updated], and so on
  record Moved(
      String collection,
      String oldId,
      String id,
      JsonObject row,
      Set<String> untold,
      @Nullable JsonObject former)
      implements RowChange {}

  /// @param former what streams show as the deleted row: all of it, or its key
  record Deleted(String collection, String id, JsonObject former) implements RowChange {}

  /// All rows are gone; no stream is told. Alone in its append it needs little memory, however many
  /// rows are held; among others all of them are removed at once.
  record Truncated(String collection) implements RowChange {}

  /// A row that was read, not changed: what it is at this place of the log.
  ///
  /// @param row null if there is none
  /// @param run the snapshot it is read for, appended to the log in any case; null for one that is
  ///   only to be held, which is appended if something else is held
  record Read(String collection, String id, @Nullable JsonObject row, @Nullable String run)
      implements RowChange {
    /// The actor of the changes of a snapshot.
    public static String actor(String run) {
      return "snapshot:" + run;
    }
  }
}
