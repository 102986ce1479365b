// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.pattern;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The groups of a pattern. They are needed before they are reached: a reference may stand first,
/// and whether `\k` is one depends on there being names.
///
/// @param count of the groups that capture
/// @param numbers of those that have names
record GroupNames(int count, Map<String, Integer> numbers) {
  static GroupNames in(String text) {
    var names = new HashMap<String, Integer>();
    int count = 0;
    boolean inSet = false;
    for (int i = 0; i < text.length(); i++) {
      switch (text.charAt(i)) {
        case '\\' -> i++;
        case '[' -> inSet = true;
        case ']' -> inSet = false;
        case '(' -> {
          if (!inSet && isCapture(text, i)) {
            count++;
            noteName(text, i, count, names);
          }
        }
        default -> {}
      }
    }
    return new GroupNames(count, names);
  }

  private static boolean isCapture(String text, int open) {
    return !text.startsWith("?", open + 1)
        || text.startsWith("?<", open + 1)
            && !text.startsWith("?<=", open + 1)
            && !text.startsWith("?<!", open + 1);
  }

  private static void noteName(String text, int open, int number, Map<String, Integer> names) {
    if (!text.startsWith("?<", open + 1)) {
      return;
    }
    int close = text.indexOf('>', open);
    String name = close < 0 ? "" : text.substring(open + 3, close);
    if (!isIdentifier(name)) {
      throw NamePattern.invalid("a group has no valid name");
    }
    if (names.put(name, number) != null) {
      throw NamePattern.invalid("two groups are named " + name);
    }
  }

  private static boolean isIdentifier(String name) {
    return !name.isEmpty()
        && (Character.isUnicodeIdentifierStart(name.codePointAt(0))
            || "$_".indexOf(name.charAt(0)) >= 0)
        && name.codePoints()
            .skip(1)
            .allMatch(c ->
                Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c)
                    || c == '$'
                    || c == 0x200C
                    || c == 0x200D);
  }

  boolean isEmpty() {
    return numbers.isEmpty();
  }

  @Nullable Integer number(String name) {
    return numbers.get(name);
  }
}
