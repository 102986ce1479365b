// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Reads one string after the other out of JSON text, checking that it is well-formed UTF-8
/// (Unicode standard, table 3-7): an overlong form would be a second spelling of the same text, and
/// a way past whoever looks at bytes.
final class TextReader {
  private static final boolean[] PLAIN = plain();

  private final byte[] in;
  private final int start;
  private final int end;
  private char[] characters = new char[16];
  private int length;
  private int at;
  private String text = "";
  private int encodedBytes;

  TextReader(byte[] in, int start, int end) {
    this.in = in;
    this.start = start;
    this.end = end;
  }

  /// Per byte: whether it stands for itself in a string, here and in the canonical encoding.
  private static boolean[] plain() {
    var table = new boolean[256];
    Arrays.fill(table, 0x20, 0x80, true);
    table['"'] = false;
    table['\\'] = false;
    return table;
  }

  static boolean isPlain(byte b) {
    return PLAIN[b & 0xFF];
  }

  /// The string last read.
  String text() {
    return text;
  }

  /// Length of its canonical encoding, quotes included.
  int encodedBytes() {
    return encodedBytes;
  }

  /// Reads the string whose opening quote is at `open` and returns the place after its end.
  ///
  /// @throws io.freshet.protocol.error.FreshetException `INVALID_JSON`
  int read(int open) {
    int from = open + 1;
    at = from;
    while (at < end && PLAIN[in[at] & 0xFF]) {
      at++;
    }
    if (at < end && in[at] == '"') {
      text = new String(in, from, at - from, StandardCharsets.ISO_8859_1);
      encodedBytes = at - from + 2;
      return at + 1;
    }
    return readOther(from);
  }

  /// A string that has more than plain ASCII, from [#at] on.
  private int readOther(int from) {
    length = 0;
    if (characters.length < at - from) {
      characters = new char[2 * (at - from)];
    }
    for (int i = from; i < at; i++) {
      put((char) in[i]);
    }
    while (at < end && in[at] != '"') {
      byte b = in[at];
      if (b == '\\') {
        at++;
        escape();
      } else if (b < 0) {
        multiByte(b & 0xFF);
      } else if (b < 0x20) {
        throw invalid("control characters in a string have to be escaped");
      } else {
        put((char) b);
        at++;
      }
    }
    if (at == end) {
      throw invalid("");
    }
    text = new String(characters, 0, length);
    encodedBytes = JsonText.encodedBytes(text);
    return at + 1;
  }

  private void put(char c) {
    if (length == characters.length) {
      characters = Arrays.copyOf(characters, 2 * length);
    }
    characters[length++] = c;
  }

  private void escape() {
    byte letter = at < end ? in[at] : 0;
    switch (letter) {
      case '"', '\\', '/' -> put((char) letter);
      case 'b' -> put('\b');
      case 'f' -> put('\f');
      case 'n' -> put('\n');
      case 'r' -> put('\r');
      case 't' -> put('\t');
      case 'u' -> {
        put(hexadecimal());
        at += 4;
      }
      default -> throw invalid("there is no such escape");
    }
    at++;
  }

  private char hexadecimal() {
    int value = 0;
    for (int i = at + 1; i <= at + 4; i++) {
      int digit = i < end && in[i] > 0 ? Character.digit(in[i], 16) : -1;
      if (digit < 0) {
        throw invalid("four hexadecimal digits should stand here");
      }
      value = value << 4 | digit;
    }
    return (char) value;
  }

  private void multiByte(int first) {
    int more = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    if (first < 0xC2 || first > 0xF4 || at + more >= end) {
      throw malformed();
    }
    // The second byte excludes overlong forms, surrogates and what is beyond the last code point.
    int second = in[at + 1] & 0xFF;
    int lowest = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    int highest = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (second < lowest || second > highest) {
      throw malformed();
    }
    int codePoint = first & 0x3F >> more;
    for (int i = at + 1; i <= at + more; i++) {
      if ((in[i] & 0xC0) != 0x80) {
        throw malformed();
      }
      codePoint = codePoint << 6 | in[i] & 0x3F;
    }
    if (more == 3) {
      put(Character.highSurrogate(codePoint));
      put(Character.lowSurrogate(codePoint));
    } else {
      put((char) codePoint);
    }
    at += more + 1;
  }

  private RuntimeException malformed() {
    return invalid("the bytes are not UTF-8");
  }

  private RuntimeException invalid(String why) {
    return JsonReader.invalid(at - start, at >= end ? "it ends too early" : why);
  }
}
