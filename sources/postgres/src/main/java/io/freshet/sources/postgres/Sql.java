// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import java.util.Collection;
import java.util.stream.Collectors;

/// Quotes what is put into statements. Stateless.
final class Sql {
  private Sql() {}

  /// An identifier, always in quotes.
  static String name(String identifier) {
    return "\"" + identifier.replace("\"", "\"\"") + "\"";
  }

  static String name(String schema, String identifier) {
    return name(schema) + "." + name(identifier);
  }

  static String names(Collection<String> identifiers) {
    return identifiers.stream().map(Sql::name).collect(Collectors.joining(", "));
  }

  /// A string constant, whatever the settings of the session.
  static String text(String value) {
    String quoted = "'" + value.replace("'", "''") + "'";
    return value.contains("\\") ? " E" + quoted.replace("\\", "\\\\") : quoted;
  }
}
