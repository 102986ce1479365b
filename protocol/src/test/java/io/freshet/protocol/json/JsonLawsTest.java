// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What holds for every value.
class JsonLawsTest {
  static LongStream seeds() {
    return LongStream.of(1, 2, 3, new SplittableRandom().nextLong());
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyValueReadsBackAsItself(long seed) {
    var values = new RandomJson(new SplittableRandom(seed));
    for (int i = 0; i < 3_000; i++) {
      JsonValue value = values.value(4);
      byte[] encoded = Json.encode(value);
      JsonValue read = Json.parse(encoded, JsonLimits.DEFAULT);
      assertEquals(value, read);
      assertEquals(read, value);
      assertEquals(value.hashCode(), read.hashCode());
      assertEquals(encoded.length, value.encodedBytes());
      assertEquals(encoded.length, read.encodedBytes());
      assertEquals(new String(encoded, StandardCharsets.UTF_8), Json.text(value));
      assertEquals(Json.text(value), value.isContainer() ? value.toString() : Json.text(read));
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void membersAndDepthAreWhatCountingGives(long seed) {
    var values = new RandomJson(new SplittableRandom(seed));
    for (int i = 0; i < 3_000; i++) {
      JsonValue value = values.value(5);
      JsonValue read = Json.parse(Json.encode(value), JsonLimits.DEFAULT);
      for (JsonValue each : new JsonValue[] {value, read}) {
        assertEquals(countedMembers(each), each.members());
        assertEquals(countedDepth(each), each.depth());
        assertEquals(countedDepth(each) > 0, each.isContainer());
      }
    }
  }

  private static int countedMembers(JsonValue value) {
    return switch (value) {
      case JsonObject object -> {
        int[] sum = {0};
        object.forEach((key, member) -> sum[0] += 1 + countedMembers(member));
        yield sum[0];
      }
      case JsonArray array -> {
        int sum = 0;
        for (JsonValue element : array) {
          sum += 1 + countedMembers(element);
        }
        yield sum;
      }
      case JsonValue scalar -> 0;
    };
  }

  private static int countedDepth(JsonValue value) {
    return switch (value) {
      case JsonObject object -> {
        int[] deepest = {0};
        object.forEach((key, member) -> deepest[0] = Math.max(deepest[0], countedDepth(member)));
        yield deepest[0] + 1;
      }
      case JsonArray array -> {
        int deepest = 0;
        for (JsonValue element : array) {
          deepest = Math.max(deepest, countedDepth(element));
        }
        yield deepest + 1;
      }
      case JsonValue scalar -> 0;
    };
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void differentValuesDiffer(long seed) {
    var random = new SplittableRandom(seed);
    var values = new RandomJson(random);
    for (int i = 0; i < 3_000; i++) {
      JsonValue one = values.value(2);
      JsonValue other = values.value(2);
      assertEquals(sameText(one, other), one.equals(other), () -> one + " and " + other);
      assertNotEquals(one, JsonArray.of(java.util.List.of(one)));
      assertNotEquals(one, JsonObject.of("a", one));
    }
  }

  /// By sorting what has no order; the canonical spelling of scalars is unique.
  private static boolean sameText(JsonValue one, JsonValue other) {
    return sorted(one).equals(sorted(other));
  }

  private static String sorted(JsonValue value) {
    return switch (value) {
      case JsonObject object -> {
        var members = new java.util.TreeMap<String, String>();
        object.forEach((key, member) -> members.put(Json.text(JsonString.of(key)), sorted(member)));
        yield members.toString();
      }
      case JsonArray array -> {
        var text = new StringBuilder("[");
        array.forEach(element -> text.append(sorted(element)).append(','));
        yield text.append(']').toString();
      }
      case JsonValue scalar -> Json.text(scalar);
    };
  }

  @Test
  void writesInPlaceAndNothingElse() {
    JsonValue value = Json.parse("{\"a\":[1,\"é😀\",null,true,false,-1.5e300]}");
    var target = new byte[value.encodedBytes() + 20];
    Arrays.fill(target, (byte) '#');
    int end = Json.write(value, target, 10);
    assertEquals(10 + value.encodedBytes(), end);
    byte[] expected =
        ("#".repeat(10) + Json.text(value) + "#".repeat(10)).getBytes(StandardCharsets.UTF_8);
    assertArrayEquals(expected, target);
  }

  @Test
  void refusesHalfOfASurrogatePair() {
    String[] halves = {
      "\ud800", "\udc00", "a\ud83d", "\ud83d\ud83d\ude00", "\ude00\ud83d", "\ud83da"
    };
    for (String half : halves) {
      assertEquals(
          ErrorCode.INVALID_JSON,
          assertThrows(FreshetException.class, () -> JsonString.of(half)).code());
      assertThrows(FreshetException.class, () -> JsonObject.of(half, JsonNull.NULL));
    }
  }
}
