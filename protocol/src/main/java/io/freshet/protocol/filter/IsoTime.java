// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/// Reads the times of ISO 8601 that Prisma, PostgreSQL and JavaScript write: `2026-01-31`,
/// `2026-01-31T12:30:00.123456Z`, with a blank for the `T`, with an offset or without (UTC), with a
/// signed year of six digits, or a time alone (on the first day of 1970). Answers null for anything
/// else without the cost of an exception: it is asked about every row.
final class IsoTime {
  private static final int INVALID = -1;

  private final String text;
  private int at;

  private IsoTime(String text) {
    this.text = text;
  }

  static @Nullable Instant parse(String text) {
    return text.length() < 5 || text.length() > 40 ? null : new IsoTime(text).instant();
  }

  private @Nullable Instant instant() {
    boolean timeOnly = text.charAt(2) == ':';
    LocalDate date = timeOnly ? LocalDate.EPOCH : date();
    if (date == null) {
      return null;
    }
    if (at == text.length()) {
      return date.atStartOfDay().toInstant(ZoneOffset.UTC);
    }
    if (!timeOnly && !takes("Tt ")) {
      return null;
    }
    LocalTime time = time();
    ZoneOffset offset = time == null ? null : offset();
    return time == null || offset == null || at != text.length()
        ? null
        : date.atTime(time).toInstant(offset);
  }

  private @Nullable LocalDate date() {
    int sign = takes("-") ? -1 : 1;
    int year = number(sign < 0 || takes("+") ? 6 : 4);
    int month = takes("-") ? number(2) : INVALID;
    int day = takes("-") ? number(2) : INVALID;
    if (year == INVALID || month < 1 || month > 12 || day < 1) {
      return null;
    }
    var within = YearMonth.of(sign * year, month);
    return within.isValidDay(day) ? within.atDay(day) : null;
  }

  private @Nullable LocalTime time() {
    int hour = number(2);
    int minute = takes(":") ? number(2) : INVALID;
    int second = takes(":") ? number(2) : 0;
    int nanos = takes(".") ? fraction() : 0;
    boolean valid =
        hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
    return valid && nanos != INVALID ? LocalTime.of(hour, minute, second, nanos) : null;
  }

  private int fraction() {
    int nanos = 0;
    int digits = 0;
    for (; at < text.length() && isDigit(text.charAt(at)); at++) {
      if (++digits > 9) {
        return INVALID;
      }
      nanos = nanos * 10 + text.charAt(at) - '0';
    }
    for (int missing = digits; missing < 9; missing++) {
      nanos *= 10;
    }
    return digits == 0 ? INVALID : nanos;
  }

  private @Nullable ZoneOffset offset() {
    if (at == text.length() || takes("Zz")) {
      return ZoneOffset.UTC;
    }
    int sign = takes("-") ? -1 : takes("+") ? 1 : 0;
    int hours = sign == 0 ? INVALID : number(2);
    int minutes = at == text.length() ? 0 : minutes();
    return hours < 0 || hours > 17 || minutes < 0 || minutes > 59
        ? null
        : ZoneOffset.ofHoursMinutes(sign * hours, sign * minutes);
  }

  /// Of an offset: with a colon before, or without.
  private int minutes() {
    at += text.charAt(at) == ':' ? 1 : 0;
    return number(2);
  }

  private boolean takes(String any) {
    boolean there = at < text.length() && any.indexOf(text.charAt(at)) >= 0;
    if (there) {
      at++;
    }
    return there;
  }

  private int number(int digits) {
    if (at + digits > text.length()) {
      return INVALID;
    }
    int number = 0;
    for (int end = at + digits; at < end; at++) {
      if (!isDigit(text.charAt(at))) {
        return INVALID;
      }
      number = number * 10 + text.charAt(at) - '0';
    }
    return number;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
