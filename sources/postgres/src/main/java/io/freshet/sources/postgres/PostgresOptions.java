// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is configured of one database.
///
/// @param name of the source: letters, digits, `-` and `_`
/// @param tables which tables are collections
/// @param automaticSetup whether publication and slot are made at the start if they are missing
/// @param heartbeat how often the database's log is moved on where nothing else does; zero for
///   never
/// @param rowBytesMax most bytes of a row as JSON
public record PostgresOptions(
    String name,
    PostgresUrl url,
    List<TableChoice> tables,
    String publication,
    String slot,
    boolean automaticSetup,
    Duration heartbeat,
    long rowBytesMax) {

  public PostgresOptions {
    tables = List.copyOf(tables);
  }

  /// Some tables.
  ///
  /// @param table `name` (of schema `public`), `schema.name`, `*` (all of schema `public`) or
  ///   `schema.*`; case counts
  /// @param collection the collection a single table is; null for the one of the table's name
  public record TableChoice(String table, @Nullable String collection) {
    public TableChoice {
      if (collection != null && table.endsWith("*")) {
        throw new IllegalArgumentException("several tables cannot be one collection: " + table);
      }
    }

    String schema() {
      int dot = table.indexOf('.');
      return dot < 0 ? "public" : table.substring(0, dot);
    }

    /// `*` for all.
    String relation() {
      return table.substring(table.indexOf('.') + 1);
    }

    boolean covers(String schema, String relation) {
      return schema().equals(schema) && (isAll() || relation().equals(relation));
    }

    boolean isAll() {
      return relation().equals("*");
    }
  }
}
