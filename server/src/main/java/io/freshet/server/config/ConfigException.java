// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import java.util.List;

/// A configuration that cannot be used. Holds every problem found, in the order of the sources.
public final class ConfigException extends RuntimeException {
  private final List<String> problems;

  ConfigException(List<String> problems) {
    super(
        "the configuration has %s:%n  - %s"
            .formatted(
                problems.size() == 1 ? "a problem" : problems.size() + " problems",
                String.join(System.lineSeparator() + "  - ", problems)));
    this.problems = List.copyOf(problems);
  }

  public List<String> problems() {
    return problems;
  }
}
