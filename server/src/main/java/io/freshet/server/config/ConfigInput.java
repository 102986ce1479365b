// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import java.util.List;
import java.util.Map;

/// Where configuration comes from. A later component wins over an earlier one.
///
/// @param fileName for messages; empty if there is no file
/// @param fileText the file's content, YAML
/// @param environment all variables; those that begin with `FRESHET_` may set keys
/// @param flags from the command line, each `server.port=6020`
public record ConfigInput(
    String fileName, String fileText, Map<String, String> environment, List<String> flags) {

  public ConfigInput {
    environment = Map.copyOf(environment);
    flags = List.copyOf(flags);
  }
}
