// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.testkit.PostgresServer;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The servers that the other tests stand on.
final class PostgresServerIT {
  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void eachTestHasADatabaseOfItsOwn(int version) throws Exception {
    try (var one = TestDatabase.create(version);
        var other = TestDatabase.create(version)) {
      one.execute("CREATE TABLE t (id int)", "INSERT INTO t VALUES (1)");
      assertEquals(List.of("1"), one.query("SELECT id FROM t"));
      assertEquals(List.of("logical"), other.query("SHOW wal_level"));
      assertTrue(other.query("SHOW server_version").getFirst().startsWith(version + "."));
      one.execute("SELECT pg_create_logical_replication_slot('" + one.name() + "', 'pgoutput')");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void comesBackAfterBeingKilled(int version) throws Exception {
    var directory = TestDatabase.newDirectory("killed");
    try (var server = PostgresServer.start(version, directory, 0, List.of())) {
      var database = TestDatabase.create(server);
      database.execute("CREATE TABLE t (id int)", "INSERT INTO t VALUES (1)");
      server.kill();
      server.start();
      assertEquals(List.of("1"), database.query("SELECT id FROM t"));
      server.stop();
      server.start();
      assertEquals(List.of("1"), database.query("SELECT id FROM t"));
    }
  }
}
