// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.PGProperty;

/// Connects. Values come as the same texts over every connection, whether they are asked for or
/// told by logical replication. Stateless.
final class Connections {
  private static final int CONNECT_SECONDS = 10;

  /// From the first packet until the account is accepted: a server that takes connections and says
  /// nothing is given up then.
  private static final int LOGIN_SECONDS = 10;

  private static final int ANSWER_SECONDS = 60;

  private static final String SETTINGS =
      """
      SET DateStyle = 'ISO, MDY'; SET TimeZone = 'UTC'; SET IntervalStyle = 'postgres';
      SET bytea_output = 'hex'; SET extra_float_digits = 1; SET xmlbinary = 'base64';
      SET search_path = pg_catalog\
      """;

  private Connections() {}

  /// For questions.
  static Connection query(PostgresOptions options) throws SQLException {
    Properties properties = properties(options);
    PGProperty.BINARY_TRANSFER.set(properties, false);
    PGProperty.PREPARE_THRESHOLD.set(properties, 0);
    return open(options, properties);
  }

  /// For a slot's log.
  static Connection replication(PostgresOptions options) throws SQLException {
    Properties properties = properties(options);
    PGProperty.REPLICATION.set(properties, "database");
    PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
    return open(options, properties);
  }

  /// What the URL says counts.
  static Properties properties(PostgresOptions options) {
    Properties properties = options.url().properties();
    absent(properties, PGProperty.CONNECT_TIMEOUT, CONNECT_SECONDS);
    absent(properties, PGProperty.LOGIN_TIMEOUT, LOGIN_SECONDS);
    absent(properties, PGProperty.SOCKET_TIMEOUT, ANSWER_SECONDS);
    properties.putIfAbsent(PGProperty.TCP_KEEP_ALIVE.getName(), "true");
    PGProperty.APPLICATION_NAME.set(properties, Doctor.application(options));
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "12");
    return properties;
  }

  private static void absent(Properties properties, PGProperty property, int seconds) {
    properties.putIfAbsent(property.getName(), Integer.toString(seconds));
  }

  private static Connection open(PostgresOptions options, Properties properties)
      throws SQLException {
    Connection connection = DriverManager.getConnection(options.url().jdbcUrl(), properties);
    try (java.sql.Statement statement = connection.createStatement()) {
      statement.execute(SETTINGS);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }
}
