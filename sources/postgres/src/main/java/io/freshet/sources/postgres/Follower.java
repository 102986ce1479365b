// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.spi.SourceSink;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps following a database: connects, reads the log until something breaks, waits, connects
/// anew, each time from what the sink has. While one thread reads and decodes, a second one appends
/// what was read.
///
/// **Threads.** [#run] is one of its own; the rest from any.
final class Follower implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

  /// So often in a row must the publication be missing from the log before the slot is given up.
  private static final int MISSING_MAX = 3;

  private static final String UNDEFINED = "42704";

  private final PostgresOptions options;
  private final Timing timing;
  private final TableDirectory tables;
  private final Reads reads;
  private final SourceSink sink;
  private final Figures figures;
  private final Closing closing;
  private final ThreadFactory threads;
  private final InstantSource clock;

  private volatile @Nullable LogConnection log;
  private volatile @Nullable Outbox outbox;

  /// Serves our connection in the database, or did so last.
  private volatile int process;

  private int missing;
  private String said = "";
  private String stoppedBy = "";

  Follower(
      PostgresOptions options,
      Timing timing,
      TableDirectory tables,
      Reads reads,
      SourceSink sink,
      Figures figures,
      Closing closing,
      ThreadFactory threads,
      InstantSource clock) {
    this.options = options;
    this.timing = timing;
    this.tables = tables;
    this.reads = reads;
    this.sink = sink;
    this.figures = figures;
    this.closing = closing;
    this.threads = threads;
    this.clock = clock;
  }

  @Override
  public void run() {
    Duration pause = timing.firstPause();
    try {
      sink.collections(Set.copyOf(tables.collections()));
      while (!closing.hasBegun()) {
        boolean wasConnected = follow();
        pause = wasConnected ? timing.firstPause() : longer(pause);
        if (!closing.awaits(pause)) {
          figures.reconnects.incrementAndGet();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(timing.longestPause()) < 0 ? twice : timing.longestPause();
  }

  /// Once, until something breaks.
  ///
  /// @return whether the log was read
  private boolean follow() throws InterruptedException {
    try {
      session();
    } catch (RowSize.ExceededException e) {
      return stopped(String.valueOf(e.getMessage()));
    } catch (SQLException e) {
      missing = UNDEFINED.equals(e.getSQLState()) ? missing + 1 : 0;
      broken(e);
    } catch (RuntimeException e) {
      broken(e);
    }
    boolean wasConnected = figures.isConnected();
    figures.disconnected(said);
    return wasConnected;
  }

  /// In front of a change that is too large: it will be again.
  ///
  /// @return false, so that it is tried less and less often
  private boolean stopped(String why) {
    if (!why.equals(stoppedBy)) {
      LOG.error("{}: {}", options.name(), why);
      stoppedBy = why;
    }
    figures.disconnected(why);
    return false;
  }

  private void broken(Exception why) {
    if (closing.hasBegun()) {
      return;
    }
    String message = String.valueOf(why.getMessage());
    if (figures.isConnected() || !message.equals(said)) {
      LOG.warn("{}: not following {}: {}", options.name(), options.url(), message);
    }
    LOG.debug("{}: not following", options.name(), why);
    said = message;
  }

  private void session() throws SQLException, InterruptedException {
    try (var connection = LogConnection.open(options);
        var questions = new QuestionConnection(options)) {
      log = connection;
      if (closing.hasBegun()) {
        return;
      }
      Beginning.Place place = begin(connection, questions);
      process = connection.processId();
      connection.start(options, place.version(), place.progress().end());
      follow(connection, questions, place);
    } finally {
      log = null;
    }
  }

  private Beginning.Place begin(LogConnection connection, QuestionConnection questions)
      throws SQLException {
    String unusable =
        missing < MISSING_MAX
            ? null
            : "The publication %s was not there yet at the place where the replication slot is"
                .formatted(options.publication());
    var beginning = new Beginning(options, tables, sink, figures);
    Beginning.Place place =
        questions.answer(asked -> beginning.find(asked, connection.cluster(), process, unusable));
    if (unusable != null) {
      missing = 0;
    }
    sink.collections(Set.copyOf(tables.collections()));
    return place;
  }

  private void follow(LogConnection connection, QuestionConnection questions, Beginning.Place place)
      throws SQLException, InterruptedException {
    var current = new Outbox(place.progress(), clock, timing.idle().toMillis());
    var reader =
        new LogReader(connection, tables, questions, options, reads, current, figures, clock);
    var appender = new Appender(current, sink, connection);
    Thread appending = threads.newThread(appender);
    appending.setName("freshet-" + options.name() + "-append");
    try {
      outbox = current;
      reads.connected(sink, place.progress().reads());
      if (place.gap()) {
        reads.refreshHeld();
      }
      appending.start();
      figures.connected(current);
      said = "";
      LOG.info(
          "{}: follows {} from {}",
          options.name(),
          options.url(),
          Lsn.text(place.progress().end()));
      reader.run();
      throw new SQLException("The log is not read any more");
    } catch (SQLException e) {
      throw appender.failure(e);
    } finally {
      current.close();
      if (appending.getState() != Thread.State.NEW) {
        appending.join();
      }
      outbox = null;
      reads.disconnected();
    }
  }

  /// The collections have become others.
  void route() {
    Outbox current = outbox;
    if (current != null) {
      current.route(Set.copyOf(tables.collections()));
    }
  }

  /// What serves our connection in the database, or did so last; 0 for nothing.
  int process() {
    return process;
  }

  /// Cuts the connection: it is made anew, or not if the source is being closed.
  void cut() {
    LogConnection current = log;
    if (current != null) {
      current.abort(Runnable::run);
    }
  }
}
