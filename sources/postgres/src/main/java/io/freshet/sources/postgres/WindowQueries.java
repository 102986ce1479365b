// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.DocumentKey;
import io.freshet.spi.SourceSink;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Asks the database what a [Window] is about, over a connection of its own, which it makes anew
/// when it has failed.
///
/// **Threads.** One, but for [#abort].
final class WindowQueries implements AutoCloseable {
  private static final int ROWS_MAX = 1_000;
  private static final long BYTES_MAX = 4 << 20;
  private static final int FUNCTION_SINCE = 130_000;

  private final PostgresOptions options;
  private final Types types = new Types();
  private final String name = "read " + UUID.randomUUID() + " ";
  private volatile @Nullable Connection connection;
  private volatile boolean aborted;
  private int version;

  WindowQueries(PostgresOptions options) {
    this.options = options;
  }

  /// What the ids of windows begin with; no other process has the same.
  String name() {
    return name;
  }

  /// Writes the low mark, reads, hands over, writes the high mark.
  void read(
      Window window, TableMap tables, @Nullable SourceSink held, Consumer<Window.Result> consumer)
      throws SQLException {
    Connection database = connect();
    try {
      Map<String, List<String>> ids = ids(window);
      List<String> heldIds = heldIds(window, held);
      heldIds.forEach(id -> into(ids, scanned(window), id));
      mark(database, window.id + " low");
      consumer.accept(query(database, window, tables, ids, heldIds));
      mark(database, window.id + " high");
    } catch (SQLException e) {
      drop();
      throw e;
    }
  }

  Visibility visibility() throws SQLException {
    Connection database = connect();
    try {
      return visibility(database);
    } catch (SQLException e) {
      drop();
      throw e;
    }
  }

  private Connection connect() throws SQLException {
    Connection there = connection;
    if (there != null) {
      return there;
    }
    Connection made = Connections.query(options);
    connection = made;
    if (aborted) {
      drop();
      throw new SQLException("closed");
    }
    try (java.sql.Statement statement = made.createStatement()) {
      // A mark need not wait for a standby, and a lock on a table not be waited for too long.
      statement.execute(
          "SET synchronous_commit = local; SET lock_timeout = '10s'; SET statement_timeout ="
              + " '50s'");
    }
    version = Catalog.server(made).version();
    return made;
  }

  private void mark(Connection database, String content) throws SQLException {
    try (PreparedStatement statement =
        database.prepareStatement(Marks.statement(version, options.slot()))) {
      statement.setString(1, content);
      statement.execute();
    }
  }

  /// By collection.
  private static Map<String, List<String>> ids(Window window) {
    var ids = new LinkedHashMap<String, List<String>>();
    window.fetched.forEach(key -> into(ids, key.collection(), key.id()));
    if (window.scan != null) {
      window.again.forEach(id -> into(ids, window.scan.collection, id));
    }
    return ids;
  }

  private static void into(Map<String, List<String>> ids, String collection, String id) {
    ids.computeIfAbsent(collection, _ -> new ArrayList<>()).add(id);
  }

  private static String scanned(Window window) {
    return window.scan == null ? "" : window.scan.collection;
  }

  /// The next ids of a scan of what is held.
  private static List<String> heldIds(Window window, @Nullable SourceSink held) {
    Scan scan = window.scan;
    return scan == null || scan.kind != Scan.Kind.HELD || window.atEnd || held == null
        ? List.of()
        : held.held(scan.collection, window.after, ROWS_MAX);
  }

  private Window.Result query(
      Connection database,
      Window window,
      TableMap tables,
      Map<String, List<String>> ids,
      List<String> heldIds)
      throws SQLException {
    database.setAutoCommit(false);
    try {
      Table scanned = tables.captured(scanned(window));
      lock(database, tables, ids, scanned);
      Visibility seen = visibility(database);
      var rows = new HashMap<DocumentKey, RowQueries.@Nullable Row>();
      for (Map.Entry<String, List<String>> each : ids.entrySet()) {
        Table table = tables.captured(each.getKey());
        if (table != null) {
          byIds(database, table, each.getValue(), rows);
        }
      }
      Window.Result result = scan(database, window, scanned, seen, rows, heldIds);
      database.commit();
      return result;
    } finally {
      database.setAutoCommit(true);
    }
  }

