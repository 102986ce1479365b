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
        String line = EntryPages.line(source.settings(), key);
        if (!line.isEmpty()) {
          page.append(lead).append(line);
          lead = "    ";
        }
      }
    }
    return page.toString();
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

            """);
    return page.append(EntryPages.table(SourceKeys.ALL, "")).toString();
  }
}
