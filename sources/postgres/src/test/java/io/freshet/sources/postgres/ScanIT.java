// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.spi.RowChange;
import io.freshet.testkit.Eventually;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Whole tables read while they change.
class ScanIT {
  private static final String TABLE = "CREATE TABLE t (a int, b text, v int, PRIMARY KEY (b, a))";
  private static final String ROWS =
      "INSERT INTO t SELECT n, 'k,' || n %% 7, n FROM generate_series(1, %d) n";
  private static final String AT_THE_END =
      "SELECT replace(b, ',', '%2C') || ',' || a, row_to_json(t)::text FROM t";

  /// Writes until it is told to end.
  private static final class Writer implements AutoCloseable {
    private final AtomicBoolean enough = new AtomicBoolean();
    private final Thread thread;
    private volatile long statements;

    Writer(TestDatabase database, long seed, int rows, boolean truncates) {
      var random = new Random(seed);
      thread =
          new Thread(() -> {
            try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
              while (!enough.get()) {
                statement.execute(sql(random, rows, truncates));
                statements++;
              }
            } catch (SQLException e) {
              throw new IllegalStateException(e);
            }
          });
      thread.start();
    }

    private static String sql(Random random, int rows, boolean truncates) {
      int id = 1 + random.nextInt(rows);
      String key = "a = %d AND b = 'k,%d'".formatted(id, id % 7);
      return switch (random.nextInt(truncates ? 60 : 59)) {
        case 0, 1, 2, 3, 4, 5 -> "DELETE FROM t WHERE " + key;
        case 6, 7, 8 -> "UPDATE t SET a = a + %d WHERE %s".formatted(7 * rows, key);
        case 9, 10, 11 -> "BEGIN; UPDATE t SET v = -9 WHERE " + key + "; ROLLBACK";
        case 12 -> "UPDATE t SET v = v + 1 WHERE a % 50 = " + random.nextInt(50);
        case 59 -> "TRUNCATE t";
        case 13, 14, 15, 16, 17, 18, 19, 20 ->
            "INSERT INTO t VALUES (%d, 'k,%d', 5) ON CONFLICT DO NOTHING".formatted(id, id % 7);
        default -> "UPDATE t SET v = v + 1 WHERE " + key;
      };
    }

