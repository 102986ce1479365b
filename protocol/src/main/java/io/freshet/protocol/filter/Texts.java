// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

/// Order and case of texts: by code point, as PostgreSQL's C collation has it.
final class Texts {
  private static final long QUICK_PRODUCT_MAX = 1 << 20;

  private Texts() {}

  /// Differs from [String#compareTo] where a surrogate meets a character above the surrogates.
  static int compare(String one, String other) {
    int shorter = Math.min(one.length(), other.length());
    for (int i = 0; i < shorter; i++) {
      char a = one.charAt(i);
      char b = other.charAt(i);
      if (a != b) {
        boolean sameRank = Character.isSurrogate(a) == Character.isSurrogate(b);
        return sameRank ? Character.compare(a, b) : Character.isSurrogate(a) ? 1 : -1;
      }
    }
    return Integer.compare(one.length(), other.length());
  }

  /// As [String#contains], but never takes longer than the two lengths together allow: what the JDK
  /// does is fast on ordinary texts and quadratic on crafted ones.
  static boolean contains(String text, String part) {
    return (long) text.length() * part.length() <= QUICK_PRODUCT_MAX
        ? text.contains(part)
        : containsLinearly(text, part);
  }

  /// After Knuth, Morris and Pratt: `matched` characters of the part end before `i`.
  private static boolean containsLinearly(String text, String part) {
    int[] borders = borders(part);
    int matched = 0;
    for (int i = 0; i < text.length() && matched < part.length(); i++) {
      while (matched > 0 && text.charAt(i) != part.charAt(matched)) {
        matched = borders[matched];
      }
      matched += text.charAt(i) == part.charAt(matched) ? 1 : 0;
    }
    return matched == part.length();
  }

  /// For each length of a beginning of the part, the length of the longest shorter beginning that
  /// it also ends with.
  private static int[] borders(String part) {
    var borders = new int[part.length() + 1];
    int border = 0;
    for (int i = 1; i < part.length(); i++) {
      while (border > 0 && part.charAt(i) != part.charAt(border)) {
        border = borders[border];
      }
      border += part.charAt(i) == part.charAt(border) ? 1 : 0;
      borders[i + 1] = border;
    }
    return borders;
  }

  /// The text in one case: two texts that differ only in case, character by character, become the
  /// same.
  static String fold(String text) {
    return isFolded(text) ? text : folded(text);
  }

  private static boolean isFolded(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x80 || c >= 'A' && c <= 'Z') {
        return false;
      }
    }
    return true;
  }

  /// Through upper case, because several lower-case letters share one (ς and σ).
  private static String folded(String text) {
    var folded = new StringBuilder(text.length());
    int point;
    for (int i = 0; i < text.length(); i += Character.charCount(point)) {
      point = text.codePointAt(i);
      folded.appendCodePoint(Character.toLowerCase(Character.toUpperCase(point)));
    }
    return folded.toString();
  }
}
