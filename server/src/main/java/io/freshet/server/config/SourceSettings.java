// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One entry of `sources`: a database whose tables are collections here.
public sealed interface SourceSettings {
  String name();

  /// @param url with the user, perhaps with the password
  /// @param password empty if the URL has it, or for none
  record Postgres(
      String name,
      String url,
      String password,
      List<Table> tables,
      String publication,
      String slot,
      boolean automaticSetup,
      Duration heartbeat)
      implements SourceSettings {
    @Override
    public String toString() {
      return "Postgres[" + name + "]";
    }
  }

  /// @param table as it was written
  /// @param collection null for the one of the table's name
  record Table(String table, @Nullable String collection) {}
}
