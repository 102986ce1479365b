// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.SourceSink;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds out where the log is to be read from, before it is: makes what is missing, and notices
/// when what comes after the progress is lost, which is said to the sink and never passed over.
///
/// **Threads.** One; blocks.
final class Beginning {
  private static final Logger LOG = LoggerFactory.getLogger(Beginning.class);
  private static final int OLDEST = 120_000;

  private final PostgresOptions options;
  private final TableDirectory tables;
  private final SourceSink sink;
  private final Figures figures;

  Beginning(PostgresOptions options, TableDirectory tables, SourceSink sink, Figures figures) {
    this.options = options;
    this.tables = tables;
    this.sink = sink;
    this.figures = figures;
  }

  /// Where to begin.
  ///
  /// @param gap whether something is lost
  record Place(Progress progress, int version, boolean gap) {}

  /// @param stale process that served the slot for us before, and may not have noticed that we are
  ///   gone; 0 for none
  /// @param unusable why the slot cannot be used although it looks well; null if it can
  /// @throws SQLException also when the database is not as it must be, with a message for people
  Place find(
      Connection connection,
      LogConnection.ClusterState cluster,
      int stale,
      @Nullable String unusable)
      throws SQLException {
    Facts facts = tables.refresh(connection);
    require(facts);
    String known = sink.progress();
    Progress progress = known == null ? null : Progress.parse(known);
    Loss loss = loss(facts, progress, cluster, unusable);
    SlotState slot = slot(connection, facts, loss, progress);
    if (stale != 0 && slot.holder() == stale) {
      terminate(connection, stale);
    }
    int version = facts.server().version();
    if (progress == null) {
      Progress first = Progress.at(cluster.id(), slot.confirmed(), JsonObject.empty());
      sink.append(List.of(), first.text());
      return new Place(first, version, false);
    }
    String reason = loss != null ? loss.reason() : skipped(slot, progress);
    if (reason == null) {
      return new Place(progress, version, false);
    }
    Progress next = Progress.at(cluster.id(), slot.confirmed(), progress.reads());
    if (progress.lost()) {
      sink.append(List.of(), next.text());
    } else {
      gap(reason, next);
    }
    return new Place(next, version, true);
  }

  private @Nullable String skipped(SlotState slot, Progress progress) {
    return Lsn.isBefore(progress.end(), slot.confirmed())
        ? "The replication slot %s goes on at %s, behind what is known here (%s): somebody else has"
                .formatted(options.slot(), Lsn.text(slot.confirmed()), Lsn.text(progress.end()))
            + " read from it, or it was made anew"
        : null;
  }

  private void gap(String reason, Progress next) {
    LOG.error("{}: changes are lost: {}", options.name(), reason);
    figures.gaps.incrementAndGet();
    sink.gap(reason, next.text());
  }

  private void require(Facts facts) throws SQLException {
    Facts.Server server = facts.server();
    if (server.version() < OLDEST) {
      throw new SQLException("PostgreSQL 12 is the oldest that works; this is older");
    }
    if (!server.walLevel().equals("logical")) {
      throw new SQLException(
          "wal_level is %s and must be logical: ALTER SYSTEM SET wal_level = logical; and restart"
              .formatted(server.walLevel()));
    }
    if (facts.slot().isPresent()) {
      Facts.Slot slot = facts.slot().get();
      if (!slot.plugin().equals("pgoutput") || !slot.database().equals(server.database())) {
        throw new SQLException(
            "The replication slot %s is of another plugin or database; name another one"
                .formatted(options.slot()));
      }
    }
  }

  /// @param reason for people: why what comes after the progress is lost
  /// @param slotUseless whether the slot itself is of no use any more
  private record Loss(String reason, boolean slotUseless) {}

  /// Null if the slot can go on where we are.
  private @Nullable Loss loss(
      Facts facts,
      @Nullable Progress progress,
      LogConnection.ClusterState cluster,
      @Nullable String unusable) {
    Optional<Facts.Slot> slot = facts.slot();
    if (slot.isPresent() && !slot.get().lost().isEmpty()) {
      return new Loss(
          "The replication slot %s was invalidated by the database: %s"
              .formatted(options.slot(), slot.get().lost()),
          true);
    }
    if (slot.isPresent() && unusable != null) {
      return new Loss(unusable, true);
    }
    if (progress == null) {
      return null;
    }
    if (slot.isEmpty()) {
      return new Loss("The replication slot %s is gone".formatted(options.slot()), false);
    }
    if (!progress.system().equals(cluster.id())) {
      return new Loss(
          "This is another database cluster than the one that was followed until now", false);
    }
    return Lsn.isBefore(cluster.end(), progress.end())
        ? new Loss(
            "The log of the database ends at %s, before what is known here (%s): it was restored"
                .formatted(Lsn.text(cluster.end()), Lsn.text(progress.end())),
            false)
        : null;
  }

  /// The slot to use, which is made, or made anew, if it must be and may be.
  private SlotState slot(
      Connection connection, Facts facts, @Nullable Loss loss, @Nullable Progress progress)
      throws SQLException {
    boolean useless = loss != null && loss.slotUseless();
    if (!options.automaticSetup()) {
      requireSetup(facts, loss, progress);
    } else {
      if (useless) {
        drop(connection);
      }
      setUp(connection, useless ? tables.refresh(connection) : facts);
    }
    SlotState slot = SlotState.read(connection, options.slot());
    if (slot == null) {
      throw new SQLException("There is no replication slot " + options.slot());
    }
    return slot;
  }

  private void setUp(Connection connection, Facts facts) throws SQLException {
    List<Statement> missing = Setup.missing(facts, options);
    if (missing.isEmpty()) {
      return;
    }
    missing.forEach(each -> LOG.info("{}: {}; runs {}", options.name(), each.why(), each.sql()));
    try {
      Setup.carryOut(connection, missing);
    } catch (SetupRefusedException refused) {
      if (facts.slot().isEmpty() || facts.publication().isEmpty()) {
        throw refused;
      }
      // What is published can be followed all the same.
      LOG.warn("{}: {}", options.name(), refused.getMessage());
    }
    tables.refresh(connection);
  }

  /// Without leave to make a new slot it is said at once that changes are lost, and what to do.
  private void requireSetup(Facts facts, @Nullable Loss loss, @Nullable Progress progress)
      throws SQLException {
    boolean useless = loss != null && loss.slotUseless();
    if (!useless && facts.slot().isPresent() && facts.publication().isPresent()) {
      return;
    }
    if (loss != null && progress != null && !progress.lost()) {
      gap(loss.reason(), progress.lostNow());
    }
    var statements = new StringBuilder();
    Setup.missing(facts, options).forEach(each -> statements.append(' ').append(each.sql()));
    if (useless) {
      statements
          .append(" SELECT pg_drop_replication_slot(%s); ".formatted(Sql.text(options.slot())))
          .append(Setup.slot(options));
    }
    String what = loss == null ? "Something is missing" : loss.reason();
    throw new SQLException(what + ". Run:" + statements);
  }

  private void drop(Connection connection) throws SQLException {
    LOG.info("{}: drops the replication slot {}", options.name(), options.slot());
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_drop_replication_slot(?)")) {
      statement.setString(1, options.slot());
      statement.execute();
    }
  }

  private static void terminate(Connection connection, int process) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_terminate_backend(?)")) {
      statement.setInt(1, process);
      statement.execute();
    }
  }
}
