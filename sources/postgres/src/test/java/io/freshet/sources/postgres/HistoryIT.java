// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.RowChange;
import io.freshet.testkit.Eventually;
import io.freshet.testkit.PostgresServer;
import io.freshet.testkit.Seeds;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What a sink is told is what happened, each change once, whatever breaks meanwhile. The oracle is
/// a table that a trigger writes in the same transactions; the number it gives each change is taken
/// while one lock is held until the commit, so that it is the order of the commits too.
final class HistoryIT {
  private static final int WRITERS = 3;
  private static final int TRANSACTIONS = 60;

  static Stream<Arguments> seeds() {
    return Seeds.all().boxed().map(seed -> Arguments.of(seed % 2 == 0 ? 15 : 18, seed));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void theRecordIsTheHistory(int version, long seed) throws Exception {
    var directory = TestDatabase.newDirectory("history");
    try (var server = PostgresServer.start(version, directory, 0, List.of());
        var proxy = CuttingProxy.to(server.port())) {
      var database = TestDatabase.create(server);
      prepare(database);
      var sink = new RecordingSink();
      var options = TestSource.options(database, proxy.port(), "a", "b");
      var random = new Random(seed);
      PostgresSource source = TestSource.start(options, sink);
      try {
        Eventually.holds(() -> sink.progress() != null);
        var writing = new AtomicBoolean(true);
        List<Thread> writers =
            IntStream.range(0, WRITERS).mapToObj(i -> writer(database, seed * 10 + i)).toList();
        Thread.ofPlatform()
            .start(() -> {
              writers.forEach(HistoryIT::join);
              writing.set(false);
            });
        while (writing.get()) {
          source = breakSomething(random, source, options, sink, server, proxy);
        }
        List<String> history = database.query("SELECT line FROM audit ORDER BY n");
        assertTrue(history.size() > TRANSACTIONS, "The writers did nothing");
        Eventually.holds(() -> sink.size() >= history.size());
        assertEquals(history, sink.rows().stream().map(HistoryIT::line).toList());
        assertEquals(List.of(), sink.gaps());
        source.close();
        source = TestSource.following(options, sink);
        database.execute("INSERT INTO a VALUES (999999, 'last')");
        Eventually.holds(() -> sink.size() > history.size());
        assertEquals(history.size() + 1, sink.size());
      } finally {
        source.close();
      }
    }
  }

  private static void prepare(TestDatabase database) throws SQLException {
    database.execute(
        "CREATE TABLE audit (n serial PRIMARY KEY, line text)",
        """
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_advisory_xact_lock(1);
          INSERT INTO audit (line) VALUES (TG_TABLE_NAME || CASE
            WHEN TG_OP = 'INSERT' THEN '+' || NEW.id || ':' || coalesce(NEW.v, 'null')
            WHEN TG_OP = 'DELETE' THEN '-' || OLD.id
            WHEN OLD.id <> NEW.id
              THEN '>' || OLD.id || ':' || NEW.id || ':' || coalesce(NEW.v, 'null')
            ELSE '~' || NEW.id || ':' || coalesce(NEW.v, 'null') END);
          RETURN NULL;
        END $$\
        """);
    for (String table : List.of("a", "b")) {
      database.execute(
          "CREATE TABLE %s (id int PRIMARY KEY, v text)".formatted(table),
          """
          CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON %s
          FOR EACH ROW EXECUTE FUNCTION note()\
          """
              .formatted(table));
    }
    database.execute("ALTER TABLE b REPLICA IDENTITY FULL");
  }

  private static String line(RowChange change) {
    return switch (change) {
      case RowChange.Inserted row ->
          "%s+%s:%s".formatted(row.collection(), row.id(), value(row.row()));
      case RowChange.Updated row ->
          "%s~%s:%s".formatted(row.collection(), row.id(), value(row.row()));
      case RowChange.Moved row ->
          "%s>%s:%s:%s".formatted(row.collection(), row.oldId(), row.id(), value(row.row()));
      case RowChange.Deleted row -> "%s-%s".formatted(row.collection(), row.id());
      case RowChange.Truncated table -> table.collection() + "0";
      case RowChange.Read row -> "read " + row;
    };
  }

  private static String value(JsonObject row) {
    String text = Json.text(java.util.Objects.requireNonNull(row.get("v")));
    return text.replace("\"", "");
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Writes so many transactions, each tried until the database took it or refused it.
  private static Thread writer(TestDatabase database, long seed) {
    return Thread.ofPlatform()
        .start(() -> {
          var random = new Random(seed);
          for (int done = 0; done < TRANSACTIONS; ) {
            try (Connection connection = awaitConnection(database);
                Statement statement = connection.createStatement()) {
              connection.setAutoCommit(false);
              while (done < TRANSACTIONS) {
                done++;
                transaction(statement, random);
                if (random.nextInt(6) == 0) {
                  connection.rollback();
                } else {
                  connection.commit();
                }
              }
            } catch (SQLException broken) {
              // The database was killed, or keys collide: the next transaction.
            }
          }
        });
  }

  /// The end of the writers is awaited, so a database that does not come back fails the test.
  private static Connection awaitConnection(TestDatabase database) {
    var connection = new AtomicReference<Connection>();
    Eventually.holds(() -> {
      try {
        connection.set(database.connect());
        return true;
      } catch (SQLException down) {
        return false;
      }
    });
    return connection.get();
  }

  private static void transaction(Statement statement, Random random) throws SQLException {
    // Taken first, so that no two writers wait for each other.
    statement.execute("SELECT pg_advisory_xact_lock(1)");
    int changes = random.nextInt(10) == 0 ? 300 : 1 + random.nextInt(5);
    for (int i = 0; i < changes; i++) {
      String table = random.nextBoolean() ? "a" : "b";
      int id = random.nextInt(500);
      String value = random.nextInt(8) == 0 ? "NULL" : "'v" + random.nextInt(1000) + "'";
      statement.execute(
          switch (random.nextInt(6)) {
            case 0 -> "DELETE FROM %s WHERE id = %d".formatted(table, id);
            case 1 ->
                "UPDATE %s SET id = %d, v = %s WHERE id = %d AND NOT EXISTS (SELECT FROM %s"
                        .formatted(table, random.nextInt(500), value, id, table)
                    + " WHERE id BETWEEN 0 AND 500 AND id <> %d LIMIT 1)".formatted(id);
            case 2 -> "UPDATE %s SET v = %s WHERE id = %d".formatted(table, value, id);
            default ->
                "INSERT INTO %s VALUES (%d, %s) ON CONFLICT (id) DO UPDATE SET v = excluded.v"
                    .formatted(table, id, value);
          });
      if (random.nextInt(20) == 0) {
        int fresh = 1_000 + random.nextInt(1_000_000);
        statement.execute("UPDATE %s SET id = %d WHERE id = %d".formatted(table, fresh, id));
      }
    }
  }

  private static PostgresSource breakSomething(
      Random random,
      PostgresSource source,
      PostgresOptions options,
      RecordingSink sink,
      PostgresServer server,
      CuttingProxy proxy)
      throws Exception {
    int before = sink.size();
    int more = random.nextInt(150);
    awaitMore(sink, before + more);
    switch (random.nextInt(6)) {
      case 0 -> {
        server.kill();
        server.start();
      }
      case 1 -> {
        source.close();
        return TestSource.start(options, sink);
      }
      case 2 -> sink.failIn(random.nextInt(3), true);
      case 3 -> sink.failIn(random.nextInt(3), false);
      default -> proxy.cut();
    }
    return source;
  }

  /// So that things break while changes come in; not for ever, for there may be no more.
  private static void awaitMore(RecordingSink sink, int size) {
    for (int i = 0; i < 300 && sink.size() < size; i++) {
      java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
    }
  }
}
