// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

/// Order and case of texts: by code point, as PostgreSQL's C collation has it.
final class Texts {
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
    text.codePoints()
        .map(c -> Character.toLowerCase(Character.toUpperCase(c)))
        .forEach(folded::appendCodePoint);
    return folded.toString();
  }
}
