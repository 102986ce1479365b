// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.RowChange;
import io.freshet.testkit.Eventually;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// One transaction of a million rows.
final class BigTransactionIT {
  private static final int ROWS = 1_000_000;

  /// Counts, and keeps nothing; fails once in the middle.
  private static final class Counting extends CountingSink {
    private volatile long pieces;
    private volatile long largest;
    private volatile boolean failed;

    @Override
    public void append(List<RowChange> rows, String reached) {
      long next = rows() + 1;
      if (next > ROWS / 2 && !failed) {
        failed = true;
        throw new FreshetException(ErrorCode.UNAVAILABLE, "Once");
      }
      for (RowChange row : rows) {
        assertEquals(Long.toString(next), ((RowChange.Inserted) row).id());
        next++;
      }
      largest = Math.max(largest, rows.size());
      Progress now = Progress.parse(reached);
      if (Lsn.isBefore(now.end(), now.lsn())) {
        pieces++;
      }
      super.append(rows, reached);
    }
  }

  @Test
  void isAppendedInPiecesBeforeItsEndAndGoesOnInItsMiddle() throws Exception {
    try (var database = TestDatabase.create(18)) {
      database.execute("CREATE TABLE t (id bigint PRIMARY KEY, v text)");
      var sink = new Counting();
      try (var source = TestSource.following(TestSource.options(database, "t"), sink)) {
        database.execute(
            "INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(1, %d) i"
                .formatted(ROWS));
        Eventually.holds(() -> sink.rows() >= ROWS, Duration.ofMinutes(3));
        Eventually.holds(() -> {
          Progress end = Progress.parse(String.valueOf(sink.progress()));
          return Lsn.isBefore(end.lsn(), end.end());
        });
        assertTrue(sink.failed);
        assertTrue(sink.pieces > ROWS / 3_000, "Pieces: " + sink.pieces);
        assertTrue(sink.largest < 3_000, "Largest piece: " + sink.largest);
      }
    }
  }
}
