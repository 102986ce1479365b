// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import java.util.List;

/// Shows the members of entries: those in effect as lines of YAML, those there can be as a table of
/// the reference page. Stateless.
final class EntryPages {
  private EntryPages() {}

  /// One member; nothing for one that is not there.
  static <T> String line(Settings settings, Key<T> key) {
    String value = key.type().format(settings.get(key));
    return value.isEmpty() ? "" : line(settings, key, value);
  }

  /// @param value in effect
  static String line(Settings settings, Key<?> key, String value) {
    String origin = settings.origin(key).orElse("default");
    String shown = key.secret() ? "***" : EntryMembers.masked(value);
    return "%s: %s  # %s\n".formatted(key.path(), ConfigPrinter.yaml(key, shown), origin);
  }

  /// @param varying path of a key whose default is not always the same; empty for none
  static String table(List<Key<?>> keys, String varying) {
    var page = new StringBuilder("| Key | Default | Values | |\n|---|---|---|---|\n");
    keys.forEach(key -> page.append(row(key, !key.path().equals(varying))));
    return page.toString();
  }

  private static <T> String row(Key<T> key, boolean hasDefault) {
    String fallback = key.type().format(key.fallback());
    boolean shown = hasDefault && !fallback.isEmpty();
    return "| `%s` | %s | %s | %s |\n"
        .formatted(
            key.path(), shown ? "`" + fallback + "`" : "none", key.type().describe(), key.text());
  }
}
