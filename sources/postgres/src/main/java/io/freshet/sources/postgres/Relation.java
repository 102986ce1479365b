// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import java.util.List;

/// A table as the log describes it, from this place of the log on.
///
/// @param oid its number, by which changes refer to it
/// @param identity `d`, `n`, `f` or `i`, as in `pg_class.relreplident`
record Relation(long oid, String schema, String name, char identity, List<Column> columns) {
  Relation {
    columns = List.copyOf(columns);
  }

  /// @param identifying whether it is part of what is told of an old row; under `f` all are
  record Column(String name, int typeOid, int modifier, boolean identifying) {}

  boolean isFull() {
    return identity == 'f';
  }
}
