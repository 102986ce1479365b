// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.freshet.protocol.json.JsonString;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What values become under each type.
class FieldTypeTest {
  private static @Nullable Object read(FieldType type, String json) {
    return type.read(Rows.json(json));
  }

  @Test
  void equalValuesAreEqualHoweverTheyAreSpelled() {
    assertEquals(5L, read(FieldType.ANY, "5.0"));
    assertEquals(5L, read(FieldType.INT, "5e0"));
    assertEquals(5L, read(FieldType.BIGINT, "'+5'"));
    assertEquals(5L, read(FieldType.DECIMAL, "'5.00'"));
    assertEquals(0L, read(FieldType.DECIMAL, "'-0e999999999'"));
    assertEquals(new BigDecimal("0.5"), read(FieldType.DECIMAL, "'5e-1'"));
    assertEquals(new BigDecimal("0.5"), read(FieldType.FLOAT, "0.50"));
    assertEquals(Long.MIN_VALUE, read(FieldType.BIGINT, "'-9223372036854775808'"));
    assertEquals(
        new BigDecimal("9223372036854775808"), read(FieldType.DECIMAL, "9223372036854775808"));
    assertEquals(new BigDecimal("1E+500"), read(FieldType.DECIMAL, "'10e499'"));
    assertEquals("AQI=", read(FieldType.BYTES, "'AQI'"));
    assertEquals(Rows.json("{'b':2,'a':1}"), read(FieldType.JSON, "{'a':1,'b':2.0}"));
    assertEquals(true, read(FieldType.ANY, "true"));
    assertEquals("x", read(FieldType.ENUM, "'x'"));
    assertNull(read(FieldType.ANY, "null"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '#',
      value = {
        "INT; 2147483648",
        "INT; -2147483649",
        "INT; 0.5",
        "INT; '5'",
        "INT; true",
        "BIGINT; 9223372036854775808",
        "BIGINT; '9223372036854775808'",
        "BIGINT; '5.5'",
        "BIGINT; ''",
        "FLOAT; '5'",
        "FLOAT; 'NaN'",
        "DECIMAL; 'NaN'",
        "DECIMAL; '1_000'",
        "DECIMAL; '1e'",
        "DECIMAL; '--1'",
        "DECIMAL; '1e99999999999'",
        "DECIMAL; ' 1'",
        "BOOLEAN; 1",
        "BOOLEAN; 'true'",
        "STRING; 5",
        "ENUM; null",
        "DATETIME; 0",
        "BYTES; 'a'",
        "BYTES; 'a b='",
        "BYTES; [1]",
      })
  void whatDoesNotFitIsNull(FieldType type, String json) {
    assertNull(read(type, json));
  }

  @Test
  void endlessDecimalsAreNone() {
    assertNull(FieldType.DECIMAL.read(JsonString.of("9".repeat(5_000))));
  }

  @ParameterizedTest
  @CsvSource({
    "2026-01-31T12:30:00Z, 2026-01-31T12:30:00Z",
    "2026-01-31T12:30:00.000Z, 2026-01-31T12:30:00Z",
    "2026-01-31t12:30:00.1z, 2026-01-31T12:30:00.1Z",
    "2026-01-31 12:30:00.123456, 2026-01-31T12:30:00.123456Z",
    "2026-01-31 12:30:00.123456789+00, 2026-01-31T12:30:00.123456789Z",
    "2026-01-31T12:30+02:00, 2026-01-31T10:30:00Z",
    "2026-01-31T12:30:00-0130, 2026-01-31T14:00:00Z",
    "2026-01-31T00:30:00+05, 2026-01-30T19:30:00Z",
    "2026-01-31, 2026-01-31T00:00:00Z",
    "2024-02-29, 2024-02-29T00:00:00Z",
    "12:30:00, 1970-01-01T12:30:00Z",
    "12:30, 1970-01-01T12:30:00Z",
    "12:30:00.5+01:00, 1970-01-01T11:30:00.5Z",
    "+012026-01-31T00:00:00.000Z, +12026-01-31T00:00:00Z",
    "-000044-03-15, -0044-03-15T00:00:00Z",
    "0000-01-01T00:00:00Z, 0000-01-01T00:00:00Z",
  })
  void readsTimes(String text, Instant expected) {
    assertEquals(expected, FieldType.DATETIME.read(JsonString.of(text)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2026",
        "2026-01",
        "2026-1-31",
        "2026-02-30",
        "2023-02-29",
        "2026-13-01",
        "2026-00-01",
        "2026-01-00",
        "2026-01-31T",
        "2026-01-31T24:00:00Z",
        "2026-01-31T12:60:00Z",
        "2026-01-31T12:00:60Z",
        "2026-01-31T12:00:00.Z",
        "2026-01-31T12:00:00.1234567890Z",
        "2026-01-31T12:00:00+",
        "2026-01-31T12:00:00+1",
        "2026-01-31T12:00:00+01:",
        "2026-01-31T12:00:00+01:60",
        "2026-01-31T12:00:00+19:00",
        "2026-01-31T12:00:00ZZ",
        "2026-01-31T12:00:00 Z",
        "2026-01-31X12:00:00Z",
        "20260131T120000Z",
        "٢٠٢٦-01-31",
        "infinity",
        "12:3",
        "12:30:",
        "1:30:00",
        "+2026-01-31",
        "2026-01-31T12:00:00.000000000000000000000Z",
      })
  void everythingElseIsNoTime(String text) {
    assertNull(FieldType.DATETIME.read(JsonString.of(text)));
  }

  @Test
  void knowsPrismasNames() {
    for (FieldType type : FieldType.values()) {
      boolean named = type != FieldType.ANY && type != FieldType.ENUM;
      assertEquals(named ? type : null, FieldType.ofPrismaName(type.prismaName()));
    }
    assertNull(FieldType.ofPrismaName("Unsupported"));
  }
}
