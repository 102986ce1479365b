// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.json.JsonNumber;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Values that are one string or one number in JSON.
final class Scalars {
  private static final Map<Class<?>, Function<String, Object>> OF_TEXT =
      Map.ofEntries(
          Map.entry(String.class, text -> text),
          Map.entry(CharSequence.class, text -> text),
          Map.entry(Instant.class, text -> OffsetDateTime.parse(text).toInstant()),
          Map.entry(OffsetDateTime.class, OffsetDateTime::parse),
          Map.entry(ZonedDateTime.class, ZonedDateTime::parse),
          Map.entry(LocalDate.class, LocalDate::parse),
          Map.entry(LocalDateTime.class, LocalDateTime::parse),
          Map.entry(LocalTime.class, LocalTime::parse),
          Map.entry(Duration.class, Duration::parse),
          Map.entry(UUID.class, UUID::fromString),
          Map.entry(byte[].class, text -> Base64.getDecoder().decode(text)));

  private static final Map<Class<?>, Function<JsonNumber, Object>> OF_NUMBER =
      Map.ofEntries(
          Map.entry(int.class, number -> number.value().intValueExact()),
          Map.entry(Integer.class, number -> number.value().intValueExact()),
          Map.entry(long.class, Scalars::wholeOf),
          Map.entry(Long.class, Scalars::wholeOf),
          Map.entry(short.class, number -> number.value().shortValueExact()),
          Map.entry(Short.class, number -> number.value().shortValueExact()),
          Map.entry(byte.class, number -> number.value().byteValueExact()),
          Map.entry(Byte.class, number -> number.value().byteValueExact()),
          Map.entry(double.class, Scalars::doubleOf),
          Map.entry(Double.class, Scalars::doubleOf),
          Map.entry(float.class, number -> number.value().floatValue()),
          Map.entry(Float.class, number -> number.value().floatValue()),
          Map.entry(Number.class, PlainValues::numberOf),
          Map.entry(BigDecimal.class, JsonNumber::value),
          Map.entry(BigInteger.class, number -> number.value().toBigIntegerExact()),
          Map.entry(Instant.class, number -> Instant.ofEpochMilli(wholeOf(number))));

  private Scalars() {}

  static boolean isKnown(Class<?> type) {
    return OF_TEXT.containsKey(type)
        || OF_NUMBER.containsKey(type)
        || type == boolean.class
        || type == Boolean.class;
  }

  private static long wholeOf(JsonNumber number) {
    return number.isLong() ? number.longValue() : number.value().longValueExact();
  }

  private static double doubleOf(JsonNumber number) {
    return number.isLong() ? (double) number.longValue() : number.value().doubleValue();
  }

  /// @return null if the type cannot be this
  static @Nullable Object ofText(String text, Class<?> type) {
    if (type.isEnum()) {
      for (Object constant : type.getEnumConstants()) {
        if (((Enum<?>) constant).name().equals(text)) {
          return constant;
        }
      }
      return null;
    }
    Function<String, Object> reader = OF_TEXT.get(type);
    try {
      return reader == null ? null : reader.apply(text);
    } catch (DateTimeException | IllegalArgumentException other) {
      return null;
    }
  }

  /// @return null if the type cannot be this, or not without loss where it holds whole numbers
  static @Nullable Object ofNumber(JsonNumber number, Class<?> type) {
    Function<JsonNumber, Object> reader = OF_NUMBER.get(type);
    try {
      return reader == null ? null : reader.apply(number);
    } catch (ArithmeticException inexact) {
      return null;
    }
  }
}
