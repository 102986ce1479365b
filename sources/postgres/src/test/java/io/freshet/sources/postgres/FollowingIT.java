// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.protocol.json.Json;
import io.freshet.spi.RowChange;
import io.freshet.testkit.Eventually;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a sink is told of what happens in a database.
final class FollowingIT {
  /// One line per change.
  static List<String> lines(RecordingSink sink) {
    return sink.rows().stream().map(FollowingIT::line).toList();
  }

  private static String line(RowChange change) {
    return switch (change) {
      case RowChange.Inserted row -> "+ %s %s".formatted(row.id(), Json.text(row.row()));
      case RowChange.Updated row ->
          "~ %s %s%s%s"
              .formatted(
                  row.id(),
                  Json.text(row.row()),
                  row.untold().isEmpty() ? "" : " untold " + row.untold(),
                  row.former() == null ? "" : " was " + Json.text(row.former()));
      case RowChange.Moved row ->
          "> %s %s %s%s"
              .formatted(
                  row.oldId(),
                  row.id(),
                  Json.text(row.row()),
                  row.former() == null ? "" : " was " + Json.text(row.former()));
      case RowChange.Deleted row -> "- %s %s".formatted(row.id(), Json.text(row.former()));
      case RowChange.Truncated table -> "0 " + table.collection();
      case RowChange.Read row -> "= " + row.id();
    };
  }

