// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Checks that bytes are well-formed UTF-8 (Unicode standard, table 3-7). The tokenizer lets
/// overlong forms in strings pass: two spellings of one text, and a way to smuggle characters past
/// whoever looks at bytes. It also guesses UTF-16 and UTF-32 from the first four bytes.
final class Utf8 {
  private static final VarHandle EIGHT_BYTES =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long NOT_ASCII = 0x8080808080808080L;

  private Utf8() {}

  /// @throws FreshetException `INVALID_JSON`
  static void requireText(byte[] bytes, int offset, int length) {
    int end = offset + length;
    if (length >= 3
        && bytes[offset] == (byte) 0xEF
        && bytes[offset + 1] == (byte) 0xBB
        && bytes[offset + 2] == (byte) 0xBF) {
      throw invalid("it begins with a byte order mark; send UTF-8 without one");
    }
    for (int i = offset; i < Math.min(end, offset + 4); i++) {
      if (bytes[i] == 0) {
        throw invalid("it holds a zero byte; send UTF-8");
      }
    }
    int at = offset;
    while (at < end) {
      at = afterAscii(bytes, at, end);
      if (at < end) {
        at = afterMultiByte(bytes, at, end);
      }
    }
  }

  private static int afterAscii(byte[] bytes, int from, int end) {
    int at = from;
    while (at <= end - 8 && ((long) EIGHT_BYTES.get(bytes, at) & NOT_ASCII) == 0) {
      at += 8;
    }
    while (at < end && bytes[at] >= 0) {
      at++;
    }
    return at;
  }

  private static int afterMultiByte(byte[] bytes, int at, int end) {
    int first = bytes[at] & 0xFF;
    int more = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    if (first < 0xC2 || first > 0xF4 || at + more >= end) {
      throw malformed();
    }
    // The second byte excludes overlong forms, surrogates and what is beyond the last code point.
    int second = bytes[at + 1] & 0xFF;
    int lowest = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    int highest = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (second < lowest || second > highest) {
      throw malformed();
    }
    for (int i = at + 2; i <= at + more; i++) {
      if ((bytes[i] & 0xC0) != 0x80) {
        throw malformed();
      }
    }
    return at + more + 1;
  }

  private static FreshetException malformed() {
    return invalid("it holds bytes that are not UTF-8");
  }

  private static FreshetException invalid(String why) {
    return new FreshetException(ErrorCode.INVALID_JSON, "Not valid JSON: " + why);
  }
}
