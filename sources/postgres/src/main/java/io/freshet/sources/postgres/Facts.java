// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a database says of itself, as far as a source needs it; read by [Catalog]. Immutable.
///
/// @param tables those that the configuration covers
/// @param relations everything beside the system's own
record Facts(
    Server server,
    Role role,
    Optional<Publication> publication,
    Optional<Slot> slot,
    List<Detail> tables,
    List<Relation> relations) {

  Facts {
    tables = List.copyOf(tables);
    relations = List.copyOf(relations);
  }

  /// @param version like 150004
  /// @param slots in use
  /// @param senders in use
  /// @param keepsAll whether nothing bounds the log that slots keep back
  /// @param marksTable whether the table of [Marks] is there
  record Server(
      int version,
      String walLevel,
      int slots,
      int slotsMax,
      int senders,
      int sendersMax,
      boolean keepsAll,
      boolean standby,
      String database,
      boolean marksTable) {}

  /// @param mayReplicate by its own attribute, or by membership in the role a cloud has for it
  /// @param cloudRole name of that role; empty if there is none
  /// @param mayCreate publications in this database
  record Role(
      String name, boolean superuser, boolean mayReplicate, String cloudRole, boolean mayCreate) {}

  /// @param members oids of the tables that are named in it, themselves or by their schema
  /// @param owned whether the role may change it
  record Publication(
      String name,
      boolean allTables,
      boolean insert,
      boolean update,
      boolean delete,
      boolean viaRoot,
      boolean owned,
      Set<Long> members) {}

  /// @param plugin empty for a physical one
  /// @param holder who is connected to it; empty if nobody is
  /// @param lost why it is of no use any more; empty if it is
  record Slot(String name, String plugin, String database, String holder, String lost) {}

  /// @param kind as in `pg_class.relkind`
  record Relation(
      long oid, String schema, String name, char kind, boolean partition, boolean logged) {
    boolean isTable() {
      return (kind == 'r' || kind == 'p') && !partition;
    }

    String plainName() {
      return schema + "." + name;
    }
  }

  /// A table that is covered, and what only doctor asks of it.
  ///
  /// @param toldOfOldRows whether the database can tell which row is updated or deleted
  /// @param columnList whether the publication leaves out columns
  /// @param rowSecurity whether policies hide rows from the role
  /// @param readable whether the role may read it
  /// @param owned whether the role may alter it, and publish it
  record Detail(
      Table table,
      boolean toldOfOldRows,
      boolean columnList,
      boolean rowSecurity,
      boolean readable,
      boolean owned) {}
}
