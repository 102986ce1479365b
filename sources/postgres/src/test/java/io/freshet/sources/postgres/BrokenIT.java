// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.spi.RowChange;
import io.freshet.testkit.Eventually;
import io.freshet.testkit.PostgresServer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What becomes of a source when something is not as it should be.
final class BrokenIT {
  private static final String TABLE = "CREATE TABLE t (id int PRIMARY KEY)";

  private static List<String> ids(RecordingSink sink) {
    return sink.rows().stream().map(row -> ((RowChange.Inserted) row).id()).toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void aSlotThatIsGoneIsAGapThatIsSaid(int version) throws Exception {
    try (var database = TestDatabase.create(version)) {
      database.execute(TABLE);
      var sink = new RecordingSink();
      var options = TestSource.options(database, "t");
      try (var source = TestSource.following(options, sink)) {
        database.execute("INSERT INTO t VALUES (1)");
        Eventually.holds(() -> sink.size() == 1);
      }
      dropSlot(database);
      database.execute("INSERT INTO t VALUES (2)");
      var noted = new TestSource.Noted();
      try (var source = TestSource.start(options, sink, noted)) {
        Eventually.holds(() -> source.state().connected());
        database.execute("INSERT INTO t VALUES (3)");
        Eventually.holds(() -> sink.size() == 2);
        assertEquals(List.of("1", "3"), ids(sink));
        assertEquals(1, sink.gaps().size());
        assertTrue(sink.gaps().getFirst().contains("is gone"), sink.gaps().getFirst());
        assertEquals(1, source.state().gaps());
        assertTrue(noted.told.contains("refresh"));
      }
      try (var source = TestSource.following(options, sink)) {
        assertEquals(1, sink.gaps().size());
      }
    }
  }

  /// The connection that was using it may still be there for a moment.
  private static void dropSlot(TestDatabase database) {
    Eventually.holds(() -> {
      try {
        database.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                + " WHERE database = current_database()");
        return true;
      } catch (java.sql.SQLException active) {
        return false;
      }
    });
  }

