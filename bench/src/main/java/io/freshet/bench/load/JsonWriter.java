// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;

/// Builds one JSON text after the other in a buffer it reuses. Texts are ASCII and written as they
/// are. Owned by the driver's thread.
final class JsonWriter {
  private byte[] bytes = new byte[1024];
  private int length;

  JsonWriter start(String text) {
    length = 0;
    return raw(text);
  }

  JsonWriter raw(String text) {
    return raw(text.getBytes(US_ASCII));
  }

  JsonWriter raw(byte[] text) {
    ensure(text.length);
    System.arraycopy(text, 0, bytes, length, text.length);
    length += text.length;
    return this;
  }

  /// A non-negative number.
  JsonWriter decimal(long value) {
    int digits = 1;
    for (long rest = value; rest >= 10; rest /= 10) {
      digits++;
    }
    ensure(digits);
    long rest = value;
    for (int i = length + digits - 1; i >= length; i--) {
      bytes[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += digits;
    return this;
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  private void ensure(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
