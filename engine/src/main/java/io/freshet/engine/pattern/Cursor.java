// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.pattern;

/// A place in a pattern's text.
final class Cursor {
  final String text;
  int at;

  Cursor(String text) {
    this.text = text;
  }

  boolean isAtEnd() {
    return at == text.length();
  }

  /// Whether this stands next.
  boolean sees(String expected) {
    return text.startsWith(expected, at);
  }

  /// Moves behind this if it stands next.
  boolean take(String expected) {
    if (!sees(expected)) {
      return false;
    }
    at += expected.length();
    return true;
  }

  /// The next character.
  int take() {
    int codePoint = text.codePointAt(at);
    at += Character.charCount(codePoint);
    return codePoint;
  }

  /// The next UTF-16 unit, 0 at the end; stays where it is.
  char peek() {
    return isAtEnd() ? 0 : text.charAt(at);
  }

  /// The whole number that stands next, -1 when there is none. Very large ones are all alike.
  int takeNumber() {
    int start = at;
    int value = 0;
    while (isDigit(peek(), 10)) {
      value = Math.min(value * 10 + text.charAt(at++) - '0', 100_000_000);
    }
    return at == start ? -1 : value;
  }

  /// ASCII digits only.
  static boolean isDigit(char c, int radix) {
    return c < 128 && Character.digit(c, radix) >= 0;
  }
}
