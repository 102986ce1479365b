// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Writes settings as YAML, with where each came from.
final class ConfigPrinter {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9./_-]+");

  private ConfigPrinter() {}

  /// A line to print: a path, its value in YAML, and a comment.
  private record Line(String path, String value, String comment) {}

  static String print(Settings settings, List<Key<?>> keys) {
    var lines = new ArrayList<Line>();
    var done = new HashSet<String>();
    for (Key<?> key : keys) {
      if (!key.isPerName()) {
        lines.add(line(settings, key));
      } else if (done.add(key.prefix())) {
        settings.names(key.prefix()).forEach(name -> addNamed(lines, settings, key.prefix(), name));
      }
    }
    return nested(lines);
  }

  private static void addNamed(List<Line> lines, Settings settings, String prefix, String name) {
    for (Settings.Setting<?> setting : settings.perName(prefix)) {
      if (setting.path().startsWith(prefix + name + ".")) {
        lines.add(new Line(setting.path(), yaml(setting.key(), setting.shown()), setting.origin()));
      }
    }
  }

  private static <T> Line line(Settings settings, Key<T> key) {
    String value = key.type().format(settings.get(key));
    if (value.isEmpty() && !(key.type() instanceof ValueType.Several<?>)) {
      // An empty value sets nothing when it is read again.
      return new Line(key.path(), "", "not set");
    }
    String shown = key.secret() ? "***" : value;
    return new Line(key.path(), yaml(key, shown), settings.origin(key).orElse("default"));
  }

  /// A value in YAML.
  static String yaml(Key<?> key, String shown) {
    if (!(key.type() instanceof ValueType.Several<?>)) {
      return quoted(shown);
    }
    return shown.isEmpty()
        ? "[]"
        : Pattern.compile(",")
            .splitAsStream(shown)
            .map(ConfigPrinter::quoted)
            .collect(Collectors.joining(", ", "[", "]"));
  }

  private static String quoted(String text) {
    return PLAIN.matcher(text).matches()
        ? text
        : "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  /// A group's heading is left out if the line before was in that group too.
  private static String nested(List<Line> lines) {
    var page = new StringBuilder();
    List<String> open = List.of();
    for (Line line : lines) {
      List<String> parts = List.of(line.path().split("\\."));
      List<String> groups = parts.subList(0, parts.size() - 1);
      int shared = 0;
      while (shared < Math.min(open.size(), groups.size())
          && open.get(shared).equals(groups.get(shared))) {
        shared++;
      }
      for (int depth = shared; depth < groups.size(); depth++) {
        page.append("  ".repeat(depth)).append(quoted(groups.get(depth))).append(":\n");
      }
      page.append("  ".repeat(groups.size()))
          .append(parts.getLast())
          .append(line.value().isEmpty() ? ":" : ": ")
          .append(line.value())
          .append("  # ")
          .append(line.comment())
          .append('\n');
      open = groups;
    }
    return page.toString();
  }
}
