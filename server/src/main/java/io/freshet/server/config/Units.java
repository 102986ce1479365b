// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// Durations like `250ms 5s 2m 24h 7d` and sizes like `64KiB 10GiB`. Stateless.
final class Units {
  private static final Map<String, Long> MILLIS = new LinkedHashMap<>();
  private static final Map<String, Long> BYTES = new LinkedHashMap<>();

  // From the largest, which is the order to try when showing a value.
  static {
    MILLIS.put("d", 86_400_000L);
    MILLIS.put("h", 3_600_000L);
    MILLIS.put("m", 60_000L);
    MILLIS.put("s", 1_000L);
    MILLIS.put("ms", 1L);
    BYTES.put("TiB", 1L << 40);
    BYTES.put("GiB", 1L << 30);
    BYTES.put("MiB", 1L << 20);
    BYTES.put("KiB", 1L << 10);
    BYTES.put("B", 1L);
  }

  private Units() {}

  static Duration parseDuration(String text) {
    return Duration.ofMillis(
        parse(text, MILLIS, "must be a duration like 250ms, 5s, 2m, 24h or 7d"));
  }

  static long parseBytes(String text) {
    return parse(text, BYTES, "must be a size like 512B, 64KiB, 1MiB or 10GiB");
  }

  static String format(Duration duration) {
    return format(duration.toMillis(), MILLIS, "ms");
  }

  static String formatBytes(long bytes) {
    return format(bytes, BYTES, "B");
  }

  private static long parse(String text, Map<String, Long> units, String expected) {
    int digits = 0;
    while (digits < text.length() && Character.digit(text.charAt(digits), 10) >= 0) {
      digits++;
    }
    Long factor = units.get(text.substring(digits).strip());
    if (digits == 0 || factor == null) {
      throw new InvalidValueException(expected);
    }
    try {
      return Math.multiplyExact(Long.parseLong(text.substring(0, digits)), (long) factor);
    } catch (ArithmeticException | NumberFormatException _) {
      throw new InvalidValueException(expected);
    }
  }

  /// In the largest unit that divides the amount.
  private static String format(long amount, Map<String, Long> units, String smallest) {
    for (Map.Entry<String, Long> unit : units.entrySet()) {
      if (amount != 0 && amount % unit.getValue() == 0) {
        return amount / unit.getValue() + unit.getKey();
      }
    }
    return amount + smallest;
  }
}
