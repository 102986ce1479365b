// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/// Connects for queries. Values come as the texts that logical replication tells, too.
final class Connections {
  private static final int CONNECT_SECONDS = 10;
  private static final int ANSWER_SECONDS = 60;

  private Connections() {}

  static Connection query(PostgresOptions options) throws SQLException {
    Properties properties = options.url().properties();
    properties.setProperty("ApplicationName", Doctor.application(options));
    properties.putIfAbsent("connectTimeout", Integer.toString(CONNECT_SECONDS));
    properties.putIfAbsent("socketTimeout", Integer.toString(ANSWER_SECONDS));
    properties.putIfAbsent("tcpKeepAlive", "true");
    properties.setProperty("binaryTransfer", "false");
    properties.setProperty("prepareThreshold", "0");
    properties.setProperty("assumeMinServerVersion", "12");
    Connection connection = DriverManager.getConnection(options.url().jdbcUrl(), properties);
    try (java.sql.Statement statement = connection.createStatement()) {
      statement.execute(
          """
          SET DateStyle = 'ISO, MDY'; SET TimeZone = 'UTC'; SET IntervalStyle = 'postgres';
          SET bytea_output = 'hex'; SET extra_float_digits = 1; SET xmlbinary = 'base64';
          SET search_path = pg_catalog\
          """);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
    return connection;
  }
}
