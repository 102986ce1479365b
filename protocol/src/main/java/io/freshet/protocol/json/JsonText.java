// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.nio.charset.StandardCharsets;

/// The canonical spelling of strings: the two-character escapes where JSON has one, the
/// six-character form for the other control characters, everything else as UTF-8.
final class JsonText {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /// Per ASCII character: 0 plain, 1 other control character, else the letter of its escape.
  private static final byte[] ESCAPES = escapes();

  private JsonText() {}

  private static byte[] escapes() {
    var table = new byte[128];
    for (int c = 0; c < 0x20; c++) {
      table[c] = 1;
    }
    table['"'] = '"';
    table['\\'] = '\\';
    table['\b'] = 'b';
    table['\f'] = 'f';
    table['\n'] = 'n';
    table['\r'] = 'r';
    table['\t'] = 't';
    return table;
  }

  /// Length of the encoded string, quotes included.
  ///
  /// @throws FreshetException `INVALID_JSON` for a lone surrogate
  static int encodedBytes(String text) {
    int bytes = 2;
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c < 128) {
        int escape = ESCAPES[c];
        bytes += escape == 0 ? 1 : escape == 1 ? 6 : 2;
      } else if (c < 0x800) {
        bytes += 2;
      } else if (!Character.isSurrogate(c)) {
        bytes += 3;
      } else {
        requirePair(text, i++);
        bytes += 4;
      }
    }
    return bytes;
  }

  private static void requirePair(String text, int index) {
    if (index + 1 >= text.length()
        || !Character.isSurrogatePair(text.charAt(index), text.charAt(index + 1))) {
      throw new FreshetException(
          ErrorCode.INVALID_JSON, "A string holds half of a surrogate pair; send valid Unicode");
    }
  }

  /// Writes the encoded string and returns the place after it.
  static int write(String text, byte[] target, int at) {
    int to = at;
    target[to++] = '"';
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c < 128) {
        int escape = ESCAPES[c];
        if (escape == 0) {
          target[to++] = (byte) c;
        } else {
          to = writeEscape(c, escape, target, to);
        }
      } else if (c < 0x800) {
        target[to++] = (byte) (0xC0 | c >> 6);
        target[to++] = (byte) (0x80 | c & 0x3F);
      } else if (!Character.isSurrogate(c)) {
        target[to++] = (byte) (0xE0 | c >> 12);
        target[to++] = (byte) (0x80 | c >> 6 & 0x3F);
        target[to++] = (byte) (0x80 | c & 0x3F);
      } else {
        int point = Character.toCodePoint(c, text.charAt(++i));
        target[to++] = (byte) (0xF0 | point >> 18);
        target[to++] = (byte) (0x80 | point >> 12 & 0x3F);
        target[to++] = (byte) (0x80 | point >> 6 & 0x3F);
        target[to++] = (byte) (0x80 | point & 0x3F);
      }
    }
    target[to++] = '"';
    return to;
  }

  private static int writeEscape(char c, int escape, byte[] target, int at) {
    int to = at;
    target[to++] = '\\';
    if (escape != 1) {
      target[to++] = (byte) escape;
      return to;
    }
    target[to++] = 'u';
    target[to++] = '0';
    target[to++] = '0';
    target[to++] = HEX[c >> 4];
    target[to++] = HEX[c & 0xF];
    return to;
  }

  static int decimalLength(long value) {
    if (value == Long.MIN_VALUE) {
      return 20;
    }
    int length = value < 0 ? 2 : 1;
    for (long rest = Math.abs(value); rest >= 10; rest /= 10) {
      length++;
    }
    return length;
  }
}
