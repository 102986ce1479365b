// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.math.BigDecimal;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// What a field's values are read as: a type of Prisma's, or whatever JSON has there.
public enum FieldType {
  /// No type is known: the value is what its JSON says.
  ANY("any value"),
  /// A whole number of 32 bits.
  INT("Int"),
  /// A whole number of 64 bits, or a string that spells one.
  BIGINT("BigInt"),
  /// A number.
  FLOAT("Float"),
  /// A number, or a string that spells one; of any length, exact.
  DECIMAL("Decimal"),
  BOOLEAN("Boolean"),
  STRING("String"),
  /// A label. What labels there are is not known.
  ENUM("enum"),
  /// A string in ISO 8601: date and time, only one of them, with or without an offset (none: UTC).
  DATETIME("DateTime"),
  /// A string in base 64.
  BYTES("Bytes"),
  /// As [#ANY], but filters have Prisma's JSON operators.
  JSON("Json");

  /// Longest spelling of a decimal that is read.
  private static final int DECIMAL_CHARACTERS_MAX = 4096;

  private final String prismaName;

  FieldType(String prismaName) {
    this.prismaName = prismaName;
  }

  /// What Prisma calls it.
  public String prismaName() {
    return prismaName;
  }

  /// The type of that name in Prisma's models and `$type` tags (`Int`, `DateTime` …); null for
  /// others. An enum's name is its own, so it is not found here.
  public static @Nullable FieldType ofPrismaName(String name) {
    return switch (name) {
      case "Int" -> INT;
      case "BigInt" -> BIGINT;
      case "Float" -> FLOAT;
      case "Decimal" -> DECIMAL;
      case "Boolean" -> BOOLEAN;
      case "String" -> STRING;
      case "DateTime" -> DATETIME;
      case "Bytes" -> BYTES;
      case "Json" -> JSON;
      default -> null;
    };
  }

  /// The value as this type has it, so that equal values are `equals`: a `String` (for `BYTES` in
  /// canonical base 64), a `Boolean`, an `Instant`, a `Long` for a whole number that fits and a
  /// `BigDecimal` without trailing zeros for any other, a [JsonValue] for containers.
  ///
  /// @return null for JSON's null and for what is not of this type
  public @Nullable Object read(JsonValue value) {
    return switch (this) {
      case ANY, JSON -> any(value);
      case INT ->
          whole(value) instanceof Long number && number == number.intValue() ? number : null;
      case BIGINT -> whole(value instanceof JsonString text ? decimal(text.value()) : value);
      case FLOAT -> value instanceof JsonNumber number ? number(number) : null;
      case DECIMAL -> value instanceof JsonString text ? decimal(text.value()) : FLOAT.read(value);
      case BOOLEAN -> value instanceof JsonBoolean bool ? bool == JsonBoolean.TRUE : null;
      case STRING, ENUM -> value instanceof JsonString text ? text.value() : null;
      case DATETIME -> value instanceof JsonString text ? IsoTime.parse(text.value()) : null;
      case BYTES -> value instanceof JsonString text ? bytes(text.value()) : null;
    };
  }

  private static @Nullable Object any(JsonValue value) {
    return switch (value) {
      case JsonNull nothing -> null;
      case JsonString text -> text.value();
      case JsonNumber number -> number(number);
      case JsonBoolean bool -> bool == JsonBoolean.TRUE;
      case JsonValue container -> container;
    };
  }

  private static Object number(JsonNumber number) {
    return number.isLong() ? number.longValue() : number.value();
  }

  private static @Nullable Object whole(@Nullable Object value) {
    Object number = value instanceof JsonNumber json ? number(json) : value;
    return number instanceof Long ? number : null;
  }

  private static @Nullable Object decimal(String text) {
    if (text.length() > DECIMAL_CHARACTERS_MAX || !looksLikeNumber(text)) {
      return null;
    }
    try {
      return number(new BigDecimal(text));
    } catch (NumberFormatException notANumber) {
      return null;
    }
  }

  /// Keeps most of what is no number from the cost of an exception, and all digits but ASCII's out.
  private static boolean looksLikeNumber(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean sign = c == '-' || c == '+';
      if (!(c >= '0' && c <= '9' || c == '.' || c == 'e' || c == 'E' || sign)) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  private static Object number(BigDecimal value) {
    BigDecimal stripped = value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
    boolean fits = stripped.scale() <= 0 && (long) stripped.precision() - stripped.scale() <= 19;
    if (fits) {
      try {
        return stripped.longValueExact();
      } catch (ArithmeticException wider) {
        return stripped;
      }
    }
    return stripped;
  }

  private static @Nullable String bytes(String text) {
    try {
      return Base64.getEncoder().encodeToString(Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException notBase64) {
      return null;
    }
  }

  /// Whether values of this type have an order that filters may ask about.
  boolean isOrdered() {
    return this != BOOLEAN && this != ENUM && this != BYTES;
  }

  /// Whether values of this type may be texts that filters look into.
  boolean isText() {
    return this == STRING || this == ANY || this == JSON;
  }
}
