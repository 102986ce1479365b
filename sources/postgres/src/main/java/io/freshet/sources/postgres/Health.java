// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks after a source from time to time: how far behind it is, which tables there are, whether
/// its connection is still alive. Where nothing else moves the database's log on, it does, so that
/// an idle table keeps nothing of the log.
///
/// **Threads.** [#run] is one of its own.
final class Health implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Health.class);
  private static final String HEARTBEAT = "heartbeat";

  private final PostgresOptions options;
  private final Timing timing;
  private final TableDirectory tables;
  private final Follower follower;
  private final Figures figures;
  private final Closing closing;
  private final InstantSource clock;
  private Set<String> collections = Set.of();
  private String refused = "";
  private long beatMs;

  Health(
      PostgresOptions options,
      Timing timing,
      TableDirectory tables,
      Follower follower,
      Figures figures,
      Closing closing,
      InstantSource clock) {
    this.options = options;
    this.timing = timing;
    this.tables = tables;
    this.follower = follower;
    this.figures = figures;
    this.closing = closing;
    this.clock = clock;
  }

  @Override
  public void run() {
    try (var questions = new QuestionConnection(impatient())) {
      while (!closing.awaits(interval())) {
        boolean served = false;
        try {
          served = questions.answer(this::look);
        } catch (SQLException e) {
          LOG.debug("{}: cannot ask {}", options.name(), options.url(), e);
        }
        long silentMs = clock.millis() - figures.receivedMs();
        if (!served && figures.isConnected() && silentMs > timing.silence().toMillis()) {
          LOG.warn("{}: nothing was heard for {} ms; connects anew", options.name(), silentMs);
          follower.cut();
        }
      }
    } catch (SQLException e) {
      LOG.debug("{}: cannot close", options.name(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// The database may be as silent here as it is to the reader.
  private PostgresOptions impatient() {
    PostgresUrl url = options.url();
    var parameters = new HashMap<>(url.parameters());
    long seconds = Math.max(1, timing.silence().toSeconds() / 3);
    parameters.putIfAbsent("socketTimeout", Long.toString(seconds));
    return new PostgresOptions(
        options.name(),
        new PostgresUrl(
            url.host(), url.port(), url.database(), url.user(), url.password(), parameters),
        options.tables(),
        options.publication(),
        options.slot(),
        options.automaticSetup(),
        options.heartbeat(),
        options.rowBytesMax());
  }

  private Duration interval() {
    boolean sooner = beats() && options.heartbeat().compareTo(timing.poll()) < 0;
    return sooner ? options.heartbeat() : timing.poll();
  }

  private boolean beats() {
    return !options.heartbeat().isZero();
  }

  /// Silence alone says little: the database may be reading through a big transaction.
  ///
  /// @return whether the database still serves our connection
  private boolean look(Connection connection) throws SQLException {
    Facts facts = tables.refresh(connection);
    publish(connection, facts);
    Set<String> now = tables.collections();
    if (!now.equals(collections)) {
      collections = now;
      follower.route();
    }
    SlotState slot = SlotState.read(connection, options.slot());
    if (slot != null) {
      figures.log(slot.lag(), slot.retained());
    }
    if (figures.isConnected() && beats() && !facts.server().standby()) {
      beat(connection, facts.server().version());
    }
    return slot != null && slot.holder() != 0 && slot.holder() == follower.process();
  }

  /// Tables that came later.
  private void publish(Connection connection, Facts facts) throws SQLException {
    if (!options.automaticSetup() || facts.publication().isEmpty()) {
      return;
    }
    List<Statement> missing = Setup.publication(facts, options);
    if (missing.isEmpty()) {
      return;
    }
    try {
      Setup.carryOut(connection, missing);
      missing.forEach(each -> LOG.info("{}: {}; ran {}", options.name(), each.why(), each.sql()));
      tables.refresh(connection);
    } catch (SetupRefusedException e) {
      String message = String.valueOf(e.getMessage());
      if (!message.equals(refused)) {
        refused = message;
        LOG.warn("{}: {}", options.name(), message);
      }
    }
  }

  private void beat(Connection connection, int version) throws SQLException {
    long now = clock.millis();
    long everyMs = options.heartbeat().toMillis();
    if (now - figures.receivedMs() < everyMs || now - beatMs < everyMs) {
      return;
    }
    beatMs = now;
    try (PreparedStatement statement =
        connection.prepareStatement(Marks.statement(version, options.slot()))) {
      statement.setString(1, HEARTBEAT);
      statement.execute();
    }
  }
}
