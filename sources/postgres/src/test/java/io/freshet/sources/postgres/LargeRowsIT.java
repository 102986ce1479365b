// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.RowChange;
import io.freshet.testkit.Eventually;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Rows that are too large, and tables with too many to be held at once.
final class LargeRowsIT {
  private static final String TABLE = "CREATE TABLE t (id int PRIMARY KEY, v text)";
  private static final int MAX = 10_000;

  private static List<String> ids(RecordingSink sink) {
    return sink.rows().stream().map(row -> ((RowChange.Inserted) row).id()).toList();
  }

  @Test
  void aChangeThatIsTooLargeStopsTheSourceInFrontOfIt() throws Exception {
    try (var database = TestDatabase.create(18)) {
      database.execute(TABLE);
      var sink = new RecordingSink();
      var options = TestSource.rowsUpTo(MAX, TestSource.options(database, "t"));
      try (var source = TestSource.following(options, sink)) {
        database.execute(
            "INSERT INTO t VALUES (1, '')",
            "INSERT INTO t SELECT n, repeat('x', CASE WHEN n = 3 THEN 20000 ELSE 9000 END)"
                + " FROM generate_series(2, 4) n",
            "INSERT INTO t VALUES (5, '')");
        Eventually.holds(() -> source.state().detail().contains("row 3 of t"));
        String said = source.state().detail();
        assertTrue(said.contains("maxRow") && said.contains("(10000)"), said);
        Eventually.holds(() -> source.state().reconnects() > 2);
        assertEquals(List.of("1", "2"), ids(sink));
      }
      var raised = TestSource.rowsUpTo(30_000, options);
      try (var source = TestSource.following(raised, sink)) {
        Eventually.holds(() -> sink.size() >= 5);
        assertEquals(List.of("1", "2", "3", "4", "5"), ids(sink));
        assertEquals(List.of(), sink.gaps());
      }
    }
  }

  private static ErrorCode refusal(CompletionStage<?> stage) {
    var failure =
        assertThrows(
            ExecutionException.class, () -> stage.toCompletableFuture().get(60, TimeUnit.SECONDS));
    return ((FreshetException) failure.getCause()).code();
  }

  @Test
  void aRowThatIsTooLargeToBeReadIsRefusedAndOthersAreNot() throws Exception {
    try (var database = TestDatabase.create(18)) {
      database.execute(TABLE, "INSERT INTO t VALUES (1, ''), (2, repeat('x', 20000)), (3, '')");
      var sink = new RecordingSink();
      var options = TestSource.rowsUpTo(MAX, TestSource.options(database, "t"));
      try (var reading = ReadingSource.start(options, sink).following()) {
        var large = reading.source.fetch(List.of(new DocumentKey("t", "2")));
        var other = reading.source.fetch(List.of(new DocumentKey("t", "3")));
        assertEquals(ErrorCode.DOCUMENT_TOO_LARGE, refusal(large));
        other.toCompletableFuture().get(60, TimeUnit.SECONDS);
        assertEquals(ErrorCode.DOCUMENT_TOO_LARGE, refusal(reading.source.complete("t")));
        reading.fetch("t", "1");
        database.execute("UPDATE t SET v = 'short' WHERE id = 2");
        reading.complete("t");
        assertEquals(List.of("1", "2", "3"), List.copyOf(sink.documents("t").keySet()));
      }
    }
  }

  /// The sink takes the rows of a truncated table away in pieces only if nothing else is appended
  /// with it.
  @Test
  void aTruncatedTableIsAppendedAlone() throws Exception {
    try (var database = TestDatabase.create(18)) {
      database.execute(TABLE, "CREATE TABLE u (id int PRIMARY KEY, v text)");
      var sink = new RecordingSink();
      try (var source = TestSource.following(TestSource.options(database, "t", "u"), sink)) {
        database.execute("INSERT INTO t SELECT n, '' FROM generate_series(1, 5000) n");
        Eventually.holds(() -> sink.size() == 5000);
        int appends = sink.appends().size();
        try (var connection = database.connect();
            var statement = connection.createStatement()) {
          connection.setAutoCommit(false);
          statement.execute("INSERT INTO t SELECT n, '' FROM generate_series(5001, 7100) n");
          statement.execute("TRUNCATE t, u");
          statement.execute("INSERT INTO u VALUES (1, '')");
          statement.execute("TRUNCATE t");
          statement.execute("INSERT INTO t VALUES (1, '')");
          connection.commit();
        }
        database.execute("INSERT INTO t VALUES (2, '')");
        Eventually.holds(() -> sink.documents("t").size() == 2);
        int truncates = 0;
        for (List<RowChange> each : sink.appends().subList(appends, sink.appends().size())) {
          if (each.stream().anyMatch(RowChange.Truncated.class::isInstance)) {
            assertEquals(1, each.size());
            truncates++;
          }
        }
        assertEquals(3, truncates);
        assertEquals(List.of("1", "2"), List.copyOf(sink.documents("t").keySet()));
        assertEquals(List.of("1"), List.copyOf(sink.documents("u").keySet()));
      }
    }
  }
}
