// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.pattern;

/// Reads the parts of a pattern that stand for one character out of a set: brackets and escapes.
final class SetReader {
  private final Cursor cursor;

  SetReader(Cursor cursor) {
    this.cursor = cursor;
  }

  /// Between brackets, the first already taken.
  CodePoints set() {
    boolean negative = cursor.take("^");
    CodePoints result = CodePoints.NONE;
    while (!cursor.take("]")) {
      CodePoints first = setMember();
      CodePoints last = null;
      if (cursor.sees("-") && !cursor.sees("-]") && cursor.at + 1 < cursor.text.length()) {
        cursor.at++;
        last = setMember();
      }
      result = result.or(last == null ? first : span(first, last));
    }
    return negative ? result.complement() : result;
  }

  /// From a member to another; when one of them is itself a set, they and the hyphen are members.
  private static CodePoints span(CodePoints first, CodePoints last) {
    if (first.only() < 0 || last.only() < 0) {
      return first.or(CodePoints.single('-')).or(last);
    }
    if (first.only() > last.only()) {
      throw NamePattern.invalid("a range in brackets is out of order");
    }
    return CodePoints.range(first.only(), last.only());
  }

  private CodePoints setMember() {
    if (cursor.isAtEnd()) {
      throw NamePattern.invalid("a bracket is not closed");
    }
    int codePoint = cursor.take();
    if (codePoint != '\\') {
      return CodePoints.single(codePoint);
    }
    if (cursor.isAtEnd()) {
      throw NamePattern.invalid("it ends with a backslash");
    }
    return cursor.take("b") ? CodePoints.single('\b') : escapedCharacters(true);
  }

  CodePoints escapedCharacters(boolean inSet) {
    int codePoint = cursor.take();
    return switch (codePoint) {
      case 'd' -> CodePoints.DIGIT;
      case 'D' -> CodePoints.DIGIT.complement();
      case 'w' -> CodePoints.WORD;
      case 'W' -> CodePoints.WORD.complement();
      case 's' -> CodePoints.SPACE;
      case 'S' -> CodePoints.SPACE.complement();
      default -> CodePoints.single(escapedCharacter(codePoint, inSet));
    };
  }

  private int escapedCharacter(int codePoint, boolean inSet) {
    return switch (codePoint) {
      case 't' -> '\t';
      case 'n' -> '\n';
      case 'v' -> 0x0B;
      case 'f' -> '\f';
      case 'r' -> '\r';
      case 'c' -> control(inSet);
      case 'x' -> hexadecimal(2, 'x');
      case 'u' -> unicode();
      case '0', '1', '2', '3', '4', '5', '6', '7' -> octal(codePoint - '0');
      default -> codePoint;
    };
  }

  /// `\cA`; without a letter the backslash stands for itself, and the c for itself behind it.
  private int control(boolean inSet) {
    char c = cursor.peek();
    if (c >= 'A' && c <= 'Z'
        || c >= 'a' && c <= 'z'
        || inSet && (Cursor.isDigit(c, 10) || c == '_')) {
      cursor.at++;
      return c % 32;
    }
    cursor.at--;
    return '\\';
  }

  private int hexadecimal(int digits, int otherwise) {
    if (cursor.at + digits > cursor.text.length()) {
      return otherwise;
    }
    for (int i = cursor.at; i < cursor.at + digits; i++) {
      if (!Cursor.isDigit(cursor.text.charAt(i), 16)) {
        return otherwise;
      }
    }
    cursor.at += digits;
    return Integer.parseInt(cursor.text, cursor.at - digits, cursor.at, 16);
  }

  /// Four digits, a surrogate pair of two such, or any number of digits in braces.
  private int unicode() {
    if (cursor.sees("{")) {
      return braced();
    }
    int unit = hexadecimal(4, 'u');
    if (Character.isBmpCodePoint(unit) && Character.isHighSurrogate((char) unit)) {
      int start = cursor.at;
      int low = cursor.take("\\u") ? hexadecimal(4, 'u') : 0;
      if (Character.isLowSurrogate((char) low)) {
        return Character.toCodePoint((char) unit, (char) low);
      }
      cursor.at = start;
    }
    return unit;
  }

  private int braced() {
    int close = cursor.text.indexOf('}', cursor.at);
    if (close <= cursor.at + 1 || close > cursor.at + 9) {
      return 'u';
    }
    for (int i = cursor.at + 1; i < close; i++) {
      if (!Cursor.isDigit(cursor.text.charAt(i), 16)) {
        return 'u';
      }
    }
    int codePoint = Integer.parseUnsignedInt(cursor.text, cursor.at + 1, close, 16);
    if (!Character.isValidCodePoint(codePoint)) {
      throw NamePattern.invalid("\\u names no character");
    }
    cursor.at = close + 1;
    return codePoint;
  }

  /// Up to three octal digits, 377 at most.
  private int octal(int firstDigit) {
    int value = firstDigit;
    for (int digits = 1; digits < 3 && cursor.at < cursor.text.length(); digits++) {
      char c = cursor.text.charAt(cursor.at);
      if (!Cursor.isDigit(c, 8) || value * 8 + (c - '0') > 255) {
        break;
      }
      value = value * 8 + (c - '0');
      cursor.at++;
    }
    return value;
  }
}
