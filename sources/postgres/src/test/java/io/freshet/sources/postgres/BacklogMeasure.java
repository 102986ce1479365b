// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.testkit.PostgresServer;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/// How fast a backlog is read: by a source whose sink only counts, and by `pg_recvlogical`, in
/// turns. Not a test: `BacklogMeasure CHANGES PER_TRANSACTION ROUNDS`.
final class BacklogMeasure {
  private BacklogMeasure() {}

  public static void main(String[] arguments) throws Exception {
    int changes = Integer.parseInt(arguments[0]);
    int each = Integer.parseInt(arguments[1]);
    int rounds = Integer.parseInt(arguments[2]);
    try (var database = TestDatabase.create(18)) {
      database.execute(
          "CREATE TABLE t (id bigserial PRIMARY KEY, name text, email text, age int,"
              + " balance numeric(12,2), created timestamptz)",
          "CREATE PUBLICATION freshet FOR TABLE t");
      for (int round = 0; round < rounds; round++) {
        slot(database, database.name());
        slot(database, "other");
        write(database, changes, each);
        long ours = ours(database, changes);
        long theirs = theirs(database);
        System.out.printf(
            "%d changes, %d per transaction: source %,d/s, pg_recvlogical %,d/s, ratio %.2f%n",
            changes,
            each,
            changes * 1000L / ours,
            changes * 1000L / theirs,
            (double) theirs / ours);
        database.execute("SELECT pg_drop_replication_slot('other')");
      }
    }
  }

  private static void slot(TestDatabase database, String name) throws Exception {
    if (database
        .query("SELECT 1 FROM pg_replication_slots WHERE slot_name = '" + name + "'")
        .isEmpty()) {
      database.execute(
          "SELECT pg_create_logical_replication_slot('%s', 'pgoutput')".formatted(name));
    }
  }

  private static void write(TestDatabase database, int changes, int each) throws Exception {
    try (var connection = database.connect();
        var statement = connection.createStatement()) {
      statement.execute("SET synchronous_commit = off");
      statement.execute(
          """
          CREATE OR REPLACE PROCEDURE fill(n int, each int) LANGUAGE plpgsql AS $$
          BEGIN
            FOR i IN 1 .. n / each LOOP
              INSERT INTO t (name, email, age, balance, created)
                SELECT 'name ' || j, 'user' || j || '@example.org', j % 90, j * 1.25, now()
                FROM generate_series(1, each) j;
              COMMIT;
            END LOOP;
          END $$\
          """);
      statement.execute("CALL fill(%d, %d)".formatted(changes, each));
      statement.execute("SELECT pg_switch_wal()");
    }
  }

  private static final CountingSink SINK = new CountingSink();

  private static long ours(TestDatabase database, int changes) {
    long target = SINK.rows() + changes;
    var threads = ManagementFactory.getThreadMXBean();
    long begin = System.nanoTime();
    long cpu = 0;
    try (var source = TestSource.start(TestSource.options(database, "t"), SINK)) {
      while (SINK.rows() < target) {
        java.util.concurrent.locks.LockSupport.parkNanos(500_000);
      }
      for (long id : threads.getAllThreadIds()) {
        var info = threads.getThreadInfo(id);
        if (info != null && info.getThreadName().startsWith("freshet-main")) {
          long used = threads.getThreadCpuTime(id);
          System.out.printf("  %s %d ms%n", info.getThreadName(), used / 1_000_000);
          cpu += used;
        }
      }
    }
    long took = System.nanoTime() - begin;
    System.out.printf(
        "  CPU of ours: %,d changes per core-second%n", (long) (changes / (cpu / 1e9)));
    return TimeUnit.NANOSECONDS.toMillis(took);
  }

  private static long theirs(TestDatabase database) throws Exception {
    String end = database.query("SELECT pg_current_wal_flush_lsn()").getFirst();
    var command =
        new ProcessBuilder(
            "pg_recvlogical",
            "-h",
            "127.0.0.1",
            "-p",
            Integer.toString(database.server().port()),
            "-U",
            "postgres",
            "-d",
            database.name(),
            "-S",
            "other",
            "--start",
            "-o",
            "proto_version=1",
            "-o",
            "publication_names=freshet",
            "-f",
            "/dev/null",
            "--endpos",
            end,
            "--no-loop");
    command.environment().put("PGPASSWORD", PostgresServer.PASSWORD);
    long begin = System.nanoTime();
    Process process = command.inheritIO().start();
    Thread mover = Thread.ofVirtual().start(() -> moveOn(database, process));
    if (process.waitFor() != 0) {
      throw new IllegalStateException("pg_recvlogical failed");
    }
    long took = System.nanoTime() - begin;
    mover.join();
    return TimeUnit.NANOSECONDS.toMillis(took);
  }

  /// It ends with the first message behind the place.
  private static void moveOn(TestDatabase database, Process process) {
    try (var connection = database.connect();
        var statement = connection.createStatement()) {
      while (!process.waitFor(20, TimeUnit.MILLISECONDS)) {
        statement.execute("SELECT pg_logical_emit_message(true, 'end', '')");
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
