// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.json.JsonKeys;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Reads rows of one table as logical replication tells them: the same columns, made of the same
/// texts. Runs in the transaction that the connection is in.
///
/// **Threads.** For one thread; blocks.
final class RowQueries {
  private static final int FETCH_ROWS = 100;
  private static final int INT8 = 20;
  private static final int INT2 = 21;
  private static final int INT4 = 23;
  private static final int UUID = 2950;

  private final Connection connection;
  private final Table table;
  private final JsonKeys names;
  private final List<ValueReader> readers;
  private final String select;
  private final int columns;

  /// @param types knows the types of the table's columns
  RowQueries(Connection connection, Table table, io.freshet.sources.postgres.Types types) {
    this.connection = connection;
    this.table = table;
    List<Table.Column> told =
        table.columns().stream().filter(column -> !column.name().equals("__proto__")).toList();
    this.columns = told.size();
    this.names = JsonKeys.of(told.stream().map(Table.Column::name).toList());
    this.readers = told.stream().map(column -> types.reader(column.typeOid())).toList();
    var selected = new ArrayList<>(told.stream().map(Table.Column::name).toList());
    table.key().forEach(column -> selected.add(column.name()));
    // A child of the table by inheritance is a table of its own here, as it is in the log.
    this.select =
        "SELECT %s FROM %s%s WHERE %s"
            .formatted(
                Sql.names(selected),
                table.kind() == Table.Kind.ORDINARY ? "ONLY " : "",
                table.sql(),
                table.filter().isEmpty() ? "true" : "(" + table.filter() + ")");
  }

  /// @param id null if it is too long to name a document
  /// @param position its key, however long
  record Row(@Nullable String id, String position, JsonObject value, long bytes) {}

  /// @param end whether there is nothing behind them
  record Chunk(List<Row> rows, boolean end) {}

  /// Lets statements find the operators of the key's types; for the transaction.
  String searchPath() {
    Set<String> schemas =
        table.key().stream()
            .map(Table.Column::typeSchema)
            .filter(schema -> !schema.equals("pg_catalog"))
            .collect(Collectors.toCollection(TreeSet::new));
    return schemas.isEmpty()
        ? ""
        : "SET LOCAL search_path = pg_catalog, %s".formatted(Sql.names(schemas));
  }

  /// The rows with these ids, in no order; those that do not exist are left out.
  ///
  /// @throws SQLException with a state of class 22 if a key is none for PostgreSQL
  List<Row> byIds(List<String> ids) throws SQLException {
    var keys = new ArrayList<List<String>>();
    for (String id : ids) {
      List<String> texts = Ids.texts(id, table.key().size());
      if (texts != null && isKey(texts)) {
        keys.add(texts);
      }
    }
    if (keys.isEmpty()) {
      return List.of();
    }
    String one =
        table.key().stream()
            .map(column -> "CAST(? AS %s)".formatted(column.type()))
            .collect(Collectors.joining(", ", "(", ")"));
    String sql =
        "%s AND (%s) IN (VALUES %s)"
            .formatted(
                select, keyColumns(), String.join(", ", Collections.nCopies(keys.size(), one)));
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      int parameter = 1;
      for (List<String> texts : keys) {
        for (String text : texts) {
          statement.setObject(parameter++, text, Types.OTHER);
        }
      }
      return chunk(statement, ids.size() + 1, Long.MAX_VALUE).rows();
    }
  }

  private String keyColumns() {
    return Sql.names(table.key().stream().map(Table.Column::name).toList());
  }

  /// Whether PostgreSQL would take it, for the types that keys mostly are. Of others it may say so
  /// itself.
  private boolean isKey(List<String> texts) {
    for (int i = 0; i < texts.size(); i++) {
      String text = texts.get(i);
      boolean fits =
          switch (table.key().get(i).typeOid()) {
            case INT2 -> isWhole(text, Short.MIN_VALUE, Short.MAX_VALUE);
            case INT4 -> isWhole(text, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case INT8 -> isWhole(text, Long.MIN_VALUE, Long.MAX_VALUE);
            case UUID -> text.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
            default -> text.indexOf('\0') < 0;
          };
      if (!fits) {
        return false;
      }
    }
    return true;
  }

  private static boolean isWhole(String text, long min, long max) {
    try {
      long value = Long.parseLong(text);
      return value >= min && value <= max;
    } catch (NumberFormatException _) {
      return false;
    }
  }

  /// Rows in the order of their keys.
  ///
  /// @param after the position they come behind; null for the beginning
  /// @param rowsMax most rows
  /// @param bytesMax about how much, one row at least
  Chunk chunk(@Nullable String after, int rowsMax, long bytesMax) throws SQLException {
    List<String> texts = after == null ? null : Ids.texts(after, table.key().size());
    String behind =
        texts == null
            ? ""
            : " AND (%s) > (%s)"
                .formatted(
                    keyColumns(),
                    table.key().stream()
                        .map(column -> "CAST(? AS %s)".formatted(column.type()))
                        .collect(Collectors.joining(", ")));
    String sql = "%s%s ORDER BY %s LIMIT %d".formatted(select, behind, keyColumns(), rowsMax);
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      int parameter = 1;
      for (String text : texts == null ? List.<String>of() : texts) {
        statement.setObject(parameter++, text, Types.OTHER);
      }
      return chunk(statement, rowsMax, bytesMax);
    }
  }

  private Chunk chunk(PreparedStatement statement, int rowsMax, long bytesMax) throws SQLException {
    // With a cursor no more than this is held besides what is kept.
    statement.setFetchSize(FETCH_ROWS);
    var rows = new ArrayList<Row>();
    long bytes = 0;
    try (ResultSet row = statement.executeQuery()) {
      boolean[] binary = binary(row.getMetaData());
      while (row.next()) {
        Row read = row(row, binary);
        rows.add(read);
        bytes += read.bytes();
        if (bytes >= bytesMax) {
          return new Chunk(rows, false);
        }
      }
    }
    return new Chunk(rows, rows.size() < rowsMax);
  }

  private Row row(ResultSet row, boolean[] binary) throws SQLException {
    var values = new @Nullable JsonValue[columns];
    long bytes = 0;
    for (int i = 0; i < columns; i++) {
      byte[] text = text(row, i + 1, binary[i]);
      values[i] = text == null ? JsonNull.NULL : readers.get(i).read(text, 0, text.length);
      bytes += text == null ? 1 : text.length;
    }
    var key = new ArrayList<String>();
    for (int i = 0; i < table.key().size(); i++) {
      key.add(row.getString(columns + 1 + i));
    }
    return new Row(Ids.of(key), Ids.joined(key), names.object(values), bytes);
  }

  private boolean[] binary(ResultSetMetaData row) throws SQLException {
    var binary = new boolean[columns];
    for (int i = 0; i < columns; i++) {
      binary[i] = row.getColumnType(i + 1) == Types.BINARY;
    }
    return binary;
  }

  /// What PostgreSQL has sent. The driver decodes `bytea` unless a string is wanted.
  private static byte @Nullable [] text(ResultSet row, int column, boolean binary)
      throws SQLException {
    if (!binary) {
      return row.getBytes(column);
    }
    String text = row.getString(column);
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }
}
