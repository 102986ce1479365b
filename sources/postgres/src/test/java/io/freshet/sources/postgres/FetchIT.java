// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.RowChange;
import io.freshet.testkit.Eventually;
import io.freshet.testkit.PostgresServer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Rows read because somebody asks for them.
class FetchIT {

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void aRowReadEqualsTheRowTold(int version) throws Exception {
    try (var database = TestDatabase.create(version)) {
      database.execute(
          "CREATE TYPE mood AS ENUM ('sad', 'it''s ok')",
          "CREATE DOMAIN small AS int CHECK (value < 100)",
          "CREATE DOMAIN raw AS bytea",
          "CREATE TYPE pair AS (a int, b text)",
          """
          CREATE TABLE t (id int PRIMARY KEY, b bool, i2 int2, i8 int8, n numeric(20,5), nn numeric,
            f4 float4, f8 float8, t text, v varchar(9), c char(9), u uuid, ts timestamp,
            tz timestamptz, d date, ti time, tt timetz, iv interval, by bytea, j json, jb jsonb,
            m mood, s small, r raw, p pair, a int[], at text[][], am mood[], ar bytea[], ip inet,
            rg int4range, bi bit(5), x xml, mo money, po point, "Odd ""name" text, z text)\
          """);
      var sink = new RecordingSink();
      try (var source = ReadingSource.start(TestSource.options(database, "*"), sink).following()) {
        database.execute(
            """
            INSERT INTO t VALUES (1, true, 7, 9007199254740993, 1.50, 'NaN', 1.1, 0.1, 'é"\\',
              'v', 'c', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '2026-01-02 03:04:05.678',
              '2026-01-02 03:04:05.678+05', '2026-01-02', '03:04', '03:04+02', '1 year 2 days',
              '\\xdeadbeef', '{"a" : 1.10}', '{"b": [1e2]}', 'it''s ok', 5, '\\x00ff',
              ROW(1, 'x,y'), '{1,NULL,3}', '{{a,"b c"},{"",NULL}}', '{sad}', '{"\\\\x01"}',
              '10.0.0.1/8', '[1,5)', B'10101', '<a/>', 12.34, '(1,2)', 'odd', NULL)\
            """);
        Eventually.holds(() -> sink.size() == 1);
        source.fetch("t", "1");
        var told = assertInstanceOf(RowChange.Inserted.class, sink.rows().get(0));
        var read = assertInstanceOf(RowChange.Read.class, sink.rows().get(1));
        assertEquals(told.row().toString(), read.row().toString());
        assertNull(read.run());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void whatIsNoKeyOfTheTableIsNoRow(int version) throws Exception {
    try (var database = TestDatabase.create(version)) {
      database.execute(
          "CREATE TABLE i (id int PRIMARY KEY)",
          "CREATE TABLE d (id date PRIMARY KEY)",
          "CREATE TABLE s (a text, b int, PRIMARY KEY (b, a))",
          "CREATE TABLE c (id char(4) PRIMARY KEY)",
          "CREATE TABLE y (id bytea PRIMARY KEY)",
          "INSERT INTO i VALUES (7)",
          "INSERT INTO d VALUES ('2026-01-02')",
          "INSERT INTO s VALUES ('x,y', 7), ('', 8)",
          "INSERT INTO c VALUES ('ab')",
          "INSERT INTO y VALUES ('\\x00ff')");
      var sink = new RecordingSink();
      try (var source = ReadingSource.start(TestSource.options(database, "*"), sink).following()) {
        source.fetch("i", "7", "007", "seven", "99999999999", "8", "7,7");
        source.fetch("d", "2026-01-02", "never", "2026-01-03", "2026-1-2");
        source.fetch("s", "7,x%2Cy", "7,x,y", "8,%00", "8,", "x,7");
        source.fetch("c", "ab  ", "ab");
        source.fetch("y", "\\x00ff", "\\x00FF");
        source.fetch("nothing", "1");
        var found =
            ReadingSource.reads(sink).stream()
                .filter(read -> read.row() != null)
                .map(read -> read.collection() + " " + read.id())
                .toList();
        assertEquals(
            List.of("i 7", "d 2026-01-02", "s 7,x%2Cy", "s 8,%00", "c ab  ", "y \\x00ff"), found);
        assertEquals(19, ReadingSource.reads(sink).size());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = 18)
  void typesWithOperatorsElsewhereAndPartitionsAndFilters(int version) throws Exception {
    try (var database = TestDatabase.create(version)) {
      database.execute(
          "CREATE SCHEMA \"of types\"",
          "CREATE TYPE \"of types\".size AS ENUM ('s', 'm', 'l')",
          "CREATE TABLE e (id \"of types\".size PRIMARY KEY)",
          "INSERT INTO e VALUES ('l'), ('s')",
          "CREATE TABLE parts (id int PRIMARY KEY, v int) PARTITION BY RANGE (id)",
          "CREATE TABLE low PARTITION OF parts FOR VALUES FROM (0) TO (100)",
          "CREATE TABLE high PARTITION OF parts FOR VALUES FROM (100) TO (200)",
          "INSERT INTO parts VALUES (1, 1), (150, 2)",
          "CREATE TABLE mother (id int PRIMARY KEY)",
          "CREATE TABLE daughter (PRIMARY KEY (id)) INHERITS (mother)",
          "INSERT INTO mother VALUES (1)",
          "INSERT INTO daughter VALUES (2)",
          "CREATE TABLE cut (id int PRIMARY KEY, shown int, secret int)",
          "INSERT INTO cut VALUES (1, 1, 1), (2, 2, 2)",
          "CREATE PUBLICATION freshet FOR TABLE cut (id, shown) WHERE (id > 1)"
              + " WITH (publish_via_partition_root = true)");
      var sink = new RecordingSink();
      try (var source = ReadingSource.start(TestSource.options(database, "*"), sink).following()) {
        for (String each : List.of("e", "parts", "mother", "daughter", "cut")) {
          source.complete(each);
        }
        source.fetch("e", "m", "s", "xl");
        source.fetch("cut", "1");
        assertEquals("[l, s]", sink.documents("e").keySet().toString());
        assertEquals("[1, 150]", sink.documents("parts").keySet().toString());
        assertEquals("[1]", sink.documents("mother").keySet().toString());
        assertEquals("[2]", sink.documents("daughter").keySet().toString());
        assertEquals("{2={\"id\":2,\"shown\":2}}", sink.documents("cut").toString());
        assertEquals(
            List.of("cut", "daughter", "e", "mother", "parts"),
            List.copyOf(new java.util.TreeSet<>(sink.collections())));
      }
    }
  }

  /// A commit that waits for a standby stands in the log, and no query sees it.
  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void aCommitThatIsToldButNotVisibleIsNotReadOver(int version) throws Exception {
    var directory = TestDatabase.newDirectory("held");
    try (var server = PostgresServer.start(version, directory, 0, List.of());
        var database = TestDatabase.create(server)) {
      database.execute(
          "CREATE TABLE t (id int PRIMARY KEY, v int)",
          "INSERT INTO t VALUES (1, 0), (2, 0)",
          "ALTER DATABASE " + database.name() + " SET synchronous_commit = local");
      var sink = new RecordingSink();
      try (var source = ReadingSource.start(TestSource.options(database, "*"), sink).following()) {
        holdCommits(database, true);
        try {
          update(database);
          Eventually.holds(() -> sink.size() == 1);
          assertEquals(List.of("0"), database.query("SELECT v FROM t WHERE id = 1"));
          var asked = source.source.fetch(List.of(new DocumentKey("t", "1"))).toCompletableFuture();
          source.source.snapshot("t", "run");
          long begun = source.reads.begun();
          Eventually.holds(() -> asked.isDone() || source.reads.begun() >= begun + 3);
          assertEquals(1, sink.size(), () -> sink.rows().toString());
          assertFalse(asked.isDone());

          holdCommits(database, false);
          asked.get(60, TimeUnit.SECONDS);
        } finally {
          holdCommits(database, false);
        }
        source.awaitRun("run");
        assertEquals(
            "{1={\"id\":1,\"v\":1}, 2={\"id\":2,\"v\":0}}", sink.documents("t").toString());
        for (RowChange.Read read : ReadingSource.reads(sink)) {
          assertEquals(read.id().equals("1") ? "1" : "0", read.row().get("v").toString());
        }
      }
    }
  }

  private static void holdCommits(TestDatabase database, boolean held) throws SQLException {
    database.execute(
        held
            ? "ALTER SYSTEM SET synchronous_standby_names = 'nobody'"
            : "ALTER SYSTEM RESET synchronous_standby_names",
        "SELECT pg_reload_conf()");
  }

  /// Its commit is held until that is over.
  private static void update(TestDatabase database) {
    new Thread(
            () -> {
              try {
                database.execute("SET synchronous_commit = on; UPDATE t SET v = 1 WHERE id = 1");
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
            })
        .start();
  }

  @ParameterizedTest
  @ValueSource(ints = 18)
  void whoAsksWhileTheDatabaseIsAwayIsTold(int version) throws Exception {
    var directory = TestDatabase.newDirectory("away");
    try (var server = PostgresServer.start(version, directory, 0, List.of())) {
      var database = TestDatabase.create(server);
      database.execute("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
      var sink = new RecordingSink();
      var patience = Duration.ofMillis(300);
      var options = TestSource.options(database, "*");
      try (var source = ReadingSource.start(options, sink, patience).following()) {
        server.stop();
        for (var asked :
            List.of(
                source.source.fetch(List.of(new DocumentKey("t", "1"))),
                source.source.complete("t"))) {
          var failed =
              assertThrows(
                  ExecutionException.class,
                  () -> asked.toCompletableFuture().get(60, TimeUnit.SECONDS));
          var reason = assertInstanceOf(FreshetException.class, failed.getCause());
          assertEquals(ErrorCode.UNAVAILABLE, reason.code());
        }
        server.start();
        Eventually.holds(() -> {
          source.source.fetch(List.of(new DocumentKey("t", "1")));
          return sink.documents("t").containsKey("1");
        });
      }
    }
  }
}
