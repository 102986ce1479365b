// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.filter.Model;
import io.freshet.spi.SnapshotProgress;
import io.freshet.spi.Source;
import io.freshet.spi.SourceRefusal;
import io.freshet.spi.SourceSink;
import io.freshet.spi.SourceState;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The tables of one PostgreSQL database as a source.
///
/// It follows the database's log through one replication slot. What the database sends becomes
/// [io.freshet.spi.RowChange]s that are appended in the order of the commits, each once; only when
/// they are durable is the database told that it may forget them. The progress, which is kept with
/// the changes, says where to go on:
///
/// - A transaction is appended in pieces while it comes in. After an interruption the database
///   sends it from its beginning again, and what is known of it is passed over by its number.
/// - Everything that breaks (the connection, the database, the sink) has one answer: drop what is
///   not durable, wait a little, connect, and go on from the progress.
/// - Where it cannot go on, because the slot is gone, invalid or was read by others, that is a gap:
///   said to the sink, with the reason, before anything else is told.
///
/// Rows that do not change are read by [Reads], between two marks in the log.
public final class PostgresSource implements Source {
  private static final long CUT_MS = 50;

  /// How long somebody waits for a row.
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final PostgresOptions options;
  private final Timing timing;
  private final ThreadFactory threads;
  private final InstantSource clock;
  private final Figures figures;
  private final TableDirectory tables;
  private final Reads reads;
  private final Closing closing = new Closing();
  private final AtomicBoolean started = new AtomicBoolean();
  private final List<Thread> running = new ArrayList<>();
  private volatile @Nullable Follower follower;

  /// Makes the side that reads rows.
  ///
  /// @see PostgresSource
  @FunctionalInterface
  interface ReadsMaker {
    Reads make(PostgresOptions options, Supplier<TableMap> tables);
  }

  /// @param threads for threads that wait most of the time
  public static PostgresSource of(
      PostgresOptions options, ThreadFactory threads, InstantSource clock) {
    return new PostgresSource(
        options,
        Timing.DEFAULT,
        threads,
        clock,
        (which, tables) -> new WatermarkReads(which, tables, threads, PATIENCE));
  }

  PostgresSource(
      PostgresOptions options,
      Timing timing,
      ThreadFactory threads,
      InstantSource clock,
      ReadsMaker reads) {
    this.options = options;
    this.timing = timing;
    this.threads = threads;
    this.clock = clock;
    this.figures = new Figures(clock);
    this.tables = new TableDirectory(options, figures);
    this.reads = reads.make(options, tables::map);
  }

  @Override
  public String name() {
    return options.name();
  }

  @Override
  public long rowBytesMax() {
    return options.rowBytesMax();
  }

  @Override
  public void start(SourceSink sink) {
    if (!started.compareAndSet(false, true)) {
      throw new IllegalStateException("The source " + options.name() + " runs already");
    }
    var following =
        new Follower(options, timing, tables, reads, sink, figures, closing, threads, clock);
    follower = following;
    var health = new Health(options, timing, tables, following, figures, closing, clock);
    run(following, "read");
    run(health, "health");
  }

  private void run(Runnable task, String purpose) {
    Thread thread = threads.newThread(task);
    thread.setName("freshet-" + options.name() + "-" + purpose);
    running.add(thread);
    thread.start();
  }

  @Override
  public CompletionStage<?> fetch(List<DocumentKey> keys) {
    return reads.fetch(keys);
  }

  @Override
  public CompletionStage<?> complete(String collection) {
    return reads.complete(collection);
  }

  @Override
  public CompletionStage<?> snapshot(String collection, String run) {
    return reads.snapshot(collection, run);
  }

  @Override
  public void cancel(String run) {
    reads.cancel(run);
  }

  @Override
  public @Nullable SnapshotProgress progress(String run) {
    return reads.progress(run);
  }

  @Override
  public @Nullable SourceRefusal refusal(String collection, Set<String> deleteFields) {
    return tables.map().refusal(collection, deleteFields);
  }

  @Override
  public @Nullable Model model(String collection) {
    Table table = tables.map().captured(collection);
    return table == null ? null : table.model();
  }

  @Override
  public SourceState state() {
    return figures.state(tables.map().collections().size());
  }

  @Override
  public void close() {
    closing.begin();
    Follower following = follower;
    boolean interrupted = false;
    for (Thread thread : running) {
      while (thread.isAlive() && !interrupted) {
        if (following != null) {
          // A connection that is just being made is cut as soon as it is there.
          following.cut();
        }
        try {
          thread.join(CUT_MS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    reads.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
