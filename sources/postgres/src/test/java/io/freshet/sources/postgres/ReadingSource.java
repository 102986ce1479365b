// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.RowChange;
import io.freshet.testkit.Eventually;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/// A source that reads rows, over a sink that remembers.
final class ReadingSource implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  final PostgresSource source;
  final WatermarkReads reads;

  private ReadingSource(PostgresSource source, WatermarkReads reads) {
    this.source = source;
    this.reads = reads;
  }

  static ReadingSource start(PostgresOptions options, RecordingSink sink) {
    return start(options, sink, PATIENCE);
  }

  static ReadingSource start(PostgresOptions options, RecordingSink sink, Duration patience) {
    var reads = new AtomicReference<WatermarkReads>();
    var source =
        new PostgresSource(
            options,
            TestSource.QUICK,
            Thread::new,
            InstantSource.system(),
            (which, tables) -> {
              reads.set(new WatermarkReads(which, tables, Thread::new, patience));
              return reads.get();
            });
    source.start(sink);
    return new ReadingSource(source, reads.get());
  }

  ReadingSource following() {
    Eventually.holds(() -> source.state().connected());
    return this;
  }

  void fetch(String collection, String... ids) throws Exception {
    var keys = new ArrayList<DocumentKey>();
    for (String id : ids) {
      keys.add(new DocumentKey(collection, id));
    }
    source.fetch(keys).toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  void complete(String collection) throws Exception {
    source.complete(collection).toCompletableFuture().get(120, TimeUnit.SECONDS);
  }

  void awaitRun(String run) {
    Eventually.holds(() -> source.progress(run) != null && source.progress(run).done());
  }

  @Override
  public void close() {
    source.close();
  }

  static List<RowChange.Read> reads(RecordingSink sink) {
    var reads = new ArrayList<RowChange.Read>();
    for (RowChange change : sink.rows()) {
      if (change instanceof RowChange.Read read) {
        reads.add(read);
      }
    }
    return reads;
  }

  /// What a table holds, by the text of one column, as PostgreSQL makes JSON of it.
  static TreeMap<String, JsonObject> table(TestDatabase database, String sql) throws SQLException {
    var rows = new TreeMap<String, JsonObject>();
    try (Connection connection = database.connect();
        var statement = connection.createStatement();
        var row = statement.executeQuery(sql)) {
      while (row.next()) {
        rows.put(row.getString(1), (JsonObject) Json.parse(row.getString(2)));
      }
    }
    return rows;
  }
}
