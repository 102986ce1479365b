// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/// The role may not make what is missing. The message holds the statements for somebody who may.
final class SetupRefusedException extends SQLException {
  SetupRefusedException(SQLException cause, List<Statement> missing) {
    super(
        "The role may not make what is missing (%s). Let somebody who may run: %s"
            .formatted(
                firstLine(cause),
                missing.stream().map(Statement::sql).collect(Collectors.joining(" "))),
        cause.getSQLState(),
        cause);
  }

  private static String firstLine(SQLException cause) {
    String message = String.valueOf(cause.getMessage());
    return message.lines().findFirst().orElse(message);
  }
}
