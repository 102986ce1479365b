// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import java.util.List;

/// Writes the keys as a page for people.
final class ReferencePage {
  private ReferencePage() {}

  static String of(List<Key<?>> keys) {
    var page =
        new StringBuilder(
            """
            # Configuration

            <!-- Written by `freshet config reference`. Change io.freshet.server.config.Keys instead. -->

            Everything has a default. A key can be set, in this order of precedence,

            1. on the command line: `./freshet start --server.port=7000`,
            2. by the environment variable named below,
            3. in `freshet.yml` in the working directory, or the file given with `--config`.

            In the file, `${NAME}` is replaced by the environment variable `NAME` (`$${NAME}` stands
            for itself). Durations are written `250ms`, `5s`, `2m`, `24h`, `7d`; sizes `512B`,
            `64KiB`, `1MiB`, `10GiB`. Lists are YAML lists, or values separated by commas on the
            command line and in the environment. An unknown key, or a value out of its bounds, stops
            the start; `./freshet config check` reports everything that is wrong at once, and
            `./freshet config print` shows what is in effect and where it comes from.

            """);
    String section = "";
    for (Key<?> key : keys) {
      int dot = key.path().indexOf('.');
      String group = dot < 0 ? "General" : key.path().substring(0, dot);
      if (!group.equals(section)) {
        section = group;
        page.append("## ").append(group).append("\n\n");
        page.append(note(group));
        page.append("| Key | Default | Values | Environment variable | |\n|---|---|---|---|---|\n");
      }
      page.append(row(key));
      if (isLastOf(group, keys, key)) {
        page.append('\n');
      }
    }
    return page.toString().stripTrailing() + "\n";
  }

  private static String note(String group) {
    return switch (group) {
      case "collections" ->
          """
          By name, or by pattern, where `*` stands for any letters: `collections.sensor-*.durability`.
          A name beats a pattern; of patterns the first one counts.

          """;
      case "pulse" ->
          """
          By the name of a model in the Prisma schema of the clients: `pulse.models.User.collection`.
          A model of which nothing is said can be streamed too.

          """;
      default -> "";
    };
  }

  private static <T> String row(Key<T> key) {
    String fallback = key.type().format(key.fallback());
    return "| `%s` | %s | %s | %s | %s |\n"
        .formatted(
            key.path(),
            key.isPerName() ? "" : fallback.isEmpty() ? "none" : "`" + fallback + "`",
            key.type().describe(),
            key.isPerName() ? "" : "`" + key.variable() + "`",
            key.text());
  }

  private static boolean isLastOf(String group, List<Key<?>> keys, Key<?> key) {
    int next = keys.indexOf(key) + 1;
    if (next == keys.size()) {
      return true;
    }
    String path = keys.get(next).path();
    int dot = path.indexOf('.');
    return !(dot < 0 ? "General" : path.substring(0, dot)).equals(group);
  }
}
