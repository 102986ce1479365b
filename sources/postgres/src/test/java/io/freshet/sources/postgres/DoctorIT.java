// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.sources.postgres.Finding.Severity;
import io.freshet.sources.postgres.PostgresAdmin.SetupReport;
import io.freshet.sources.postgres.PostgresOptions.TableChoice;
import io.freshet.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What doctor finds is put right by the statements it prints: each test runs them.
class DoctorIT {

  static PostgresOptions options(TestDatabase database, String... tables) {
    return new PostgresOptions(
        "main",
        PostgresUrl.parse(database.url(), PostgresServer.PASSWORD),
        List.of(tables).stream().map(table -> new TableChoice(table, null)).toList(),
        "fresh\"et",
        "slot_" + database.name(),
        true,
        Duration.ofSeconds(10),
        TestSource.ROW_BYTES_MAX);
  }

  private static List<Finding> errors(PostgresOptions options) {
    return PostgresAdmin.doctor(options).stream()
        .filter(finding -> finding.severity() == Severity.ERROR)
        .toList();
  }

  private static void carryOut(TestDatabase database, List<Finding> findings) throws SQLException {
    for (Finding finding : findings) {
      database.execute(finding.remedy().toArray(String[]::new));
    }
  }

  private static String text(List<Finding> findings) {
    return String.join("\n", findings.stream().map(Finding::text).toList());
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void whatIsMissingIsMadeByTheStatementsItPrints(int version) throws Exception {
    try (var database = TestDatabase.create(version)) {
      database.execute(
          "CREATE TABLE \"Us\"\"er\" (id int PRIMARY KEY, name text)",
          "CREATE SCHEMA \"my app\"",
          "CREATE TABLE \"my app\".t (a int, b text, PRIMARY KEY (b, a))");
      PostgresOptions options = options(database, "*", "my app.t");
      List<Finding> found = errors(options);
      assertTrue(text(found).contains("no publication"), () -> text(found));
      assertTrue(text(found).contains("no replication slot"), () -> text(found));
      carryOut(database, found);
      assertEquals(List.of(), errors(options));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void setupMakesEverythingOnce(int version) throws Exception {
    try (var database = TestDatabase.create(version)) {
      database.execute("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE keyless (id int)");
      PostgresOptions options = options(database, "*");
      SetupReport dry = PostgresAdmin.setup(options, true);
      assertEquals(2, dry.statements().size(), dry::toString);
      assertEquals(List.of("0"), database.query("SELECT count(*) FROM pg_publication"));
      assertEquals(dry, PostgresAdmin.setup(options, false));
      assertEquals(new SetupReport(List.of(), ""), PostgresAdmin.setup(options, false));
      // Published without a key, it could not be updated any more.
      database.execute("INSERT INTO keyless VALUES (1)", "UPDATE keyless SET id = 2");

      database.execute("CREATE TABLE later (id int PRIMARY KEY)");
      assertEquals(
          List.of("ALTER PUBLICATION \"fresh\"\"et\" ADD TABLE \"public\".\"later\";"),
          PostgresAdmin.setup(options, false).statements());
      assertEquals(
          List.of("later", "t"),
          database.query("SELECT tablename FROM pg_publication_tables ORDER BY 1"));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void tellsWhatIsWrongWithTables(int version) throws Exception {
    try (var database = TestDatabase.create(version)) {
      database.execute(
          "CREATE TABLE keyless (id int)",
          "CREATE TABLE silent (id int PRIMARY KEY)",
          "ALTER TABLE silent REPLICA IDENTITY NOTHING",
          "CREATE TABLE deferred (id int PRIMARY KEY DEFERRABLE)",
          "CREATE VIEW looks AS SELECT * FROM silent",
          "CREATE UNLOGGED TABLE light (id int PRIMARY KEY)",
          "CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id)",
          "CREATE TABLE part1 PARTITION OF parts FOR VALUES FROM (0) TO (100)");
      PostgresOptions options =
          options(
              database,
              "keyless",
              "silent",
              "deferred",
              "looks",
              "light",
              "parts",
              "part1",
              "gone");
      PostgresAdmin.setup(options, false);
      String said = text(errors(options));
      for (String each :
          List.of(
              "public.keyless has no primary key",
              "public.silent does not say which row is updated or deleted (replica identity NOTH",
              "public.deferred does not say which row is updated or deleted (its primary key is d",
              "public.looks is a view",
              "public.light is an unlogged table",
              "public.part1 is a partition",
              "There is no table gone")) {
        assertTrue(said.contains(each), () -> each + " is not in: " + said);
      }
      carryOut(database, errors(options));
      database.execute("ALTER TABLE light SET LOGGED");
      PostgresAdmin.setup(options, false);
      assertEquals(3, errors(options).size(), () -> text(errors(options)));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void tellsWhatAPublicationLeavesOut(int version) throws Exception {
    try (var database = TestDatabase.create(version)) {
      database.execute(
          "CREATE TABLE t (id int PRIMARY KEY, a int, b int)",
          "CREATE TABLE u (id int PRIMARY KEY, a int)",
          "CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id)",
          "CREATE TABLE part1 PARTITION OF parts FOR VALUES FROM (0) TO (100)",
          "CREATE PUBLICATION \"fresh\"\"et\" FOR TABLE t (id, a), u WHERE (id > 5), parts"
              + " WITH (publish = 'insert, update')");
      PostgresOptions options = options(database, "*");
      String said = text(PostgresAdmin.doctor(options));
      for (String each :
          List.of(
              "leaves out deletes",
              "only these columns of public.t: id, a",
              "only rows of public.u with (id > 5)",
              "tells of partitions, not of the tables they are part of")) {
        assertTrue(said.contains(each), () -> each + " is not in: " + said);
      }
      carryOut(database, errors(options));
      assertEquals(List.of(), errors(options));
      assertEquals(
          List.of("parts", "t", "u"),
          database.query("SELECT tablename FROM pg_publication_tables ORDER BY 1"));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void tellsWhoElseHasTheSlot(int version) throws Exception {
    try (var database = TestDatabase.create(version)) {
      PostgresOptions options = options(database, "*");
      database.execute(
          "SELECT pg_create_logical_replication_slot('" + options.slot() + "', 'test_decoding')");
      String said = text(errors(options));
      assertTrue(said.contains("for the plugin test_decoding in the database"), said);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void aRoleWithoutRightsIsToldTheStatements(int version) throws Exception {
    try (var database = TestDatabase.create(version)) {
      String role = "weak \"" + database.name();
      String quoted = Sql.name(role);
      database.execute(
          "CREATE TABLE t (id int PRIMARY KEY)",
          "CREATE ROLE " + quoted + " LOGIN PASSWORD 'weak'");
      try {
        PostgresOptions strong = options(database, "*");
        PostgresUrl url = strong.url();
        var weak =
            new PostgresOptions(
                "main",
                new PostgresUrl(
                    url.host(), url.port(), url.database(), role, "weak", url.parameters()),
                strong.tables(),
                strong.publication(),
                strong.slot(),
                true,
                Duration.ZERO,
                TestSource.ROW_BYTES_MAX);
        SetupReport refused = PostgresAdmin.setup(weak, false);
        assertTrue(refused.refusal().contains("CREATE PUBLICATION"), refused::toString);
        var statements = new ArrayList<Finding>(errors(weak));
        assertTrue(text(statements).contains("may not replicate"), () -> text(statements));
        assertTrue(text(statements).contains("may not read public.t"), () -> text(statements));
        carryOut(database, statements);
        assertEquals(List.of(), errors(weak));
      } finally {
        try (Connection connection = database.connect();
            var statement = connection.createStatement()) {
          statement.execute("DROP OWNED BY " + quoted);
          statement.execute("DROP ROLE " + quoted);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = 18)
  void aDatabaseThatCannotBeReachedIsAFinding(int version) throws Exception {
    try (var database = TestDatabase.create(version)) {
      var options =
          new PostgresOptions(
              "main",
              PostgresUrl.parse(database.url(), "wrong"),
              List.of(),
              "p",
              "s",
              true,
              Duration.ZERO,
              TestSource.ROW_BYTES_MAX);
      String said = text(errors(options));
      assertTrue(said.contains("password authentication failed"), said);
      assertTrue(!said.contains("wrong"), said);
    }
  }
}
