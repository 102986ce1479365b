// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/// What people ask of a database before a source works: what is in its way, and to make what it
/// lacks. Each call connects, and blocks. Stateless.
public final class PostgresAdmin {
  private PostgresAdmin() {}

  /// What was made, or would be.
  ///
  /// @param statements in order; empty if nothing was missing
  /// @param refusal why they could not be carried out; empty if they were, or were not to be
  public record SetupReport(List<String> statements, String refusal) {
    public SetupReport {
      statements = List.copyOf(statements);
    }
  }

  /// Nothing if all is well. A database that cannot be reached is a finding.
  public static List<Finding> doctor(PostgresOptions options) {
    try (Connection connection = Connections.query(options)) {
      return Doctor.examine(Catalog.read(connection, options), options);
    } catch (SQLException e) {
      return List.of(unreachable(options, e));
    }
  }

  private static Finding unreachable(PostgresOptions options, SQLException e) {
    return Finding.error("Cannot ask %s: %s".formatted(options.url(), e.getMessage()));
  }

  /// Makes publication and slot where they are missing, and adds tables to the publication.
  ///
  /// @param dryRun whether only to say what would be done
  public static SetupReport setup(PostgresOptions options, boolean dryRun) {
    List<Statement> missing = List.of();
    try (Connection connection = Connections.query(options)) {
      missing = Setup.missing(Catalog.read(connection, options), options);
      if (!dryRun) {
        Setup.carryOut(connection, missing);
      }
      return new SetupReport(missing.stream().map(Statement::sql).toList(), "");
    } catch (SQLException e) {
      return new SetupReport(
          missing.stream().map(Statement::sql).toList(),
          missing.isEmpty() ? unreachable(options, e).text() : String.valueOf(e.getMessage()));
    }
  }
}
