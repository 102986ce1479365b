// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Reads what is percent-encoded in a request's target. Stateless.
final class PercentCoding {
  private PercentCoding() {}

  /// @throws IllegalArgumentException if it is not UTF-8, percent-encoded where it has to be
  static String decoded(String text) {
    return decoded(text, '+');
  }

  /// As a form writes it: a plus is a space.
  ///
  /// @throws IllegalArgumentException if it is not UTF-8, percent-encoded where it has to be
  static String decodedOfForm(String text) {
    return decoded(text, ' ');
  }

  private static String decoded(String text, char plus) {
    var bytes = ByteBuffer.allocate(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        bytes.put((byte) (hexDigit(text, i + 1) << 4 | hexDigit(text, i + 2)));
        i += 2;
      } else if (c > ' ' && c < 0x7F) {
        bytes.put((byte) (c == '+' ? plus : c));
      } else {
        throw new IllegalArgumentException("a character that has to be percent-encoded");
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("not UTF-8", e);
    }
  }

  private static int hexDigit(String text, int at) {
    char c = at < text.length() ? text.charAt(at) : ' ';
    int digit = c < 0x80 ? Character.digit(c, 16) : -1;
    if (digit < 0) {
      throw new IllegalArgumentException("% without two hexadecimal digits");
    }
    return digit;
  }
}
