// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.sources.postgres.Facts.Detail;
import io.freshet.sources.postgres.Facts.Publication;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Makes what a source needs and the database lacks: the publication with its tables, the slot.
/// Doing it again does nothing. Stateless.
///
/// Tables are left out whose rows cannot be named, and those of which PostgreSQL could not say
/// which row is updated: once published, the program that they belong to could not update them any
/// more.
final class Setup {
  private static final int VIA_ROOT_SINCE = 130_000;

  private Setup() {}

  /// In the order to be carried out: the slot comes last, or what it keeps would begin where there
  /// is no publication.
  static List<Statement> missing(Facts facts, PostgresOptions options) {
    var missing = new ArrayList<>(publication(facts, options));
    if (facts.slot().isEmpty()) {
      missing.add(new Statement("There is no replication slot " + options.slot(), slot(options)));
    }
    return missing;
  }

  static String slot(PostgresOptions options) {
    return "SELECT pg_create_logical_replication_slot(%s, 'pgoutput');"
        .formatted(Sql.text(options.slot()));
  }

  /// @throws SetupRefusedException if the role may not
  static void carryOut(Connection connection, List<Statement> missing) throws SQLException {
    try (java.sql.Statement statement = connection.createStatement()) {
      for (Statement each : missing) {
        statement.execute(each.sql());
      }
    } catch (SQLException e) {
      String state = e.getSQLState() == null ? "" : e.getSQLState();
      if (state.equals("42501")) {
        throw new SetupRefusedException(e, missing);
      }
      throw e;
    }
  }

  static List<Statement> publication(Facts facts, PostgresOptions options) {
    var statements = new ArrayList<Statement>();
    List<String> marks = marks(facts, statements);
    boolean viaRoot = facts.server().version() >= VIA_ROOT_SINCE;
    if (facts.publication().isEmpty()) {
      statements.add(create(facts, options, marks, viaRoot));
      return statements;
    }
    Publication publication = facts.publication().get();
    String name = Sql.name(publication.name());
    List<Detail> lacking =
        facts.tables().stream()
            .filter(Setup::isSuited)
            .filter(detail -> !isMember(publication, detail))
            .toList();
    var added = new ArrayList<>(lacking.stream().map(detail -> detail.table().sql()).toList());
    if (!publication.allTables()) {
      added.addAll(marks);
    }
    if (!added.isEmpty()) {
      statements.add(
          new Statement(
              "The publication %s lacks %s"
                  .formatted(publication.name(), added.size() == 1 ? added.getFirst() : "tables"),
              "ALTER PUBLICATION %s ADD TABLE %s;".formatted(name, String.join(", ", added))));
    }
    boolean partitioned =
        facts.tables().stream().anyMatch(detail -> detail.table().kind() == Table.Kind.PARTITIONED);
    if (partitioned && viaRoot && !publication.viaRoot()) {
      statements.add(
          new Statement(
              "The publication %s tells of partitions, not of the tables they are part of"
                  .formatted(publication.name()),
              "ALTER PUBLICATION %s SET (publish_via_partition_root = true);".formatted(name)));
    }
    return statements;
  }

  private static boolean isMember(Publication publication, Detail detail) {
    return publication.allTables() || publication.members().contains(detail.table().oid());
  }

  private static boolean isSuited(Detail detail) {
    return !detail.table().key().isEmpty() && detail.toldOfOldRows();
  }

  private static Statement create(
      Facts facts, PostgresOptions options, List<String> marks, boolean viaRoot) {
    List<String> tables =
        new ArrayList<>(
            facts.tables().stream()
                .filter(Setup::isSuited)
                .map(detail -> detail.table().sql())
                .toList());
    tables.addAll(marks);
    return new Statement(
        "There is no publication " + options.publication(),
        "CREATE PUBLICATION %s%s%s;"
            .formatted(
                Sql.name(options.publication()),
                tables.isEmpty()
                    ? ""
                    : tables.stream().collect(Collectors.joining(", ", " FOR TABLE ", "")),
                viaRoot ? " WITH (publish_via_partition_root = true)" : ""));
  }

  /// The table of marks, to be published, where there must be one and it is not.
  private static List<String> marks(Facts facts, List<Statement> statements) {
    if (Marks.areMessages(facts.server().version())) {
      return List.of();
    }
    if (!facts.server().marksTable()) {
      statements.add(
          new Statement(
              "There is no table public.%s, in which this version's marks are written"
                  .formatted(Marks.TABLE),
              "CREATE TABLE public.%s (slot text PRIMARY KEY, mark text NOT NULL);"
                  .formatted(Marks.TABLE)));
    }
    boolean member =
        facts.publication().isPresent()
            && facts.relations().stream()
                .anyMatch(relation ->
                    relation.plainName().equals("public." + Marks.TABLE)
                        && facts.publication().get().members().contains(relation.oid()));
    return member ? List.of() : List.of(Sql.name("public", Marks.TABLE));
  }
}
