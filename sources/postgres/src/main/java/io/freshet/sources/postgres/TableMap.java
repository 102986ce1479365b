// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.spi.SourceRefusal;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The tables of a database as they were at one moment, and the collections they are. Immutable.
final class TableMap {
  private final PostgresOptions options;
  private final Map<Long, Table> byOid = new HashMap<>();
  private final Map<String, Table> byCollection = new HashMap<>();

  /// Tables that nothing covers, by the collection they would be.
  private final Map<String, Facts.Relation> others = new HashMap<>();

  private final boolean known;

  private TableMap(PostgresOptions options, boolean known) {
    this.options = options;
    this.known = known;
  }

  /// Before anything is known.
  static TableMap unknown(PostgresOptions options) {
    return new TableMap(options, false);
  }

  static TableMap of(Facts facts, PostgresOptions options) {
    var map = new TableMap(options, true);
    for (Facts.Detail detail : facts.tables()) {
      map.byOid.put(detail.table().oid(), detail.table());
      map.byCollection.put(detail.table().collection(), detail.table());
    }
    for (Facts.Relation relation : facts.relations()) {
      if (relation.isTable() && !map.byOid.containsKey(relation.oid())) {
        map.others.putIfAbsent(relation.name(), relation);
      }
    }
    return map;
  }

  /// Whether the catalog was not asked yet.
  boolean isUnknown() {
    return !known;
  }

  /// A table that is covered; it may be one that is not captured.
  @Nullable Table byOid(long oid) {
    return byOid.get(oid);
  }

  /// The table captured as this collection.
  @Nullable Table captured(String collection) {
    Table table = byCollection.get(collection);
    return table != null && table.isCaptured() ? table : null;
  }

  Set<String> collections() {
    var collections = new TreeSet<String>();
    byCollection.forEach((collection, table) -> {
      if (table.isCaptured()) {
        collections.add(collection);
      }
    });
    return collections;
  }

  /// As [io.freshet.spi.Source#refusal].
  @Nullable SourceRefusal refusal(String collection, Set<String> deleteFields) {
    Table table = byCollection.get(collection);
    if (table != null) {
      return table.isCaptured() ? filterRefusal(table, deleteFields) : notTold(table);
    }
    Facts.Relation other = others.get(collection);
    return other == null ? null : notCovered(other);
  }

  private SourceRefusal notTold(Table table) {
    String plain = table.schema() + "." + table.name();
    if (table.key().isEmpty()) {
      return new SourceRefusal(
          SourceRefusal.Kind.NOT_CAPTURED,
          "The table %s has no primary key, so its rows cannot be named: %s"
              .formatted(plain, table.addKey()));
    }
    return new SourceRefusal(
        SourceRefusal.Kind.NOT_CAPTURED,
        "The table %s is not in the publication %s: %s"
            .formatted(plain, options.publication(), addTable(table.sql())));
  }

  private String addTable(String table) {
    return "ALTER PUBLICATION %s ADD TABLE %s;".formatted(Sql.name(options.publication()), table);
  }

  private SourceRefusal notCovered(Facts.Relation relation) {
    String sql = Sql.name(relation.schema(), relation.name());
    String message =
        "The table %s is not captured: add \"%s\" to `tables` of the source %s in the configuration"
            .formatted(relation.plainName(), relation.plainName(), options.name());
    return new SourceRefusal(
        SourceRefusal.Kind.NOT_CAPTURED,
        options.automaticSetup() ? message : message + ", and run " + addTable(sql));
  }

  private static @Nullable SourceRefusal filterRefusal(Table table, Set<String> deleteFields) {
    var untold = new TreeSet<String>();
    Set<String> told = table.deletedColumns();
    for (Table.Column column : table.columns()) {
      if (deleteFields.contains(column.name()) && !told.contains(column.name())) {
        untold.add(column.name());
      }
    }
    return untold.isEmpty()
        ? null
        : new SourceRefusal(
            SourceRefusal.Kind.FILTER_CANNOT_WORK,
            "The filter of deletes looks at %s, and PostgreSQL tells of a deleted row of %s.%s only"
                    .formatted(String.join(", ", untold), table.schema(), table.name())
                + " %s: ALTER TABLE %s REPLICA IDENTITY FULL;"
                    .formatted(
                        told.isEmpty() ? "nothing" : String.join(", ", new TreeSet<>(told)),
                        table.sql()));
  }
}
