// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import java.util.List;
import java.util.Map;

/// Shows the entries of `auth`: those in effect as YAML, those there can be as a page. Stateless.
final class AuthPages {
  private AuthPages() {}

  static String print(List<AuthReader.Auth> entries) {
    if (entries.isEmpty()) {
      return "auth: []  # default\n";
    }
    var page = new StringBuilder("auth:\n");
    for (AuthReader.Auth entry : entries) {
      page.append("  - type: %s  # %s\n".formatted(entry.type(), entry.origin()));
      for (Key<?> key : AuthKeys.BY_TYPE.getOrDefault(entry.type(), List.of())) {
        page.append(line(entry, key, entries.size() == 1));
      }
    }
    return page.toString();
  }

  private static <T> String line(AuthReader.Auth entry, Key<T> key, boolean alone) {
    Settings settings = entry.settings();
    boolean written = settings.origin(key).isPresent();
    String value = key.type().format(settings.get(key));
    if (key.path().equals(AuthKeys.REPORT_PATH) && !written) {
      value = String.valueOf(alone);
    }
    return value.isEmpty() && !written ? "" : "    " + EntryPages.line(settings, key, value);
  }

  static String reference() {
    var page =
        new StringBuilder(
            """

            ## auth

            A list. Each entry has a `type` and what belongs to it; they are asked in order who a
            client is, until one knows. Without entries everybody may connect, from this machine
            only. `type: open` lets everybody in by the name they give, which is no authentication.
            File names are relative to where the server is started. On the command line an entry is
            named by its place, from 0: `--auth.0.type=file`. What to use when:
            [authentication](../guides/authentication.md).

            """);
    for (Map.Entry<String, List<Key<?>>> type : AuthKeys.BY_TYPE.entrySet()) {
      if (!type.getValue().isEmpty()) {
        page.append("`type: ").append(type.getKey()).append("`\n\n");
        page.append(EntryPages.table(type.getValue(), AuthKeys.REPORT_PATH)).append('\n');
      }
    }
    return page.toString().stripTrailing() + "\n";
  }
}
