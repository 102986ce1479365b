// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

/// A command that is refused, with the text for the user and the exit code.
final class RefusedException extends RuntimeException {
  private final ExitCode code;

  RefusedException(ExitCode code, String message) {
    super(message);
    this.code = code;
  }

  ExitCode code() {
    return code;
  }
}
