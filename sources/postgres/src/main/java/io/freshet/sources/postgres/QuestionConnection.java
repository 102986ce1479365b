// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/// A connection for questions that is opened when there is one and kept for the next.
///
/// **Threads.** One at a time; blocks.
final class QuestionConnection implements TableDirectory.Questions, AutoCloseable {
  private final PostgresOptions options;
  private @Nullable Connection open;

  QuestionConnection(PostgresOptions options) {
    this.options = options;
  }

  /// @param <T> of the answer
  @FunctionalInterface
  interface Asked<T> {
    T answer(Connection connection) throws SQLException;
  }

  /// After a failure the next question has a new connection.
  <T> T answer(Asked<T> asked) throws SQLException {
    Connection connection = connection();
    try {
      return asked.answer(connection);
    } catch (SQLException e) {
      close();
      throw e;
    }
  }

  @Override
  public void ask(TableDirectory.Question question) throws SQLException {
    answer(connection -> {
      question.ask(connection);
      return true;
    });
  }

  private Connection connection() throws SQLException {
    Connection connection = open;
    if (connection == null) {
      connection = Connections.query(options);
      open = connection;
    }
    return connection;
  }

  @Override
  public void close() throws SQLException {
    Connection connection = open;
    open = null;
    if (connection != null) {
      connection.close();
    }
  }
}
