// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

/// User's text inside a message.
final class Quoted {
  private static final int LENGTH_MAX = 80;

  private Quoted() {}

  static String of(FieldPath path) {
    return of(path.render());
  }

  /// Shortened, and never with the word that tells clients a message of status 409 (Sync contract,
  /// section 3): they look for it anywhere in the text.
  static String of(String text) {
    String shown = text;
    if (text.length() > LENGTH_MAX) {
      int end = Character.isHighSurrogate(text.charAt(LENGTH_MAX - 1)) ? 1 : 0;
      shown = text.substring(0, LENGTH_MAX - end) + "…";
    }
    return '"' + shown.replace("conflict", "confl…") + '"';
  }
}
