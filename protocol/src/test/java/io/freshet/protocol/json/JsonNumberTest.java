// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sync contract 1.1: exact, numerically equal, spelled in one way.
class JsonNumberTest {
  private static JsonNumber read(String text) {
    return (JsonNumber) Json.parse(text);
  }

  private static void expectOutOfRange(Runnable action) {
    assertEquals(
        ErrorCode.NUMBER_OUT_OF_RANGE, assertThrows(FreshetException.class, action::run).code());
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0, 0",
    "0.0, 0",
    "-0.0e5, 0",
    "0e308, 0",
    "0e999999999, 0",
    "0e-999999999, 0",
    "1, 1",
    "1.0, 1",
    "1e0, 1",
    "10e-1, 1",
    "0.1e1, 1",
    "1.000000000000000000000000000000000000000000000000000000000000, 1",
    "100, 100",
    "1e2, 100",
    "1E+2, 100",
    "-1.50, -1.5",
    "0.10, 0.1",
    "123456789.987654321, 123456789.987654321",
    "12345678901234567.8, 12345678901234567.8",
    "123456789012345678.9, 123456789012345678.9",
    "999999999999999999, 999999999999999999",
    "9007199254740993, 9007199254740993",
    "9223372036854775807, 9223372036854775807",
    "9223372036854775808, 9223372036854775808",
    "-9223372036854775808, -9223372036854775808",
    "-9223372036854775809, -9223372036854775809",
    "1e20, 100000000000000000000",
    "-123e18, -123000000000000000000",
    "1e21, 1e21",
    "1234e18, 1.234e21",
    "999999999999999999999, 999999999999999999999",
    "1000000000000000000000, 1e21",
    "1234567890123456789012345678901234, 1.234567890123456789012345678901234e33",
    "123456789012345678901.5, 123456789012345678901.5",
    "1e-20, 0.00000000000000000001",
    "1.25e-20, 0.0000000000000000000125",
    "1e-21, 1e-21",
    "-125e-23, -1.25e-21",
    "0.000000000000000000001, 1e-21",
    "1e308, 1e308",
    "-9.99e308, -9.99e308",
    "1e-308, 1e-308",
    "0.001e311, 1e308",
    "1000e-311, 1e-308",
  })
  void isSpelledInOneWay(String text, String canonical) {
    JsonNumber number = read(text);
    assertEquals(canonical, number.spelling());
    assertEquals(canonical, number.toString());
    assertEquals(canonical.length(), number.encodedBytes());
    assertEquals(number, read(canonical));
    assertEquals(number.hashCode(), read(canonical).hashCode());
    assertEquals(
        0,
        new BigDecimal(text).signum() == 0
            ? number.value().signum()
            : new BigDecimal(text).compareTo(number.value()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1e309",
        "-1e309",
        "10e308",
        "1e400",
        "1e-309",
        "0.1e-308",
        "1e999999999",
        "1e-999999999",
        "1e2147483647",
        "1e2147483648",
        "1e-2147483648",
        "1e99999999999999999999",
        "-1e-99999999999999999999",
        "12345678901234567890123456789012345",
        "0.12345678901234567890123456789012345",
        "1234567890123456789012345678901234.5",
        "1.00000000000000000000000000000000001",
      })
  void refusesWhatIsOutsideTheDomain(String text) {
    expectOutOfRange(() -> Json.parse(text));
    expectOutOfRange(() -> Json.parse("[" + text + "]"));
  }

  @Test
  void refusesSpellingsTooLongToLookAt() {
    read("1" + "0".repeat(300));
    read("0." + "0".repeat(300) + "1");
    read("0." + "0".repeat(1000));
    expectOutOfRange(() -> read("0." + "0".repeat(1100)));
    expectOutOfRange(() -> read("1." + "0".repeat(1100)));
  }

  @Test
  void wholeNumbersThatFitAreLongs() {
    for (String text :
        new String[] {"0", "1e18", "9223372036854775807", "-9223372036854775808", "5.0"}) {
      assertTrue(read(text).isLong(), text);
      assertEquals(new BigDecimal(text).longValueExact(), read(text).longValue());
    }
    for (String text : new String[] {"0.5", "9223372036854775808", "1e19", "-1e19"}) {
      assertFalse(read(text).isLong(), text);
    }
  }

  /// Any two spellings of any number: equal exactly if the numbers are.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void equalityIsNumeric(long seed) {
    var random = new SplittableRandom(seed);
    var values = new RandomJson(random);
    for (int i = 0; i < 20_000; i++) {
      BigDecimal decimal = values.decimal();
      JsonNumber number = JsonNumber.of(decimal);
      assertEquals(0, decimal.compareTo(number.value()));
      JsonNumber respelled = read(respelled(decimal, random));
      assertEquals(number, respelled);
      assertEquals(number.hashCode(), respelled.hashCode());
      assertEquals(number.spelling(), respelled.spelling());
      assertEquals(number.spelling().length(), number.encodedBytes());
      BigDecimal other = random.nextBoolean() ? values.decimal() : decimal.negate();
      assertEquals(decimal.compareTo(other) == 0, number.equals(JsonNumber.of(other)));
    }
  }

  private static String respelled(BigDecimal decimal, SplittableRandom random) {
    BigInteger unscaled = decimal.unscaledValue();
    int zeros = unscaled.signum() == 0 ? 0 : random.nextInt(5);
    return switch (random.nextInt(3)) {
      case 0 -> unscaled + "0".repeat(zeros) + "e" + (-decimal.scale() - zeros);
      case 1 -> unscaled + "." + "0".repeat(zeros + 1) + "E" + -decimal.scale();
      default ->
          decimal.scale() >= 0 ? decimal.toPlainString() : unscaled + "e+" + -decimal.scale();
    };
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void longsAndDecimalsOfTheSameValueAreEqual(long seed) {
    var random = new SplittableRandom(seed);
    for (int i = 0; i < 20_000; i++) {
      long value = random.nextLong() >> random.nextInt(64);
      JsonNumber number = JsonNumber.of(value);
      assertEquals(number, JsonNumber.of(BigDecimal.valueOf(value)));
      assertEquals(number, read(Long.toString(value)));
      assertEquals(number, read(value + ".0"));
      assertEquals(Long.toString(value).length(), number.encodedBytes());
      assertEquals(value, number.longValue());
    }
  }

  @Test
  void lengthsOfLongsAtEveryPowerOfTen() {
    for (long power = 1; power > 0 && power < Long.MAX_VALUE / 10; power *= 10) {
      for (long value : new long[] {power - 1, power, power + 1, -power, 1 - power}) {
        assertEquals(Long.toString(value).length(), JsonText.decimalLength(value));
      }
    }
    assertEquals(20, JsonText.decimalLength(Long.MIN_VALUE));
    assertEquals(19, JsonText.decimalLength(Long.MAX_VALUE));
  }

  @ParameterizedTest
  @CsvSource({
    "0.1, 0.2, 0.3, 0.02",
    "1, -1, 0, -1",
    "9223372036854775807, 1, 9223372036854775808, 9223372036854775807",
    "-9223372036854775808, -1, -9223372036854775809, 9223372036854775808",
    "9223372036854775807, -9223372036854775808, -1, " + "-85070591730234615856620279821087277056",
    "9007199254740993, 1e0, 9007199254740994, 9007199254740993",
    "1e308, -1e308, 0, ",
    "1.5, 0.5, 2, 0.75",
    "0, 1e-308, 1e-308, 0",
  })
  void addsAndMultipliesExactly(String one, String other, String sum, String product) {
    assertEquals(read(sum), read(one).plus(read(other)));
    assertEquals(read(sum), read(other).plus(read(one)));
    assertEquals(sum, read(one).plus(read(other)).spelling());
    if (product == null || product.length() > 35) {
      expectOutOfRange(() -> read(one).times(read(other)));
    } else {
      assertEquals(read(product), read(one).times(read(other)));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1e308, 9e308",
    "1e308, 1",
    "1, 1e-34",
    "-9e308, -9e308",
    "9999999999999999999999999999999999, 0.1",
  })
  void refusesSumsOutsideTheDomain(String one, String other) {
    expectOutOfRange(() -> read(one).plus(read(other)));
  }

  @ParameterizedTest
  @CsvSource({"1e200, 1e200", "1e-200, 1e-200", "12345678901234567891, 12345678901234567891"})
  void refusesProductsOutsideTheDomain(String one, String other) {
    expectOutOfRange(() -> read(one).times(read(other)));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void arithmeticAndOrderAreThoseOfDecimals(long seed) {
    var random = new SplittableRandom(seed);
    var values = new RandomJson(random);
    for (int i = 0; i < 20_000; i++) {
      JsonNumber one = values.number();
      JsonNumber other = random.nextInt(10) == 0 ? one : values.number();
      assertEquals(
          Integer.signum(one.value().compareTo(other.value())),
          Integer.signum(one.compareTo(other)));
      assertEquals(one.equals(other), one.compareTo(other) == 0);
      expectSame(() -> JsonNumber.of(one.value().add(other.value())), () -> one.plus(other));
      expectSame(() -> JsonNumber.of(one.value().multiply(other.value())), () -> one.times(other));
    }
  }

  private static void expectSame(Supplier<JsonNumber> expected, Supplier<JsonNumber> actual) {
    JsonNumber number;
    try {
      number = expected.get();
    } catch (FreshetException outOfRange) {
      expectOutOfRange(actual::get);
      return;
    }
    assertEquals(number, actual.get());
    assertEquals(number.spelling(), actual.get().spelling());
  }
}
