// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonValue;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MappingTest {
  private static final Mapper PLAIN = new Mapper(null);

  enum Kind {
    ONE,
    TWO
  }

  record Inner(String name, int[] places) {}

  record Everything(
      int whole,
      long large,
      double real,
      boolean flag,
      String text,
      Kind kind,
      BigDecimal exact,
      Instant at,
      UUID id,
      byte[] bytes,
      Optional<String> maybe,
      List<Inner> inner,
      Map<String, Kind> kinds,
      Set<Long> set,
      Object any) {}

  private static <T> T read(String json, Class<T> type) {
    return PLAIN.read(Json.parse(json), DataType.of(type));
  }

  @Test
  void writesAndReadsRecordsOfEverything() {
    var given =
        new Everything(
            1,
            Long.MAX_VALUE,
            0.1,
            true,
            "ü\"",
            Kind.TWO,
            new BigDecimal("1.2345678901234567890123"),
            Instant.parse("2026-11-22T10:00:00.123456Z"),
            new UUID(1, 2),
            new byte[] {1, -1},
            Optional.of("x"),
            List.of(new Inner("a", new int[] {1, 2})),
            Map.of("k", Kind.ONE),
            Set.of(7L),
            Map.of("deep", List.of(1L, 0.5)));
    JsonValue written = PLAIN.write(given);
    Everything back = PLAIN.read(written, DataType.of(Everything.class));
    assertEquals(written, PLAIN.write(back));
    assertEquals(given.exact(), back.exact());
    assertEquals(given.at(), back.at());
    assertArrayEquals(given.bytes(), back.bytes());
    assertArrayEquals(given.inner().getFirst().places(), back.inner().getFirst().places());
    assertEquals(given.any(), back.any());
  }

  @Test
  void whatIsAbsentIsNothingAndWhatIsUnknownIsIgnored() {
    Everything read = read("{\"unknown\":[1]}", Everything.class);
    assertEquals(0, read.whole());
    assertEquals(Optional.empty(), read.maybe());
    assertEquals("{}", PLAIN.write(new Inner(null, null)).toString());
  }

  @Test
  void plainNumbersAreTheFirstTypeThatHoldsThemExactly() {
    assertEquals(7L, read("7", Object.class));
    assertEquals(new BigInteger("9223372036854775808"), read("9223372036854775808", Object.class));
    assertEquals(0.1, read("0.1", Object.class));
    assertEquals(
        new BigDecimal("0.10000000000000000001"), read("0.10000000000000000001", Object.class));
  }

  @Test
  void refusesWhatDoesNotFit() {
    for (String json : List.of("1.5", "2147483648", "\"1\"", "[]")) {
      FreshetClientException why =
          assertThrows(FreshetClientException.class, () -> read(json, Integer.class));
      assertEquals("INVALID_ARGUMENT", why.code());
    }
    assertThrows(FreshetClientException.class, () -> read("\"THREE\"", Kind.class));
    assertThrows(FreshetClientException.class, () -> PLAIN.write(new Thread()));
    assertThrows(FreshetClientException.class, () -> PLAIN.write(Double.NaN));
    assertThrows(FreshetClientException.class, () -> PLAIN.writeObject(List.of()));
  }

  @Test
  void leavesTypesToAMappingOfTheProgram() {
    var mapping =
        new JsonMapping() {
          @Override
          public Object read(String json, Type type) {
            return type.getTypeName() + json;
          }

          @Override
          public String write(Object value) {
            return "{\"of\":\"" + value + "\"}";
          }
        };
    var mapper = new Mapper(mapping);
    assertEquals("{\"of\":\"x\"}", mapper.write("x").toString());
    String read = mapper.read(Json.parse("1"), DataType.of(String.class));
    assertTrue(read.endsWith("String1"), read);
  }
}
