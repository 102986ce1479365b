// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// One entry of `sources`: a PostgreSQL database whose tables are collections.
///
/// @param url `postgresql://user@host:port/database`, perhaps with a password in it
/// @param password empty for none, or the one in the URL
/// @param automaticSetup whether publication and slot are made if they are missing
/// @param heartbeat zero for never
/// @param rowBytesMax most bytes of a row as JSON
public record SourceSettings(
    String name,
    String url,
    String password,
    List<Table> tables,
    String publication,
    String slot,
    boolean automaticSetup,
    Duration heartbeat,
    long rowBytesMax) {

  /// @param table `name`, `schema.name`, `*` or `schema.*`
  /// @param collection of a single table; empty for the one of its name
  public record Table(String table, Optional<String> collection) {}

  /// Without what is secret.
  @Override
  public String toString() {
    return "SourceSettings[" + name + "]";
  }
}