  /// Before anything is looked at: a statement that writes a whole table anew, and is done before
  /// the rows are read but not before it was decided what is seen, would show none of them.
  private static void lock(
      Connection database, TableMap tables, Map<String, List<String>> ids, @Nullable Table scanned)
      throws SQLException {
    var names = new java.util.TreeSet<String>();
    for (String collection : ids.keySet()) {
      Table table = tables.captured(collection);
      if (table != null) {
        names.add(table.sql());
      }
    }
    if (scanned != null) {
      names.add(scanned.sql());
    }
    try (java.sql.Statement statement = database.createStatement()) {
      statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
      if (!names.isEmpty()) {
        statement.execute("LOCK TABLE " + String.join(", ", names) + " IN ACCESS SHARE MODE");
      }
    }
  }

  private Visibility visibility(Connection database) throws SQLException {
    String function = version >= FUNCTION_SINCE ? "pg_current_snapshot" : "txid_current_snapshot";
    try (java.sql.Statement statement = database.createStatement();
        ResultSet row = statement.executeQuery("SELECT " + function + "()::text")) {
      row.next();
      return Visibility.parse(row.getString(1));
    }
  }

  private RowQueries queries(Connection database, Table table) throws SQLException {
    List<Integer> oids = table.columns().stream().map(Table.Column::typeOid).toList();
    if (!types.know(oids)) {
      types.learn(database, oids);
    }
    var queries = new RowQueries(database, table, types);
    if (!queries.searchPath().isEmpty()) {
      try (java.sql.Statement statement = database.createStatement()) {
        statement.execute(queries.searchPath());
      }
    }
    return queries;
  }

  private void byIds(
      Connection database,
      Table table,
      List<String> ids,
      Map<DocumentKey, RowQueries.@Nullable Row> rows)
      throws SQLException {
    RowQueries queries = queries(database, table);
    ids.forEach(id -> rows.put(new DocumentKey(table.collection(), id), null));
    List<List<String>> parts = List.of(ids);
    while (!parts.isEmpty()) {
      var refused = new ArrayList<List<String>>();
      for (List<String> part : parts) {
        if (!byIds(database, table, queries, part, rows) && part.size() > 1) {
          refused.add(part.subList(0, part.size() / 2));
          refused.add(part.subList(part.size() / 2, part.size()));
        }
      }
      parts = refused;
    }
  }

  /// @return false if PostgreSQL refuses one of the keys
  private static boolean byIds(
      Connection database,
      Table table,
      RowQueries queries,
      List<String> ids,
      Map<DocumentKey, RowQueries.@Nullable Row> rows)
      throws SQLException {
    Savepoint before = database.setSavepoint();
    try {
      for (RowQueries.Row row : queries.byIds(ids)) {
        String id = row.id();
        if (id != null) {
          // Another spelling of a key (`007`) finds its row, and is no id of it.
          rows.replace(new DocumentKey(table.collection(), id), row);
        }
      }
      database.releaseSavepoint(before);
      return true;
    } catch (SQLException e) {
      String state = e.getSQLState() == null ? "" : e.getSQLState();
      if (!state.startsWith("22")) {
        throw e;
      }
      database.rollback(before);
      return false;
    }
  }

  private Window.Result scan(
      Connection database,
      Window window,
      @Nullable Table table,
      Visibility seen,
      Map<DocumentKey, RowQueries.@Nullable Row> rows,
      List<String> heldIds)
      throws SQLException {
    Scan scan = window.scan;
    if (scan == null || table == null) {
      return new Window.Result(seen, rows, List.of(), List.of(), null, false);
    }
    if (window.atEnd) {
      return new Window.Result(seen, rows, List.of(), List.of(), null, true);
    }
    if (scan.kind == Scan.Kind.HELD) {
      String last = heldIds.isEmpty() ? null : heldIds.getLast();
      return new Window.Result(seen, rows, heldIds, List.of(), last, heldIds.size() < ROWS_MAX);
    }
    RowQueries.Chunk chunk = queries(database, table).chunk(window.after, ROWS_MAX, BYTES_MAX);
    String last = chunk.rows().isEmpty() ? null : chunk.rows().getLast().position();
    return new Window.Result(seen, rows, List.of(), chunk.rows(), last, chunk.end());
  }

  private void drop() {
    Connection there = connection;
    connection = null;
    if (there != null) {
      try {
        there.abort(Runnable::run);
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /// Ends what is being asked; nothing is asked any more.
  void abort() {
    aborted = true;
    drop();
  }

  @Override
  public void close() {
    drop();
  }
}
