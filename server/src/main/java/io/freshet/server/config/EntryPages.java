// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import io.freshet.server.config.TypedEntries.TypedEntry;
import java.util.List;
import java.util.Map;

/// Shows entries of a list: those in effect as YAML, those there can be as a page. Stateless.
final class EntryPages {
  private EntryPages() {}

  static String print(String root, Map<String, List<Key<?>>> keysByType, List<TypedEntry> entries) {
    if (entries.isEmpty()) {
      return root + ": []  # default\n";
    }
    var page = new StringBuilder(root + ":\n");
    for (TypedEntry entry : entries) {
      page.append("  - type: %s  # %s\n".formatted(entry.type(), entry.origin()));
      for (Key<?> key : keysByType.getOrDefault(entry.type(), List.of())) {
        page.append(line(entry, key, entries.size() == 1));
      }
    }
    return page.toString();
  }

  private static <T> String line(TypedEntry entry, Key<T> key, boolean alone) {
    Settings settings = entry.settings();
    String origin = settings.origin(key).orElse("default");
    String value = key.type().format(settings.get(key));
    if (key.path().equals("reportInvalidParameters") && origin.equals("default")) {
      value = String.valueOf(alone);
    }
    return value.isEmpty() && origin.equals("default")
        ? ""
        : "    %s: %s  # %s\n"
            .formatted(key.path(), ConfigPrinter.yaml(key, key.secret() ? "***" : value), origin);
  }

  static String reference(String root, Map<String, List<Key<?>>> keysByType, String introduction) {
    var page = new StringBuilder("\n## " + root + "\n\n" + introduction + "\n");
    for (Map.Entry<String, List<Key<?>>> type : keysByType.entrySet()) {
      if (!type.getValue().isEmpty()) {
        page.append("`type: ").append(type.getKey()).append("`\n\n");
        page.append("| Key | Default | Values | |\n|---|---|---|---|\n");
        type.getValue().forEach(key -> page.append(row(key)));
        page.append('\n');
      }
    }
    return page.toString().stripTrailing() + "\n";
  }

  private static <T> String row(Key<T> key) {
    String fallback = key.type().format(key.fallback());
    boolean shown = !fallback.isEmpty() && !key.path().equals("reportInvalidParameters");
    return "| `%s` | %s | %s | %s |\n"
        .formatted(
            key.path(), shown ? "`" + fallback + "`" : "none", key.type().describe(), key.text());
  }
}
