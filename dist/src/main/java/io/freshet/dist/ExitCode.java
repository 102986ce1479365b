// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import java.util.Arrays;
import java.util.stream.Collectors;

/// What the process says to whoever started it.
enum ExitCode {
  OK(0, "done; for `start`: stopped as asked by SIGTERM or SIGINT"),
  FAILURE(1, "an error of the server's own; the log says more. postgres: something is in the way"),
  USAGE(2, "the command line or the configuration is wrong, or asks for something unsafe"),
  CANNOT_LISTEN(3, "the address or port is in use, or not this machine's"),
  DATA_UNUSABLE(4, "the data directory is in use by another server, or cannot be used"),
  UNREACHABLE(5, "admin: the server cannot be reached"),
  ADMIN_REFUSED(6, "admin: the server refused; the message says why"),
  NOT_FOUND(7, "admin: there is no such record or connection");

  private final int number;
  private final String meaning;

  ExitCode(int number, String meaning) {
    this.number = number;
    this.meaning = meaning;
  }

  int number() {
    return number;
  }

  static String table() {
    return Arrays.stream(values())
        .map(code -> "  %d  %s%n".formatted(code.number, code.meaning))
        .collect(Collectors.joining());
  }
}
