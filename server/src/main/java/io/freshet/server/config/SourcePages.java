// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import java.util.List;

/// Shows the entries of `sources`: those in effect as YAML, what there can be as a page. Stateless.
final class SourcePages {
  private SourcePages() {}

  static String print(List<SourceReader.Source> sources) {
    if (sources.isEmpty()) {
      return "sources: []  # default\n";
    }
    var page = new StringBuilder("sources:\n");
    for (SourceReader.Source source : sources) {
      String lead = "  - ";
      for (Key<?> key : SourceKeys.ALL) {
        String line = line(source.settings(), key);
        if (!line.isEmpty()) {
          page.append(lead).append(line);
          lead = "    ";
        }
      }
    }
    return page.toString();
  }

  private static <T> String line(Settings settings, Key<T> key) {
    String origin = settings.origin(key).orElse("default");
    String value = key.type().format(settings.get(key));
    if (value.isEmpty()) {
      return "";
    }
    String shown = key.secret() ? "***" : EntryMembers.masked(value);
    return "%s: %s  # %s\n".formatted(key.path(), ConfigPrinter.yaml(key, shown), origin);
  }

  static String reference() {
    var page =
        new StringBuilder(
            """

            ## sources

            A list of PostgreSQL databases. Each table named is a collection that follows the table;
            it is written to in the database only. `./freshet postgres doctor` says what is in the
            way of a source, with the statements that help. On the command line an entry is named by
            its place, from 0: `--sources.0.url=postgresql://freshet@127.0.0.1/app`.

            | Key | Default | Values | |
            |---|---|---|---|
            """);
    SourceKeys.ALL.forEach(key -> page.append(row(key)));
    return page.toString();
  }

  private static <T> String row(Key<T> key) {
    String fallback = key.type().format(key.fallback());
    return "| `%s` | %s | %s | %s |\n"
        .formatted(
            key.path(),
            fallback.isEmpty() ? "none" : "`" + fallback + "`",
            key.type().describe(),
            key.text());
  }
}
