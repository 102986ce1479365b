// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;
import org.slf4j.event.Level;

/// One event on its way out. Control characters in what is logged are escaped in both forms, so
/// that nothing a client sends can forge a line.
///
/// @param values further facts, by name
record LogLine(
    Level level,
    String logger,
    String thread,
    String message,
    List<KeyValuePair> values,
    @Nullable Throwable failure) {

  LogLine {
    values = List.copyOf(values);
  }

  String asText(String time) {
    var line = new StringBuilder(128).append(time).append(' ');
    line.append(level.name());
    line.append(" ".repeat(5 - level.name().length() + 1));
    line.append(LogOutput.shortName(logger)).append(": ");
    escape(message, line, false);
    for (KeyValuePair value : values) {
      line.append(' ').append(value.key).append('=');
      escape(String.valueOf(value.value), line, false);
    }
    if (failure != null) {
      line.append(System.lineSeparator()).append(stackTrace(failure).stripTrailing());
    }
    return line.toString();
  }

  String asJson(String time) {
    var line = new StringBuilder(192).append("{\"time\":\"").append(time).append('"');
    member(line, "level", level.name().toLowerCase(Locale.ROOT));
    member(line, "logger", logger);
    member(line, "thread", thread);
    member(line, "message", message);
    for (KeyValuePair value : values) {
      member(line, value.key, String.valueOf(value.value));
    }
    if (failure != null) {
      member(line, "error", stackTrace(failure));
    }
    return line.append('}').toString();
  }

  private static void member(StringBuilder line, String name, String value) {
    line.append(",\"");
    escape(name, line, true);
    line.append("\":\"");
    escape(value, line, true);
    line.append('"');
  }

  private static void escape(String text, StringBuilder line, boolean quotes) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quotes && (c == '"' || c == '\\')) {
        line.append('\\').append(c);
      } else if (c == '\n') {
        line.append("\\n");
      } else if (Character.isISOControl(c) || Character.isSurrogate(c) && !isPaired(text, i)) {
        line.append("\\u%04x".formatted((int) c));
      } else {
        line.append(c);
      }
    }
  }

  private static boolean isPaired(String text, int i) {
    return Character.isHighSurrogate(text.charAt(i))
        ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
        : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
  }

  private static String stackTrace(Throwable failure) {
    var text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
