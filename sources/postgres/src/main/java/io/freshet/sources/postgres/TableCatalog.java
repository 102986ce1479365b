// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.sources.postgres.Table.Column;
import io.freshet.sources.postgres.Table.Identity;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Asks the catalog about the tables a source covers.
///
/// **Threads.** For one thread; blocks.
final class TableCatalog {
  private static final int FILTERS_SINCE = 150_000;
  private static final int GENERATED_TOLD_SINCE = 180_000;
  private static final int OLDEST = 120_000;

  private static final String TABLES =
      """
      SELECT c.oid, n.nspname, c.relname, c.relkind = 'p', c.relreplident,
        c.relrowsecurity AND row_security_active(c.oid),
        has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE'),
        pg_has_role(c.relowner, 'USAGE'),
        coalesce((SELECT sum(greatest(p.reltuples, 0))::bigint
          FROM pg_partition_tree(c.oid) t JOIN pg_class p ON p.oid = t.relid
          WHERE c.relkind = 'p' AND t.isleaf), greatest(c.reltuples, 0)::bigint)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = ANY (?) ORDER BY n.nspname, c.relname\
      """;

  /// The number behind a column is its place in the key, 0 if it is not in it. The last two are
  /// what its type is made of: without domains and arrays around it.
  private static final String COLUMNS =
      """
      SELECT a.attrelid, a.attname, a.atttypid, n.nspname, t.typname, a.attgenerated <> '',
        coalesce(array_position(k.columns, a.attnum), 0), coalesce(k.immediate, false),
        t.typcategory = 'A', base.oid, base.typtype
      FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid
        JOIN pg_type t ON t.oid = a.atttypid
        JOIN pg_namespace n ON n.oid = t.typnamespace
        LEFT JOIN LATERAL (
          SELECT (string_to_array(i.indkey::text, ' ')::int2[])[1:i.indnkeyatts] AS columns,
            i.indimmediate AS immediate
          FROM pg_index i WHERE i.indrelid = c.oid AND i.indisvalid
            AND CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END
          LIMIT 1) k ON true
        CROSS JOIN LATERAL (
          WITH RECURSIVE parts(oid, typtype, part) AS (
            SELECT t.oid, t.typtype, CASE WHEN t.typtype = 'd' THEN t.typbasetype
              WHEN t.typcategory = 'A' THEN t.typelem ELSE 0 END
            UNION ALL
            SELECT p.oid, p.typtype, CASE WHEN p.typtype = 'd' THEN p.typbasetype
              WHEN p.typcategory = 'A' THEN p.typelem ELSE 0 END
            FROM parts JOIN pg_type p ON p.oid = parts.part)
          SELECT oid, typtype FROM parts WHERE part = 0) base
      WHERE a.attrelid = ANY (?) AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY a.attrelid, a.attnum\
      """;

  private final Connection connection;
  private final int version;
  private final String publication;

  TableCatalog(Connection connection, int version, String publication) {
    this.connection = connection;
    this.version = version;
    this.publication = publication;
  }

  /// @param columns those that are told; null for all
  private record Published(@Nullable Set<String> columns, String filter) {
    boolean tells(Attribute attribute, boolean generatedToo) {
      return (generatedToo || !attribute.generated)
          && (columns == null || columns.contains(attribute.column.name()));
    }
  }

  /// @param place in the key, from 1; 0 for none
  private record Attribute(Column column, boolean generated, int place, boolean immediate) {}

  /// @param collections by the oid of the tables wanted
  List<Facts.Detail> read(Map<Long, String> collections) throws SQLException {
    if (version < OLDEST || collections.isEmpty()) {
      return List.of();
    }
    Array oids = connection.createArrayOf("oid", collections.keySet().toArray());
    Map<Long, Published> published = published(oids);
    Map<Long, List<Attribute>> attributes = attributes(oids);
    var tables = new ArrayList<Facts.Detail>();
    try (PreparedStatement statement = connection.prepareStatement(TABLES)) {
      statement.setArray(1, oids);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          long oid = row.getLong(1);
          tables.add(
              detail(
                  row,
                  collections.getOrDefault(oid, ""),
                  attributes.getOrDefault(oid, List.of()),
                  published.get(oid)));
        }
      }
    }
    return tables;
  }

  private Facts.Detail detail(
      ResultSet row, String collection, List<Attribute> attributes, @Nullable Published published)
      throws SQLException {
    List<Attribute> key =
        attributes.stream()
            .filter(each -> each.place > 0)
            .sorted((a, b) -> Integer.compare(a.place, b.place))
            .toList();
    boolean generatedToo = version >= GENERATED_TOLD_SINCE && published != null;
    List<Column> told =
        attributes.stream()
            .filter(
                each -> published == null ? !each.generated : published.tells(each, generatedToo))
            .map(Attribute::column)
            .toList();
    Identity identity = identity(row.getString(5));
    var table =
        new Table(
            row.getLong(1),
            row.getString(2),
            row.getString(3),
            row.getBoolean(4) ? Table.Kind.PARTITIONED : Table.Kind.ORDINARY,
            identity,
            collection,
            key.stream().map(Attribute::column).toList(),
            told,
            published == null ? "" : published.filter,
            published != null,
            row.getLong(9));
    boolean toldOfOldRows =
        switch (identity) {
          case FULL -> true;
          case DEFAULT, INDEX -> !key.isEmpty() && key.getFirst().immediate;
          case NOTHING -> false;
        };
    long plain = attributes.stream().filter(each -> !each.generated).count();
    return new Facts.Detail(
        table,
        toldOfOldRows,
        told.stream().distinct().count() < plain,
        row.getBoolean(6),
        row.getBoolean(7),
        row.getBoolean(8));
  }

  private static Identity identity(String letter) {
    return switch (letter) {
      case "f" -> Identity.FULL;
      case "i" -> Identity.INDEX;
      case "n" -> Identity.NOTHING;
      default -> Identity.DEFAULT;
    };
  }

  private Map<Long, List<Attribute>> attributes(Array oids) throws SQLException {
    var attributes = new HashMap<Long, List<Attribute>>();
    try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
      statement.setArray(1, oids);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          var column =
              new Column(
                  row.getString(2),
                  (int) row.getLong(3),
                  row.getString(4),
                  row.getString(5),
                  Types.kind((int) row.getLong(10), "e".equals(row.getString(11))),
                  row.getBoolean(9));
          attributes
              .computeIfAbsent(row.getLong(1), _ -> new ArrayList<>())
              .add(new Attribute(column, row.getBoolean(6), row.getInt(7), row.getBoolean(8)));
        }
      }
    }
    return attributes;
  }

  private Map<Long, Published> published(Array oids) throws SQLException {
    boolean filters = version >= FILTERS_SINCE;
    var published = new HashMap<Long, Published>();
    String sql =
        """
        SELECT c.oid, %s
        FROM pg_publication_tables p
          JOIN pg_namespace n ON n.nspname = p.schemaname
          JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename
        WHERE p.pubname = ? AND c.oid = ANY (?)\
        """
            .formatted(filters ? "p.attnames::text[], p.rowfilter" : "NULL, NULL");
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, publication);
      statement.setArray(2, oids);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Array names = filters ? row.getArray(2) : null;
          String filter = row.getString(3);
          published.put(
              row.getLong(1),
              new Published(
                  names == null ? null : Set.of((String[]) names.getArray()),
                  filter == null ? "" : filter));
        }
      }
    }
    return published;
  }
}
