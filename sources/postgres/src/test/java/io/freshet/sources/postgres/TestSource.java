// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.json.JsonObject;
import io.freshet.sources.postgres.PostgresOptions.TableChoice;
import io.freshet.spi.RowChange;
import io.freshet.spi.SnapshotProgress;
import io.freshet.spi.SourceSink;
import io.freshet.testkit.PostgresServer;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// Sources for tests: quick to connect again, and with a side for reads that only remembers what it
/// is told.
final class TestSource {
  static final Timing QUICK =
      new Timing(
          Duration.ofMillis(20),
          Duration.ofMillis(200),
          Duration.ofMillis(100),
          Duration.ofSeconds(3),
          Duration.ofMillis(20));

  static final long ROW_BYTES_MAX = 16 << 20;

  private TestSource() {}

  static PostgresOptions options(TestDatabase database, String... tables) {
    return options(database, database.server().port(), tables);
  }

  /// @param port where the database is reached
  static PostgresOptions options(TestDatabase database, int port, String... tables) {
    String url = "postgresql://postgres@127.0.0.1:%d/%s".formatted(port, database.name());
    return new PostgresOptions(
        "main",
        PostgresUrl.parse(url, PostgresServer.PASSWORD),
        Arrays.stream(tables).map(table -> new TableChoice(table, null)).toList(),
        "freshet",
        database.name(),
        true,
        Duration.ofMillis(200),
        ROW_BYTES_MAX);
  }

  static PostgresOptions manual(PostgresOptions of) {
    return with(of, of.url(), false, of.rowBytesMax());
  }

  static PostgresOptions rowsUpTo(long bytes, PostgresOptions of) {
    return with(of, of.url(), of.automaticSetup(), bytes);
  }

  static PostgresOptions at(PostgresUrl url, PostgresOptions of) {
    return with(of, url, of.automaticSetup(), of.rowBytesMax());
  }

  private static PostgresOptions with(
      PostgresOptions of, PostgresUrl url, boolean automaticSetup, long rowBytesMax) {
    return new PostgresOptions(
        of.name(),
        url,
        of.tables(),
        of.publication(),
        of.slot(),
        automaticSetup,
        of.heartbeat(),
        rowBytesMax);
  }

  static PostgresSource start(PostgresOptions options, SourceSink sink) {
    var noted = new Noted();
    noted.open = false;
    return start(options, sink, noted);
  }

  static PostgresSource start(PostgresOptions options, SourceSink sink, Noted noted) {
    var source =
        new PostgresSource(options, QUICK, Thread::new, InstantSource.system(), (_, _) -> noted);
    source.start(sink);
    return source;
  }

  /// Started, and following the log.
  static PostgresSource following(PostgresOptions options, SourceSink sink) throws SQLException {
    PostgresSource source = start(options, sink);
    try {
      io.freshet.testkit.Eventually.holds(() -> source.state().connected());
    } catch (AssertionError e) {
      source.close();
      throw new AssertionError("Not connected: " + source.state(), e);
    }
    return source;
  }

  /// What the reader of the log tells to the side for reads.
  static final class Noted implements Reads {
    final List<String> told = new CopyOnWriteArrayList<>();
    final List<RowChange> answers = new ArrayList<>();
    volatile boolean open = true;
    volatile JsonObject progress = JsonObject.empty();

    @Override
    public void connected(SourceSink sink, JsonObject known) {
      progress = known;
      told.add("connected");
    }

    @Override
    public void disconnected() {
      told.add("disconnected");
    }

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public void changed(String collection, String id) {
      told.add(collection + "/" + id);
    }

    @Override
    public void truncated(String collection) {
      told.add(collection + "/*");
    }

    @Override
    public void committed(int xid) {
      told.add("committed");
    }

    @Override
    public List<RowChange> message(String content) {
      if (content.equals("heartbeat")) {
        return List.of();
      }
      told.add("mark " + content);
      synchronized (answers) {
        var taken = List.copyOf(answers);
        answers.clear();
        return taken;
      }
    }

    @Override
    public void appended() {}

    @Override
    public JsonObject progress() {
      return progress;
    }

    @Override
    public void refreshHeld() {
      told.add("refresh");
    }

    @Override
    public CompletionStage<?> fetch(List<DocumentKey> keys) {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<?> complete(String collection) {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<?> snapshot(String collection, String run) {
      return CompletableFuture.completedStage(null);
    }

    @Override
    public void cancel(String run) {}

    @Override
    public @Nullable SnapshotProgress progress(String run) {
      return null;
    }

    @Override
    public void close() {
      told.add("closed");
    }
  }
}
