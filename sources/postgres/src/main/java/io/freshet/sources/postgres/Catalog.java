// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Asks a database's catalog, version 10 to 18. Stateless.
///
/// **Threads.** Any; blocks. The connection is left in its mode; nothing is written.
final class Catalog {
  private static final int VIA_ROOT_SINCE = 130_000;
  private static final int SLOT_STATUS_SINCE = 130_000;
  private static final int SCHEMAS_SINCE = 150_000;
  private static final int CONFLICT_SINCE = 160_000;
  private static final int REASON_SINCE = 170_000;

  private Catalog() {}

  /// Everything there is to know.
  static Facts read(Connection connection, PostgresOptions options) throws SQLException {
    Facts.Server server = server(connection);
    Optional<Facts.Publication> publication =
        publication(connection, server.version(), options.publication());
    List<Facts.Relation> relations = relations(connection);
    return new Facts(
        server,
        role(connection),
        publication,
        slot(connection, server.version(), options.slot()),
        new TableCatalog(connection, server.version(), options.publication())
            .read(Selection.of(options.tables(), relations).collections()),
        relations);
  }

  static Facts.Server server(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT current_setting('server_version_num')::int,
                  current_setting('wal_level'),
                  (SELECT count(*) FROM pg_replication_slots),
                  current_setting('max_replication_slots')::int,
                  (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'walsender'),
                  current_setting('max_wal_senders')::int,
                  coalesce(current_setting('max_slot_wal_keep_size', true), '-1') = '-1',
                  pg_is_in_recovery(),
                  current_database(),
                  to_regclass('public.%s') IS NOT NULL\
                """
                    .formatted(Marks.TABLE))) {
      row.next();
      return new Facts.Server(
          row.getInt(1),
          row.getString(2),
          row.getInt(3),
          row.getInt(4),
          row.getInt(5),
          row.getInt(6),
          row.getBoolean(7),
          row.getBoolean(8),
          row.getString(9),
          row.getBoolean(10));
    }
  }

  private static Facts.Role role(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT r.rolname, r.rolsuper,
                  r.rolsuper OR r.rolreplication
                    OR coalesce(pg_has_role(r.oid, c.oid, 'MEMBER'), false),
                  coalesce(c.rolname, ''),
                  has_database_privilege(current_database(), 'CREATE')
                FROM pg_roles r LEFT JOIN pg_roles c ON c.rolname = 'rds_replication'
                WHERE r.rolname = current_user\
                """)) {
      row.next();
      return new Facts.Role(
          row.getString(1),
          row.getBoolean(2),
          row.getBoolean(3),
          row.getString(4),
          row.getBoolean(5));
    }
  }

  static Optional<Facts.Publication> publication(Connection connection, int version, String name)
      throws SQLException {
    String sql =
        """
        SELECT puballtables, pubinsert, pubupdate, pubdelete, %s, pg_has_role(pubowner, 'USAGE')
        FROM pg_publication WHERE pubname = ?\
        """
            .formatted(version >= VIA_ROOT_SINCE ? "pubviaroot" : "false");
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(
                new Facts.Publication(
                    name,
                    row.getBoolean(1),
                    row.getBoolean(2),
                    row.getBoolean(3),
                    row.getBoolean(4),
                    row.getBoolean(5),
                    row.getBoolean(6),
                    members(connection, version, name)))
            : Optional.empty();
      }
    }
  }

  private static Set<Long> members(Connection connection, int version, String publication)
      throws SQLException {
    String sql =
        """
        SELECT m.prrelid FROM pg_publication_rel m JOIN pg_publication p ON p.oid = m.prpubid
        WHERE p.pubname = ?\
        """;
    if (version >= SCHEMAS_SINCE) {
      sql +=
          """

          UNION SELECT c.oid FROM pg_publication_namespace m
            JOIN pg_publication p ON p.oid = m.pnpubid
            JOIN pg_class c ON c.relnamespace = m.pnnspid AND c.relkind IN ('r', 'p')
          WHERE p.pubname = ?\
          """;
    }
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, publication);
      if (version >= SCHEMAS_SINCE) {
        statement.setString(2, publication);
      }
      var members = new HashSet<Long>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          members.add(rows.getLong(1));
        }
      }
      return members;
    }
  }

  /// Read anew where its state matters: it may be lost at any time.
  static Optional<Facts.Slot> slot(Connection connection, int version, String name)
      throws SQLException {
    String lost = version >= SLOT_STATUS_SINCE ? "wal_status = 'lost'" : "false";
    String reason = version >= REASON_SINCE ? "s.invalidation_reason" : "NULL";
    String conflict = version >= CONFLICT_SINCE ? "coalesce(s.conflicting, false)" : "false";
    String sql =
        """
        SELECT coalesce(s.plugin, ''), coalesce(s.database, ''),
          CASE WHEN NOT s.active THEN ''
            ELSE coalesce(nullif(a.application_name, ''), 'process ' || s.active_pid) END,
          CASE WHEN %s THEN coalesce(%s, 'wal_removed') WHEN %s THEN 'conflict'
            ELSE coalesce(%s, '') END
        FROM pg_replication_slots s LEFT JOIN pg_stat_activity a ON a.pid = s.active_pid
        WHERE s.slot_name = ?\
        """
            .formatted(lost, reason, conflict, reason);
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(
                new Facts.Slot(
                    name, row.getString(1), row.getString(2), row.getString(3), row.getString(4)))
            : Optional.empty();
      }
    }
  }

  private static List<Facts.Relation> relations(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                """
                SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition,
                  c.relpersistence = 'p'
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
                  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
                ORDER BY n.nspname, c.relname\
                """)) {
      var relations = new ArrayList<Facts.Relation>();
      while (rows.next()) {
        relations.add(
            new Facts.Relation(
                rows.getLong(1),
                rows.getString(2),
                rows.getString(3),
                rows.getString(4).charAt(0),
                rows.getBoolean(5),
                rows.getBoolean(6)));
      }
      return relations;
    }
  }
}