    @Override
    public void close() throws InterruptedException {
      enough.set(true);
      thread.join();
    }
  }

  /// How often each row was read for a run.
  private static Map<String, Integer> counts(RecordingSink sink, String run) {
    var counts = new HashMap<String, Integer>();
    for (RowChange.Read read : ReadingSource.reads(sink)) {
      if (run.equals(read.run())) {
        counts.merge(read.id(), 1, Integer::sum);
      }
    }
    return counts;
  }

  private static void assertEqualAtTheEnd(TestDatabase database, RecordingSink sink)
      throws SQLException {
    var table = ReadingSource.table(database, AT_THE_END);
    try {
      Eventually.holds(() -> sink.documents("t").equals(table));
    } catch (AssertionError e) {
      assertEquals(table, sink.documents("t"));
    }
  }

  @ParameterizedTest
  @CsvSource({"18, 1, false", "18, 2, true", "18, 3, true", "15, 4, false"})
  void whatIsReadAndToldInOrderIsTheTable(int version, long seed, boolean truncates)
      throws Exception {
    int rows = 8_000;
    try (var database = TestDatabase.create(version)) {
      database.execute(TABLE, ROWS.formatted(rows));
      var sink = new RecordingSink();
      var options = TestSource.options(database, "*");
      try (var source = ReadingSource.start(options, sink).following()) {
        try (var one = new Writer(database, seed, rows, truncates);
            var other = new Writer(database, seed + 100, rows, false)) {
          source.source.snapshot("t", "one");
          source.complete("t");
          source.fetch("t", "k%2C1,1", "k%2C2,2", "k%2C3,3");
          source.source.snapshot("t", "two");
          source.awaitRun("one");
          source.awaitRun("two");
          assertTrue(one.statements + other.statements > 0);
        }
        assertEqualAtTheEnd(database, sink);
        for (String run : List.of("one", "two")) {
          Map<String, Integer> counts = counts(sink, run);
          assertTrue(counts.values().stream().allMatch(count -> count == 1), counts::toString);
          long read = source.source.progress(run).rows();
          assertTrue(read >= counts.size(), () -> read + " of " + counts.size());
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void aRunHasEveryRowOnce(int version) throws Exception {
    try (var database = TestDatabase.create(version)) {
      database.execute(TABLE, ROWS.formatted(3_500), "ANALYZE t");
      var sink = new RecordingSink();
      var options = TestSource.options(database, "*");
      try (var source = ReadingSource.start(options, sink).following()) {
        source.source.snapshot("t", "run").toCompletableFuture().get(30, TimeUnit.SECONDS);
        source.awaitRun("run");
        assertEquals(3_500, source.source.progress("run").rows());
        assertEquals(3_500, source.source.progress("run").estimate());
        assertEquals(3_500, counts(sink, "run").size());
        assertEquals(3_500, ReadingSource.reads(sink).size());
        source.complete("t");
        int before = sink.size();
        source.complete("t");
        assertEquals(before, sink.size());
        source.source.cancel("run");
        assertEquals(null, source.source.progress("run"));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void goesOnAfterARestart(int version) throws Exception {
    int rows = 12_000;
    try (var database = TestDatabase.create(version)) {
      database.execute(TABLE, ROWS.formatted(rows));
      var sink = new RecordingSink();
      var options = TestSource.options(database, "*");
      var stops = new ArrayList<Integer>();
      for (int round = 0; round < 3; round++) {
        int enough = 3_000 * (round + 1);
        try (var source = ReadingSource.start(options, sink).following()) {
          if (round == 0) {
            // From then on it goes on by itself.
            source.source.snapshot("t", "run").toCompletableFuture().get(30, TimeUnit.SECONDS);
          }
          Eventually.holds(() -> counts(sink, "run").size() >= enough);
        }
        stops.add(counts(sink, "run").size());
      }
      try (var source = ReadingSource.start(options, sink).following()) {
        source.awaitRun("run");
        source.complete("t");
      }
      Map<String, Integer> counts = counts(sink, "run");
      assertEquals(rows, counts.size(), stops::toString);
      assertEquals(new HashSet<>(List.of(1)), new HashSet<>(counts.values()), stops::toString);
      int before = sink.size();
      try (var source = ReadingSource.start(options, sink).following()) {
        source.complete("t");
        assertTrue(source.source.progress("run").done());
      }
      assertEquals(before, sink.size());
      assertEqualAtTheEnd(database, sink);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void survivesAppendsThatFailAndConnectionsThatEnd(int version) throws Exception {
    int rows = 6_000;
    try (var database = TestDatabase.create(version)) {
      database.execute(TABLE, ROWS.formatted(rows));
      var sink = new RecordingSink();
      var options = TestSource.options(database, "*");
      try (var source = ReadingSource.start(options, sink).following();
          var writer = new Writer(database, 7, rows, false)) {
        source.source.snapshot("t", "run");
        for (int round = 0; round < 6; round++) {
          int before = sink.size();
          if (round % 3 == 2) {
            database.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    + " WHERE application_name = 'freshet main' AND datname = current_database()");
          } else {
            sink.failIn(2, round % 3 == 0);
          }
          Eventually.holds(() -> sink.size() > before + 500);
        }
        source.awaitRun("run");
        source.complete("t");
        assertTrue(writer.statements > 0);
        writer.close();
        assertEqualAtTheEnd(database, sink);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void whatIsHeldIsReadAgainAfterAGap(int version) throws Exception {
    try (var database = TestDatabase.create(version)) {
      database.execute(TABLE, ROWS.formatted(2_500));
      var sink = new RecordingSink();
      var options = TestSource.options(database, "*");
      try (var source = ReadingSource.start(options, sink).following()) {
        source.complete("t");
      }
      assertEquals(2_500, sink.documents("t").size());
      database.execute(
          "SELECT pg_drop_replication_slot('" + options.slot() + "')",
          "DELETE FROM t WHERE a % 3 = 0",
          "UPDATE t SET v = -1 WHERE a % 3 = 1",
          "INSERT INTO t VALUES (99999, 'new', 1)");
      try (var source = ReadingSource.start(options, sink).following()) {
        assertEquals(1, sink.gaps().size());
        var table = ReadingSource.table(database, AT_THE_END);
        table.remove("new,99999");
        Eventually.holds(() -> sink.documents("t").equals(table));
        source.complete("t");
        assertEqualAtTheEnd(database, sink);
      }
    }
  }
}
