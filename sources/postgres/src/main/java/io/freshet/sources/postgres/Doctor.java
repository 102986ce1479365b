// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.sources.postgres.Facts.Detail;
import io.freshet.sources.postgres.Facts.Publication;
import io.freshet.sources.postgres.Facts.Slot;
import java.util.ArrayList;
import java.util.List;

/// Says what of a database stands in the way of a source, and the statements that help.
final class Doctor {
  private static final int OLDEST = 120_000;
  private static final int VIA_ROOT_SINCE = 130_000;
  private static final int SENDERS_SPARE = 1;

  private final Facts facts;
  private final PostgresOptions options;
  private final List<Finding> findings = new ArrayList<>();

  private Doctor(Facts facts, PostgresOptions options) {
    this.facts = facts;
    this.options = options;
  }

  /// @return nothing if all is well
  static List<Finding> examine(Facts facts, PostgresOptions options) {
    var doctor = new Doctor(facts, options);
    doctor.server();
    if (facts.server().version() >= OLDEST) {
      doctor.role();
      doctor.publication();
      doctor.slot();
      doctor.tables();
    }
    return doctor.findings;
  }

  private void server() {
    Facts.Server server = facts.server();
    if (server.version() < OLDEST) {
      findings.add(
          Finding.error(
              "PostgreSQL is version %d; 12 is the oldest this works with"
                  .formatted(server.version() / 10_000)));
      return;
    }
    if (!server.walLevel().equals("logical")) {
      String help =
          facts.role().cloudRole().isEmpty()
              ? "; it takes effect when PostgreSQL is restarted"
              : "; here it is set by the parameter rds.logical_replication = 1, and takes effect"
                  + " when the instance is restarted";
      findings.add(
          Finding.error(
              "wal_level is %s; changes are told only with logical%s"
                  .formatted(server.walLevel(), help),
              "ALTER SYSTEM SET wal_level = 'logical';"));
    }
    if (facts.slot().isEmpty() && server.slots() >= server.slotsMax()) {
      findings.add(
          Finding.error(
              "All %d replication slots are in use; more need a restart of PostgreSQL"
                  .formatted(server.slotsMax()),
              "ALTER SYSTEM SET max_replication_slots = %d;".formatted(server.slotsMax() + 5)));
    }
    boolean connected = facts.slot().filter(slot -> !slot.holder().isEmpty()).isPresent();
    if (!connected && server.senders() + SENDERS_SPARE > server.sendersMax()) {
      findings.add(
          Finding.error(
              "All %d WAL senders are in use; more need a restart of PostgreSQL"
                  .formatted(server.sendersMax()),
              "ALTER SYSTEM SET max_wal_senders = %d;".formatted(server.sendersMax() + 5)));
    }
    if (server.keepsAll()) {
      findings.add(
          Finding.warning(
              "While Freshet is away, PostgreSQL keeps its log for the slot without bound and may"
                  + " fill its disk; a bound loses the slot instead, and streams are told of the"
                  + " gap"
                  + (server.version() < VIA_ROOT_SINCE ? " (possible from version 13 on)" : ""),
              server.version() < VIA_ROOT_SINCE
                  ? new String[0]
                  : new String[] {
                    "ALTER SYSTEM SET max_slot_wal_keep_size = '50GB';", "SELECT pg_reload_conf();"
                  }));
    }
    if (server.standby()) {
      findings.add(
          Finding.error(
              "This server is a standby, where no publication can be made: point `url` at the"
                  + " primary"));
    }
  }

  private void role() {
    Facts.Role role = facts.role();
    if (!role.mayReplicate()) {
      String name = Sql.name(role.name());
      findings.add(
          Finding.error(
              "The role %s may not replicate".formatted(role.name()),
              role.cloudRole().isEmpty()
                  ? "ALTER ROLE %s REPLICATION;".formatted(name)
                  : "GRANT %s TO %s;".formatted(Sql.name(role.cloudRole()), name)));
    }
    for (Detail detail : facts.tables()) {
      Table table = detail.table();
      if (!detail.readable()) {
        findings.add(
            Finding.error(
                "The role %s may not read %s: rows that have not changed yet cannot be shown"
                    .formatted(role.name(), plain(table)),
                "GRANT USAGE ON SCHEMA %s TO %s;"
                    .formatted(Sql.name(table.schema()), Sql.name(role.name())),
                "GRANT SELECT ON %s TO %s;".formatted(table.sql(), Sql.name(role.name()))));
      } else if (detail.rowSecurity()) {
        findings.add(
            Finding.warning(
                "Row security hides rows of %s from %s when they are read; their changes are told"
                        .formatted(plain(table), role.name())
                    + " all the same",
                "ALTER ROLE %s BYPASSRLS;".formatted(Sql.name(role.name()))));
      }
    }
  }

