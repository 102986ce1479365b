// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// A new database of a server that all tests of this process share, one server per version. Its
/// sessions begin with the settings that are hardest to read for a program that counts on others.
/// Closing drops it, with its replication slots.
final class TestDatabase implements AutoCloseable {
  private static final Map<Integer, PostgresServer> SERVERS = new HashMap<>();
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private final PostgresServer server;
  private final String name;

  private TestDatabase(PostgresServer server, String name) {
    this.server = server;
    this.name = name;
  }

  /// The server of this version that the tests share. Not to be stopped or killed.
  static synchronized PostgresServer server(int version) {
    return SERVERS.computeIfAbsent(
        version,
        number -> {
          Path directory = newDirectory("postgres-" + number);
          return PostgresServer.start(number, directory, 0, List.of());
        });
  }

  /// For data; removed when this process ends.
  static Path newDirectory(String prefix) {
    try {
      Path directory = Files.createTempDirectory(prefix);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> deleteLater(directory)));
      return directory.resolve("data");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /// Shutdown hooks run in no order, so the server may still be writing: what is left goes in a
  /// later round.
  private static void deleteLater(Path directory) {
    for (int round = 0; round < 500 && Files.exists(directory); round++) {
      try (Stream<Path> paths = Files.walk(directory)) {
        if (Files.exists(directory.resolve("data/postmaster.pid"))) {
          java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
          continue;
        }
        paths.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(java.io.File::delete);
      } catch (IOException | java.io.UncheckedIOException changing) {
        java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
      }
    }
  }

  static TestDatabase create(int version) throws SQLException {
    return create(server(version));
  }

  static TestDatabase create(PostgresServer server) throws SQLException {
    var database = new TestDatabase(server, "test" + NUMBERS.incrementAndGet());
    try (Connection connection = server.connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + database.name);
      for (String setting :
          List.of(
              "datestyle = 'SQL, DMY'",
              "timezone = 'Asia/Kathmandu'",
              "intervalstyle = 'sql_standard'",
              "bytea_output = 'escape'",
              "extra_float_digits = -5",
              "xmlbinary = 'hex'")) {
        statement.execute("ALTER DATABASE " + database.name + " SET " + setting);
      }
    }
    return database;
  }

  PostgresServer server() {
    return server;
  }

  String name() {
    return name;
  }

  String url() {
    return server.url(name);
  }

  Connection connect() throws SQLException {
    return server.connect(name);
  }

  /// Each statement in a transaction of its own.
  void execute(String... statements) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String each : statements) {
        statement.execute(each);
      }
    }
  }

  /// The first column of what is asked, as text; NULL as null.
  List<String> query(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      var texts = new ArrayList<String>();
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
      return texts;
    }
  }

  @Override
  public void close() throws SQLException {
    try (Connection connection = server.connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute("ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
      dropSlots(statement);
      statement.execute("DROP DATABASE " + name + " WITH (FORCE)");
    }
  }

  /// A slot is let go a moment after its connection ended.
  private void dropSlots(Statement statement) throws SQLException {
    String where = " FROM pg_replication_slots WHERE database = '" + name + "'";
    for (int attempt = 0; ; attempt++) {
      statement.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'");
      try {
        statement.execute("SELECT pg_drop_replication_slot(slot_name)" + where);
        return;
      } catch (SQLException stillActive) {
        if (attempt == 500) {
          throw stillActive;
        }
        java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
      }
    }
  }
}
