// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;

/// Finds the methods of a Java source file by counting braces. It knows as much Java as that takes:
/// comments and literals are blanked out, and a brace directly inside a type that follows something
/// else than a type's header or an assignment begins a method.
final class Methods {
  private static final Pattern TYPE =
      Pattern.compile("(^|[\\s)])(class|interface|enum|record)\\s+\\w+[^=]*$", Pattern.DOTALL);
  private static final Pattern ANONYMOUS =
      Pattern.compile("\\bnew\\s+[\\w.<>\\[\\], ?@]+\\(.*\\)\\s*$", Pattern.DOTALL);

  private enum Block {
    TYPE,
    METHOD,
    OTHER
  }

  private record Open(Block block, int line, String header) {}

  /// @param line of its header's last line, counted from 1
  /// @param lines from there to its closing brace, both included
  record Method(String header, int line, int lines) {}

  private final String code;
  private final Deque<Open> open = new ArrayDeque<>();
  private final List<Method> methods = new ArrayList<>();

  private Methods(String source) {
    this.code = blanked(source);
  }

  static List<Method> of(String source) {
    var scan = new Methods(source);
    scan.run();
    return scan.methods;
  }

  private void run() {
    int line = 1;
    int headerFrom = 0;
    for (int i = 0; i < code.length(); i++) {
      switch (code.charAt(i)) {
        case '\n' -> line++;
        case ';' -> headerFrom = i + 1;
        case '{' -> {
          String header = code.substring(headerFrom, i).strip();
          open.push(new Open(kind(header), line, header));
          headerFrom = i + 1;
        }
        case '}' -> {
          close(line);
          headerFrom = i + 1;
        }
        default -> {}
      }
    }
  }

  private Block kind(String header) {
    if (TYPE.matcher(header).find() || ANONYMOUS.matcher(header).find()) {
      return Block.TYPE;
    }
    Open around = open.peek();
    boolean inType = around != null && around.block == Block.TYPE;
    return inType && !header.endsWith("=") && !header.endsWith("(") ? Block.METHOD : Block.OTHER;
  }

  private void close(int line) {
    Open closed = open.pop();
    if (closed.block == Block.METHOD) {
      methods.add(new Method(closed.header, closed.line, line - closed.line + 1));
    }
  }

  /// The source with comments and the contents of literals as spaces; lines stay where they are.
  static String blanked(String source) {
    var out = new StringBuilder(source);
    int at = 0;
    while (at < source.length()) {
      int end = tokenEnd(source, at);
      for (int i = at; end > at + 1 && i < end; i++) {
        if (source.charAt(i) != '\n') {
          out.setCharAt(i, ' ');
        }
      }
      at = end;
    }
    return out.toString();
  }

  /// Where the comment or literal that begins here ends; the next character if none does.
  private static int tokenEnd(String source, int at) {
    if (source.startsWith("//", at)) {
      return endOf(source, source.indexOf('\n', at), 0);
    } else if (source.startsWith("/*", at)) {
      return endOf(source, source.indexOf("*/", at + 2), 2);
    } else if (source.startsWith("\"\"\"", at)) {
      return endOf(source, source.indexOf("\"\"\"", at + 3), 3);
    }
    char quote = source.charAt(at);
    return quote == '"' || quote == '\'' ? literalEnd(source, at, quote) : at + 1;
  }

  private static int endOf(String source, int found, int length) {
    return found < 0 ? source.length() : found + length;
  }

  private static int literalEnd(String source, int at, char quote) {
    for (int i = at + 1; i < source.length(); i++) {
      if (source.charAt(i) == '\\') {
        i++;
      } else if (source.charAt(i) == quote) {
        return i + 1;
      }
    }
    return source.length();
  }
}
