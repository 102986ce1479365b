// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;

/// JSON texts of an exact size.
final class Payload {
  private static final int MEMBER_BYTES = 100;

  private final byte[] bytes;

  /// A JSON string that takes that many bytes with its quotes.
  Payload(int size) {
    if (size < 4) {
      throw new LoadException("a patch needs 4 bytes, not " + size);
    }
    bytes = new byte[size];
    Arrays.fill(bytes, (byte) 'x');
    bytes[0] = '"';
    bytes[size - 1] = '"';
  }

  /// The text with a running number in it, so that no write leaves the document as it was. The
  /// array is the same every time.
  byte[] stamped(long number) {
    long rest = number;
    for (int i = bytes.length - 2; i > 0 && i > bytes.length - 20; i--) {
      bytes[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return bytes;
  }

  /// The running number in a text that [#stamped] made; its last digits if it had too many.
  static int stamp(byte[] bytes, int from, int to) {
    int number = 0;
    int digit = 1;
    for (int i = to - 2; i > from && digit < 1_000_000_000; i--) {
      int value = bytes[i] - '0';
      if (value < 0 || value > 9) {
        break;
      }
      number += value * digit;
      digit *= 10;
    }
    return number;
  }

  /// A JSON object of that many bytes: member `v`, which the patches write, and members `k0`, `k1`
  /// … of about 100 bytes each.
  static byte[] document(int size) {
    var text = new StringBuilder(size + MEMBER_BYTES).append("{\"v\":\"\"");
    for (int i = 0; size - text.length() > MEMBER_BYTES * 2; i++) {
      String head = ",\"k" + i + "\":\"";
      text.append(head).append("y".repeat(MEMBER_BYTES - head.length() - 1)).append('"');
    }
    String last = ",\"z\":\"";
    int rest = size - text.length() - last.length() - 2;
    if (rest >= 0) {
      text.append(last).append("y".repeat(rest)).append('"');
    }
    return text.append('}').toString().getBytes(US_ASCII);
  }
}
