// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyDual;

/// A connection that receives a slot's log. It reads and answers by itself, below the driver's own
/// stream of changes, which does not show the keepalives: what they say is what lets the database
/// throw away the log of other tables.
///
/// **Threads.** One, but for [#abort].
final class LogConnection implements AutoCloseable {
  private static final int STATUS_BYTES = 34;
  private static final int MESSAGES_SINCE = 140_000;

  /// Seconds from 1970 to 2000.
  private static final long EPOCH_SECONDS = 946_684_800;

  private final Connection connection;
  private @Nullable CopyDual copy;

  private LogConnection(Connection connection) {
    this.connection = connection;
  }

  static LogConnection open(PostgresOptions options) throws SQLException {
    return new LogConnection(Connections.replication(options));
  }

  /// @param id of the cluster
  /// @param end of its log
  record ClusterState(String id, long end) {}

  ClusterState cluster() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
      row.next();
      return new ClusterState(row.getString(1), Lsn.parse(row.getString(3)));
    }
  }

  /// Of the process that serves it in the database.
  int processId() throws SQLException {
    return connection.unwrap(PGConnection.class).getBackendPID();
  }

  /// @param from transactions whose commit stands before it are not sent
  void start(PostgresOptions options, int version, long from) throws SQLException {
    String publications = Sql.text(Sql.name(options.publication())).trim();
    String sql =
        "START_REPLICATION SLOT %s LOGICAL %s (proto_version '1', publication_names %s%s)"
            .formatted(
                Sql.name(options.slot()),
                Lsn.text(from),
                publications,
                version >= MESSAGES_SINCE ? ", messages 'true'" : "");
    // Whether the log is alive is looked at from outside.
    connection.setNetworkTimeout(Runnable::run, 0);
    copy = connection.unwrap(PGConnection.class).getCopyAPI().copyDual(sql);
  }

  /// Waits for the next frame: `w` and a message behind 25 bytes, or `k`, a keepalive.
  ///
  /// @throws SQLException when the connection is cut or the database ends it
  byte[] read() throws SQLException {
    byte[] frame = copy().readFromCopy(true);
    if (frame == null) {
      throw new SQLException("The database has ended the log");
    }
    return frame;
  }

  /// Says how far the log is durable here; the database throws it away up to there.
  void confirm(long durable, long nowMs) throws SQLException {
    var status = ByteBuffer.allocate(STATUS_BYTES);
    status.put((byte) 'r').putLong(durable).putLong(durable).putLong(durable);
    status.putLong((nowMs - EPOCH_SECONDS * 1_000) * 1_000).put((byte) 0);
    copy().writeToCopy(status.array(), 0, STATUS_BYTES);
    copy().flushCopy();
  }

  private CopyDual copy() {
    if (copy == null) {
      throw new IllegalStateException("The log was not asked for");
    }
    return copy;
  }

  /// Milliseconds since 1970 of a time in the log.
  static long millis(long micros) {
    return EPOCH_SECONDS * 1_000 + micros / 1_000;
  }

  /// Cuts the connection; whoever reads gets an error. Any thread.
  void abort(Executor executor) {
    try {
      connection.abort(executor);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Lets go of it without waiting for the database.
  @Override
  public void close() {
    abort(Runnable::run);
  }
}
