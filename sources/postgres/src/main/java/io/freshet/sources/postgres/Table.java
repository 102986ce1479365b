// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.filter.FieldType;
import io.freshet.protocol.filter.Model;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A table as the database's catalog describes it, and the collection it is here.
///
/// @param oid its number, as in relation messages
/// @param collection empty if it is none: nothing configured covers it
/// @param key the columns whose texts are the id of a row, in the order of the index: those of the
///   replica identity index if there is one, else of the primary key; empty if rows cannot be named
/// @param columns those that are told, in order
/// @param filter condition of the publication on rows, in SQL; empty for none
/// @param estimate rows, roughly; 0 while unknown
record Table(
    long oid,
    String schema,
    String name,
    Kind kind,
    Identity identity,
    String collection,
    List<Column> key,
    List<Column> columns,
    String filter,
    boolean published,
    long estimate) {

  enum Kind {
    ORDINARY,
    /// The root of partitions, whose rows they are.
    PARTITIONED
  }

  /// What the database tells of a row that is updated or deleted (`relreplident`).
  enum Identity {
    DEFAULT,
    FULL,
    INDEX,
    NOTHING
  }

  /// @param typeSchema where its type is, and the operators of the type
  /// @param kind what its values are for clients, or the elements of its values
  /// @param list whether its values are arrays
  record Column(
      String name, int typeOid, String typeSchema, String typeName, FieldType kind, boolean list) {
    /// The type, for a cast: `"pg_catalog"."int4"`. In this form without a length, so that a cast
    /// never cuts anything off.
    String type() {
      return Sql.name(typeSchema, typeName);
    }
  }

  Table {
    key = List.copyOf(key);
    columns = List.copyOf(columns);
  }

  /// Whether its rows are told, each with an id.
  boolean isCaptured() {
    return !collection.isEmpty() && published && !key.isEmpty();
  }

  /// Names of the columns that are told of deleted rows.
  Set<String> deletedColumns() {
    List<Column> told =
        switch (identity) {
          case FULL -> columns;
          case DEFAULT, INDEX -> key;
          case NOTHING -> List.of();
        };
    return told.stream().map(Column::name).collect(Collectors.toUnmodifiableSet());
  }

  /// The types of its columns.
  Model model() {
    List<Model.Field> fields =
        columns.stream()
            .map(each -> new Model.Field(each.name, each.name, each.kind, each.list))
            .toList();
    return Model.of(collection, fields, Set.of(), Model.ID_FIELD);
  }

  /// A statement that gives it a key, where it has none.
  String addKey() {
    Set<String> taken = columns.stream().map(Column::name).collect(Collectors.toSet());
    String free =
        Stream.iterate(1, number -> number + 1)
            .map(number -> number == 1 ? "id" : "row_id" + (number == 2 ? "" : number))
            .filter(name -> !taken.contains(name))
            .findFirst()
            .orElseThrow();
    return "ALTER TABLE %s ADD COLUMN %s bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;"
        .formatted(sql(), Sql.name(free));
  }

  /// As SQL names it.
  String sql() {
    return Sql.name(schema, name);
  }
}
