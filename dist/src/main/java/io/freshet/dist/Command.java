// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import java.util.List;
import java.util.Optional;

/// What somebody wants done, as read from the command line.
sealed interface Command {
  record Start(Sources sources, boolean insecure) implements Command {}

  record Version() implements Command {}

  record Help(String text) implements Command {}

  record ConfigCheck(Sources sources) implements Command {}

  /// @param file if it was named; otherwise that of the configuration
  record PermissionsCheck(Sources sources, Optional<String> file) implements Command {}

  record ConfigPrint(Sources sources) implements Command {}

  record ConfigReference() implements Command {}

  /// @param source name of the only one meant; empty for all
  record Postgres(Sources sources, PostgresVerb verb, Optional<String> source) implements Command {}

  enum PostgresVerb {
    DOCTOR,
    SETUP,
    /// Says what setup would do.
    SETUP_DRY
  }

  /// One of [IdentityCommands].
  record Identity(List<String> arguments) implements Command {
    public Identity {
      arguments = List.copyOf(arguments);
    }
  }

  /// @param url of the server, if it was named
  /// @param token if it was given
  /// @param trust for https
  record Admin(
      Sources sources,
      Optional<String> url,
      Optional<String> token,
      TlsTrust trust,
      AdminAction action)
      implements Command {}

  /// Where the configuration comes from, besides the environment.
  ///
  /// @param file if it was named
  /// @param flags each `server.port=7000`, in order
  record Sources(Optional<String> file, List<String> flags) {
    public Sources {
      flags = List.copyOf(flags);
    }
  }
}
