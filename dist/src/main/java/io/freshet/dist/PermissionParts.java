// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.engine.guard.Guard;
import io.freshet.server.config.FreshetConfig;
import io.freshet.server.files.UnusableFileException;
import io.freshet.server.permissions.Permissions;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/// Makes the guard that the configuration asks for. Stateless.
final class PermissionParts {
  private PermissionParts() {}

  /// The rules; empty if everybody may do everything.
  ///
  /// @throws RefusedException with everything that is wrong with the file
  static Optional<Permissions> open(FreshetConfig config) {
    return config.permissions().map(PermissionParts::open);
  }

  /// The rules of this file.
  ///
  /// @throws RefusedException with everything that is wrong with it
  static Permissions open(String file) {
    try {
      return new Permissions(Path.of(file), InstantSource.system());
    } catch (UnusableFileException e) {
      throw new RefusedException(ExitCode.USAGE, "permissions: " + e.getMessage());
    }
  }

  static Guard guard(Optional<Permissions> permissions) {
    return permissions.isPresent() ? permissions.get() : Guard.OPEN;
  }
}
