// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// An exact decimal number (Sync contract 1.1): at most 34 significant digits, exponent within
/// ±308, never routed through `double`. Equality is numeric, the spelling canonical: `1`, `1.0` and
/// `1e0` are one value, written `1`; `-0` is `0`.
public final class JsonNumber implements JsonValue, Comparable<JsonNumber> {
  private static final int DIGITS_MAX = 34;
  private static final int EXPONENT_MAX = 308;
  private static final int PLAIN_EXPONENT_MAX = 20;

  /// Longest spelling that is looked at: leaves room for every number in range and many zeros.
  private static final int SPELLING_MAX = 1100;

  /// The value when `decimal` is null: every whole number that fits.
  private final long whole;

  private final @Nullable BigDecimal decimal;
  private final int encodedBytes;

  private JsonNumber(long whole) {
    this.whole = whole;
    this.decimal = null;
    this.encodedBytes = JsonText.decimalLength(whole);
  }

  private JsonNumber(BigDecimal decimal) {
    this.whole = 0;
    this.decimal = decimal;
    this.encodedBytes = spelledLength(decimal);
  }

  public static JsonNumber of(long value) {
    return new JsonNumber(value);
  }

  /// @throws FreshetException `NUMBER_OUT_OF_RANGE`
  public static JsonNumber of(BigDecimal value) {
    BigDecimal stripped = value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
    long exponent = (long) stripped.precision() - stripped.scale() - 1;
    if (stripped.precision() > DIGITS_MAX || Math.abs(exponent) > EXPONENT_MAX) {
      throw outOfRange();
    }
    if (stripped.scale() <= 0 && exponent <= 18) {
      try {
        return new JsonNumber(stripped.longValueExact());
      } catch (ArithmeticException wider) {
        return new JsonNumber(stripped);
      }
    }
    return new JsonNumber(stripped);
  }

  /// `unscaled` times ten to the power of `-scale`, the scale not negative and below 20.
  public static JsonNumber of(long unscaled, int scale) {
    long rest = unscaled;
    int places = scale;
    while (places > 0 && rest % 10 == 0) {
      rest /= 10;
      places--;
    }
    return places == 0 ? new JsonNumber(rest) : new JsonNumber(BigDecimal.valueOf(rest, places));
  }

  /// Reads a number in JSON's own spelling; the caller has checked the grammar.
  ///
  /// @throws FreshetException `NUMBER_OUT_OF_RANGE`
  static JsonNumber parse(byte[] ascii, int offset, int length) {
    if (length > SPELLING_MAX) {
      throw outOfRange();
    }
    try {
      return of(new BigDecimal(new String(ascii, offset, length, StandardCharsets.ISO_8859_1)));
    } catch (NumberFormatException exponentTooLong) {
      throw outOfRange();
    }
  }

  private static FreshetException outOfRange() {
    return new FreshetException(
        ErrorCode.NUMBER_OUT_OF_RANGE,
        "A number has more than 34 significant digits or an exponent outside -308 to 308; send it"
            + " as a string to keep it as it is");
  }

  public BigDecimal value() {
    return decimal != null ? decimal : BigDecimal.valueOf(whole);
  }

  /// True when the value is a whole number that fits a `long`.
  public boolean isLong() {
    return decimal == null;
  }

  /// The value; meaningful only when [#isLong].
  public long longValue() {
    return whole;
  }

  /// The exact sum.
  ///
  /// @throws FreshetException `NUMBER_OUT_OF_RANGE`
  public JsonNumber plus(JsonNumber other) {
    long sum = whole + other.whole;
    boolean overflow = ((whole ^ sum) & (other.whole ^ sum)) < 0;
    return decimal == null && other.decimal == null && !overflow
        ? new JsonNumber(sum)
        : of(value().add(other.value()));
  }

  /// The exact product.
  ///
  /// @throws FreshetException `NUMBER_OUT_OF_RANGE`
  public JsonNumber times(JsonNumber other) {
    return of(value().multiply(other.value()));
  }

  @Override
  public int compareTo(JsonNumber other) {
    return decimal == null && other.decimal == null
        ? Long.compare(whole, other.whole)
        : value().compareTo(other.value());
  }

  /// The canonical spelling.
  public String spelling() {
    return decimal == null ? Long.toString(whole) : spell(decimal);
  }

  private static String spell(BigDecimal decimal) {
    long exponent = (long) decimal.precision() - decimal.scale() - 1;
    return Math.abs(exponent) <= PLAIN_EXPONENT_MAX
        ? decimal.toPlainString()
        : scientific(decimal, exponent);
  }

  /// Length of [#spell], known without spelling.
  private static int spelledLength(BigDecimal decimal) {
    int sign = decimal.signum() < 0 ? 1 : 0;
    int digits = decimal.precision();
    int scale = decimal.scale();
    long exponent = (long) digits - scale - 1;
    int withDot = digits == 1 ? 1 : digits + 1;
    if (Math.abs(exponent) > PLAIN_EXPONENT_MAX) {
      return sign + withDot + 1 + JsonText.decimalLength(exponent);
    }
    return sign + (scale <= 0 ? digits - scale : scale < digits ? withDot : 2 + scale);
  }

  private static String scientific(BigDecimal decimal, long exponent) {
    String digits = decimal.unscaledValue().abs().toString();
    String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
    return (decimal.signum() < 0 ? "-" : "") + mantissa + "e" + exponent;
  }

  @Override
  public int encodedBytes() {
    return encodedBytes;
  }

  @Override
  public int members() {
    return 0;
  }

  @Override
  public int depth() {
    return 0;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof JsonNumber that
        && whole == that.whole
        && Objects.equals(decimal, that.decimal);
  }

  @Override
  public int hashCode() {
    return decimal == null ? Long.hashCode(whole) : decimal.hashCode();
  }

  @Override
  public String toString() {
    return spelling();
  }
}