  @Test
  void aSlotThatOthersReadFromIsAGap() throws Exception {
    try (var database = TestDatabase.create(18)) {
      database.execute(TABLE);
      var sink = new RecordingSink();
      var options = TestSource.options(database, "t");
      TestSource.following(options, sink).close();
      database.execute("INSERT INTO t VALUES (1)");
      Eventually.holds(() -> {
        try {
          database.query(
              "SELECT lsn FROM pg_logical_slot_get_binary_changes('%s', NULL, NULL,"
                      .formatted(database.name())
                  + " 'proto_version', '1', 'publication_names', 'freshet')");
          return true;
        } catch (java.sql.SQLException active) {
          return false;
        }
      });
      try (var source = TestSource.following(options, sink)) {
        assertEquals(1, sink.gaps().size());
        database.execute("INSERT INTO t VALUES (2)");
        Eventually.holds(() -> sink.size() == 1);
        assertEquals(List.of("2"), ids(sink));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void aSlotThatKeepsTooMuchIsLostAndMadeAnew(int version) throws Exception {
    var directory = TestDatabase.newDirectory("lost");
    var small = List.of("max_slot_wal_keep_size=1MB", "min_wal_size=32MB", "max_wal_size=32MB");
    try (var server = PostgresServer.start(version, directory, 0, small)) {
      var database = TestDatabase.create(server);
      database.execute(TABLE);
      var sink = new RecordingSink();
      var options = TestSource.options(database, "t");
      TestSource.following(options, sink).close();
      for (int i = 0; i < 5; i++) {
        database.execute(
            "CREATE TABLE x%d AS SELECT repeat('x', 500) FROM generate_series(1, 30000)"
                .formatted(i),
            "SELECT pg_switch_wal()",
            "CHECKPOINT");
      }
      assertEquals(List.of("lost"), database.query("SELECT wal_status FROM pg_replication_slots"));
      var manual = TestSource.manual(options);
      try (var source = TestSource.start(manual, sink)) {
        Eventually.holds(() -> sink.gaps().size() == 1);
        Eventually.holds(() -> source.state().detail().contains("pg_drop_replication_slot"));
      }
      try (var source = TestSource.following(options, sink)) {
        database.execute("INSERT INTO t VALUES (1)");
        Eventually.holds(() -> sink.size() == 1);
        assertEquals(1, sink.gaps().size(), "said once");
      }
    }
  }

  @Test
  void aWrongPasswordIsShownAndTriedAgain() throws Exception {
    try (var database = TestDatabase.create(18)) {
      database.execute(TABLE, "CREATE ROLE late LOGIN REPLICATION SUPERUSER PASSWORD 'other'");
      var sink = new RecordingSink();
      var given = TestSource.options(database, "t");
      String url =
          "postgresql://late@127.0.0.1:%d/%s".formatted(database.server().port(), database.name());
      var options = TestSource.at(PostgresUrl.parse(url, "secret"), given);
      try (var source = TestSource.start(options, sink)) {
        Eventually.holds(() -> source.state().detail().contains("password authentication failed"));
        assertTrue(!source.state().connected());
        database.execute("ALTER ROLE late PASSWORD 'secret'");
        Eventually.holds(() -> source.state().connected());
      } finally {
        dropSlot(database);
        database.execute("DROP OWNED BY late CASCADE", "DROP ROLE late");
      }
    }
  }

  @Test
  void aConnectionThatIsSilentlyDeadIsGivenUp() throws Exception {
    try (var database = TestDatabase.create(18);
        var proxy = CuttingProxy.to(database.server().port())) {
      database.execute(TABLE);
      var sink = new RecordingSink();
      var options = TestSource.options(database, proxy.port(), "t");
      try (var source = TestSource.following(options, sink)) {
        proxy.freeze(true);
        database.execute("INSERT INTO t VALUES (1)");
        Eventually.holds(() -> !source.state().connected());
        proxy.freeze(false);
        proxy.cut();
        Eventually.holds(() -> sink.size() == 1);
        assertTrue(source.state().reconnects() > 0);
        assertEquals(List.of(), sink.gaps());
      }
    }
  }

  @Test
  void anIdleTableKeepsNothingOfTheLogOfBusyOnes() throws Exception {
    try (var database = TestDatabase.create(18)) {
      database.execute(TABLE, "CREATE TABLE busy (id int, v text)");
      var sink = new RecordingSink();
      try (var source = TestSource.following(TestSource.options(database, "t"), sink)) {
        database.execute(
            "INSERT INTO busy SELECT i, repeat('x', 200) FROM generate_series(1, 50000) i");
        String place = database.query("SELECT pg_current_wal_lsn()").getFirst();
        String passed =
            "SELECT confirmed_flush_lsn >= '%s' FROM pg_replication_slots WHERE slot_name = '%s'"
                .formatted(place, database.name());
        Eventually.holds(() -> {
          try {
            return database.query(passed).equals(List.of("t"));
          } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
          }
        });
        assertEquals(0, sink.size());
        Eventually.holds(() -> source.state().lagBytes() < 1_000_000);
      }
    }
  }

  @Test
  void marksComeInTheOrderOfTheLog() throws Exception {
    try (var database = TestDatabase.create(18)) {
      database.execute(TABLE);
      var sink = new RecordingSink();
      var noted = new TestSource.Noted();
      try (var source = TestSource.start(TestSource.options(database, "t"), sink, noted)) {
        Eventually.holds(() -> source.state().connected());
        synchronized (noted.answers) {
          noted.answers.add(new RowChange.Read("t", "7", null, "run"));
        }
        database.execute(
            "INSERT INTO t VALUES (1)",
            "SELECT pg_logical_emit_message(false, 'freshet', 'low')",
            "SELECT pg_logical_emit_message(false, 'other', 'none')",
            "INSERT INTO t VALUES (2)",
            "SELECT pg_logical_emit_message(true, 'freshet', 'high')");
        Eventually.holds(() -> sink.size() == 3 && endsWith(noted.told, "mark high", "committed"));
        assertEquals(
            List.of(
                "connected",
                "t/1",
                "committed",
                "mark low",
                "t/2",
                "committed",
                "mark high",
                "committed"),
            noted.told);
        assertTrue(sink.rows().get(1) instanceof RowChange.Read, sink.rows().toString());
      }
    }
  }

  private static boolean endsWith(List<String> told, String... last) {
    List<String> all = List.copyOf(told);
    int begin = Math.max(0, all.size() - last.length);
    return all.subList(begin, all.size()).equals(List.of(last));
  }

  @Test
  void marksThatAreRowsAreMarks() throws Exception {
    try (var database = TestDatabase.create(15)) {
      database.execute(
          TABLE,
          "CREATE TABLE freshet_mark (slot text PRIMARY KEY, mark text NOT NULL)",
          "CREATE PUBLICATION freshet FOR TABLE t, freshet_mark");
      var sink = new RecordingSink();
      var noted = new TestSource.Noted();
      try (var source = TestSource.start(TestSource.options(database, "*"), sink, noted)) {
        Eventually.holds(() -> source.state().connected());
        database.execute(
            "INSERT INTO freshet_mark VALUES ('%s', 'low')".formatted(database.name()),
            "INSERT INTO freshet_mark VALUES ('someone', 'else')",
            "UPDATE freshet_mark SET mark = 'high' WHERE mark = 'low'",
            "INSERT INTO t VALUES (1)");
        Eventually.holds(() -> sink.size() == 1);
        assertEquals(
            List.of("mark low", "mark high"),
            noted.told.stream().filter(told -> told.startsWith("mark")).toList());
        assertEquals(java.util.Set.of("t"), sink.collections());
      }
    }
  }
}