  private static void tells(RecordingSink sink, String... lines) {
    Eventually.holds(() -> sink.size() >= lines.length);
    assertEquals(List.of(lines), lines(sink));
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void tellsInsertsUpdatesAndDeletes(int version) throws Exception {
    try (var database = TestDatabase.create(version)) {
      database.execute("CREATE TABLE \"User\" (id serial PRIMARY KEY, name text, age int)");
      var sink = new RecordingSink();
      try (var source = TestSource.following(TestSource.options(database, "*"), sink)) {
        database.execute(
            "INSERT INTO \"User\" (name, age) VALUES ('Ada', 36), ('Bob', NULL)",
            "UPDATE \"User\" SET age = 37 WHERE id = 1",
            "UPDATE \"User\" SET id = 7 WHERE id = 2",
            "DELETE FROM \"User\" WHERE id = 1",
            "TRUNCATE \"User\"");
        tells(
            sink,
            "+ 1 {\"id\":1,\"name\":\"Ada\",\"age\":36}",
            "+ 2 {\"id\":2,\"name\":\"Bob\",\"age\":null}",
            "~ 1 {\"id\":1,\"name\":\"Ada\",\"age\":37}",
            "> 2 7 {\"id\":7,\"name\":\"Bob\",\"age\":null}",
            "- 1 {\"id\":1}",
            "0 User");
        assertEquals(5, source.state().changes());
        assertEquals(1, source.state().truncates());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void underFullIdentityTheRowBeforeIsTold(int version) throws Exception {
    try (var database = TestDatabase.create(version)) {
      database.execute(
          "CREATE TABLE t (id int PRIMARY KEY, v text, big text)",
          "ALTER TABLE t ALTER big SET STORAGE EXTERNAL",
          "ALTER TABLE t REPLICA IDENTITY FULL");
      var sink = new RecordingSink();
      try (var source = TestSource.following(TestSource.options(database, "t"), sink)) {
        database.execute(
            "INSERT INTO t VALUES (1, 'a', repeat('x', 5000))",
            "UPDATE t SET v = 'b'",
            "UPDATE t SET id = 2",
            "DELETE FROM t");
        String big = "\"big\":\"" + "x".repeat(5000) + "\"}";
        tells(
            sink,
            "+ 1 {\"id\":1,\"v\":\"a\"," + big,
            "~ 1 {\"id\":1,\"v\":\"b\",%s was {\"id\":1,\"v\":\"a\",%s".formatted(big, big),
            "> 1 2 {\"id\":2,\"v\":\"b\",%s was {\"id\":1,\"v\":\"b\",%s".formatted(big, big),
            "- 2 {\"id\":2,\"v\":\"b\"," + big);
      }
    }
  }

  @Test
  void anUnchangedBigColumnIsUntoldUnderDefaultIdentity() throws Exception {
    try (var database = TestDatabase.create(18)) {
      database.execute(
          "CREATE TABLE t (id int PRIMARY KEY, v text, big text)",
          "ALTER TABLE t ALTER big SET STORAGE EXTERNAL");
      var sink = new RecordingSink();
      try (var source = TestSource.following(TestSource.options(database, "t"), sink)) {
        database.execute(
            "INSERT INTO t VALUES (1, 'a', repeat('x', 3000))", "UPDATE t SET v = 'b'");
        tells(
            sink,
            "+ 1 {\"id\":1,\"v\":\"a\",\"big\":\"" + "x".repeat(3000) + "\"}",
            "~ 1 {\"id\":1,\"v\":\"b\"} untold [big]");
      }
    }
  }

  @Test
  void underAnIndexIdentityDeletesTellItsColumns() throws Exception {
    try (var database = TestDatabase.create(18)) {
      database.execute(
          "CREATE TABLE t (b int NOT NULL, v text, a text NOT NULL)",
          "CREATE UNIQUE INDEX i ON t (a, b)",
          "ALTER TABLE t REPLICA IDENTITY USING INDEX i");
      var sink = new RecordingSink();
      try (var source = TestSource.following(TestSource.options(database, "t"), sink)) {
        database.execute(
            "INSERT INTO t VALUES (1, 'v', 'x,y')", "UPDATE t SET v = 'w'", "DELETE FROM t");
        tells(
            sink,
            "+ x%2Cy,1 {\"b\":1,\"v\":\"v\",\"a\":\"x,y\"}",
            "~ x%2Cy,1 {\"b\":1,\"v\":\"w\",\"a\":\"x,y\"}",
            "- x%2Cy,1 {\"b\":1,\"a\":\"x,y\"}");
      }
    }
  }

  @Test
  void whatIsRolledBackIsNeverTold() throws Exception {
    try (var database = TestDatabase.create(18)) {
      database.execute("CREATE TABLE t (id int PRIMARY KEY)");
      var sink = new RecordingSink();
      try (var source = TestSource.following(TestSource.options(database, "t"), sink)) {
        database.execute(
            "BEGIN",
            "INSERT INTO t VALUES (1)",
            "ROLLBACK",
            "BEGIN",
            "INSERT INTO t VALUES (2)",
            "SAVEPOINT s",
            "INSERT INTO t VALUES (3)",
            "ROLLBACK TO s",
            "INSERT INTO t VALUES (4)",
            "COMMIT");
        tells(sink, "+ 2 {\"id\":2}", "+ 4 {\"id\":4}");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void partitionsAreTheirTable(int version) throws Exception {
    try (var database = TestDatabase.create(version)) {
      database.execute(
          "CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)",
          "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10)",
          "CREATE TABLE t2 (v text, id int NOT NULL)",
          "ALTER TABLE t ATTACH PARTITION t2 FOR VALUES FROM (10) TO (20)");
      var sink = new RecordingSink();
      try (var source = TestSource.following(TestSource.options(database, "*"), sink)) {
        database.execute(
            "INSERT INTO t VALUES (1, 'a'), (11, 'b')",
            "UPDATE t SET v = 'c' WHERE id = 11",
            "UPDATE t SET id = 12 WHERE id = 1");
        Eventually.holds(() -> sink.documents("t").containsKey("12"));
        assertEquals(
            "[11={\"id\":11,\"v\":\"c\"}, 12={\"id\":12,\"v\":\"a\"}]",
            sink.documents("t").entrySet().toString());
        assertEquals(java.util.Set.of("t"), sink.collections());
      }
    }
  }

  @Test
  void followsChangesOfTheTablesThemselves() throws Exception {
    try (var database = TestDatabase.create(18)) {
      database.execute("CREATE TABLE t (id int PRIMARY KEY, a text)");
      var sink = new RecordingSink();
      try (var source = TestSource.following(TestSource.options(database, "*"), sink)) {
        database.execute(
            "INSERT INTO t VALUES (1, 'x')",
            "ALTER TABLE t ADD b int DEFAULT 5",
            "INSERT INTO t VALUES (2, 'y')",
            "ALTER TABLE t RENAME b TO c",
            "INSERT INTO t VALUES (3, 'z')",
            "ALTER TABLE t ALTER c TYPE text",
            "INSERT INTO t VALUES (4, 'u')",
            "ALTER TABLE t DROP a",
            "INSERT INTO t VALUES (5)",
            "ALTER TABLE t RENAME id TO key",
            "INSERT INTO t VALUES (6)",
            "UPDATE t SET key = 7 WHERE key = 6",
            "ALTER TABLE t RENAME TO u",
            "INSERT INTO u VALUES (8)",
            "DROP TABLE u");
        Eventually.holds(() -> sink.size() == 8);
        assertEquals(
            List.of(
                "+ 1 {\"id\":1,\"a\":\"x\"}",
                "+ 2 {\"id\":2,\"a\":\"y\",\"b\":5}",
                "+ 3 {\"id\":3,\"a\":\"z\",\"c\":5}",
                "+ 4 {\"id\":4,\"a\":\"u\",\"c\":\"5\"}",
                "+ 5 {\"id\":5,\"c\":\"5\"}",
                "+ 6 {\"key\":6,\"c\":\"5\"}",
                "> 6 7 {\"key\":7,\"c\":\"5\"}",
                "+ 8 {\"key\":8,\"c\":\"5\"}"),
            lines(sink));
        assertEquals("u", sink.rows().getLast().collection());
      }
    }
  }

  @Test
  void aTableThatComesLaterIsTold() throws Exception {
    try (var database = TestDatabase.create(18)) {
      database.execute("CREATE TABLE t (id int PRIMARY KEY)");
      var sink = new RecordingSink();
      try (var source = TestSource.following(TestSource.options(database, "*"), sink)) {
        database.execute("CREATE TABLE later (id int PRIMARY KEY)");
        Eventually.holds(() -> sink.collections().contains("later"));
        database.execute("INSERT INTO later VALUES (1)");
        tells(sink, "+ 1 {\"id\":1}");
      }
    }
  }

  @Test
  void generatedColumnsAreNotInTheRow() throws Exception {
    try (var database = TestDatabase.create(15)) {
      database.execute(
          "CREATE TABLE t (a int, id int PRIMARY KEY, g int GENERATED ALWAYS AS (a * 2) STORED)");
      var sink = new RecordingSink();
      try (var source = TestSource.following(TestSource.options(database, "t"), sink)) {
        database.execute("INSERT INTO t (a, id) VALUES (4, 1)", "DELETE FROM t");
        tells(sink, "+ 1 {\"a\":4,\"id\":1}", "- 1 {\"id\":1}");
      }
    }
  }

  @Test
  void rowsThatCannotBeNamedAreLeftOut() throws Exception {
    try (var database = TestDatabase.create(18)) {
      database.execute("CREATE TABLE t (id text PRIMARY KEY)");
      var sink = new RecordingSink();
      try (var source = TestSource.following(TestSource.options(database, "t"), sink)) {
        database.execute(
            "INSERT INTO t VALUES (repeat('x', 513)), ('')",
            "UPDATE t SET id = repeat('y', 600) WHERE id = ''",
            "INSERT INTO t VALUES ('b')");
        tells(sink, "+ %00 {\"id\":\"\"}", "- %00 {\"id\":\"\"}", "+ b {\"id\":\"b\"}");
      }
    }
  }
}