  private void publication() {
    List<Statement> missing = Setup.publication(facts, options);
    if (!missing.isEmpty()) {
      var said = new ArrayList<String>();
      missing.forEach(statement -> said.add(statement.why()));
      findings.add(
          Finding.error(
              String.join("; ", said),
              missing.stream().map(Statement::sql).toArray(String[]::new)));
    }
    facts.publication().ifPresent(this::operations);
  }

  private void operations(Publication publication) {
    var missing = new ArrayList<String>();
    if (!publication.insert()) {
      missing.add("inserts");
    }
    if (!publication.update()) {
      missing.add("updates");
    }
    if (!publication.delete()) {
      missing.add("deletes");
    }
    if (!missing.isEmpty()) {
      findings.add(
          Finding.error(
              "The publication %s leaves out %s: what is shown of the tables would grow wrong"
                  .formatted(publication.name(), String.join(" and ", missing)),
              "ALTER PUBLICATION %s SET (publish = 'insert, update, delete, truncate');"
                  .formatted(Sql.name(publication.name()))));
    }
  }

  private void slot() {
    if (facts.slot().isEmpty()) {
      findings.add(
          Finding.error(
              "There is no replication slot %s".formatted(options.slot()), Setup.slot(options)));
      return;
    }
    Slot slot = facts.slot().get();
    String drop = "SELECT pg_drop_replication_slot(%s);".formatted(Sql.text(slot.name()));
    if (!slot.plugin().equals("pgoutput") || !slot.database().equals(facts.server().database())) {
      String what =
          slot.plugin().isEmpty()
              ? "for physical replication"
              : "for the plugin %s in the database %s".formatted(slot.plugin(), slot.database());
      findings.add(
          Finding.error(
              "The slot %s is %s: give another name in `slot`".formatted(slot.name(), what)));
    } else if (!slot.lost().isEmpty()) {
      findings.add(
          Finding.error(
              "The slot %s is lost (%s): what it had kept is gone"
                  .formatted(slot.name(), slot.lost()),
              drop,
              Setup.slot(options)));
    } else if (!slot.holder().isEmpty() && !slot.holder().equals(application(options))) {
      findings.add(
          Finding.error(
              "The slot %s is in use by %s: give another name in `slot`, or end that one"
                  .formatted(slot.name(), slot.holder())));
    }
  }

  /// What connections call themselves.
  static String application(PostgresOptions options) {
    return "freshet " + options.name();
  }

  private void tables() {
    for (String problem : Selection.of(options.tables(), facts.relations()).problems()) {
      findings.add(Finding.error(problem));
    }
    for (Detail detail : facts.tables()) {
      key(detail);
      if (!detail.table().key().isEmpty()) {
        identity(detail);
      }
      parts(detail);
    }
  }

  private void key(Detail detail) {
    Table table = detail.table();
    if (table.key().isEmpty()) {
      findings.add(
          Finding.error(
              "%s has no primary key: its rows cannot be named, and it is left out%s"
                  .formatted(
                      plain(table),
                      detail.toldOfOldRows() ? "" : "; once published, it takes no updates"),
              table.addKey()));
    }
  }

  private void identity(Detail detail) {
    Table table = detail.table();
    String full = "ALTER TABLE %s REPLICA IDENTITY FULL;".formatted(table.sql());
    if (!detail.toldOfOldRows()) {
      findings.add(
          Finding.error(
              "%s does not say which row is updated or deleted (%s): once published, it takes no"
                      .formatted(
                          plain(table),
                          table.identity() == Table.Identity.NOTHING
                              ? "replica identity NOTHING"
                              : "its primary key is deferrable")
                  + " updates and deletes",
              table.identity() == Table.Identity.NOTHING
                  ? "ALTER TABLE %s REPLICA IDENTITY DEFAULT;".formatted(table.sql())
                  : full));
      return;
    }
    switch (table.identity()) {
      case DEFAULT ->
          findings.add(
              Finding.note(
                  "%s tells of a deleted row its primary key (%s), and nothing of an updated row"
                          .formatted(plain(table), keyNames(table))
                      + " before; filters of deletes can use the key only",
                  full));
      case INDEX ->
          findings.add(
              Finding.note(
                  "%s tells of a deleted row the columns of its replica identity index (%s), which"
                          .formatted(plain(table), keyNames(table))
                      + " are its ids here, too; nothing of an updated row before",
                  full));
      case FULL, NOTHING -> {}
    }
  }

  private static String keyNames(Table table) {
    return String.join(", ", table.key().stream().map(Table.Column::name).toList());
  }

  private void parts(Detail detail) {
    Table table = detail.table();
    if (!table.filter().isEmpty()) {
      findings.add(
          Finding.warning(
              "The publication tells only rows of %s with %s"
                  .formatted(plain(table), table.filter())));
    }
    if (detail.columnList()) {
      findings.add(
          Finding.warning(
              "The publication tells only these columns of %s: %s"
                  .formatted(
                      plain(table),
                      String.join(
                          ", ", table.columns().stream().map(Table.Column::name).toList()))));
    }
  }

  private static String plain(Table table) {
    return table.schema() + "." + table.name();
  }
}
