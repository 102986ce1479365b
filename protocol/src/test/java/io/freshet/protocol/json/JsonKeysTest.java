// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class JsonKeysTest {
  @Test
  void makesWhatAddingOneMemberAfterTheOtherMakes() {
    var random = RandomGenerator.of("L64X128MixRandom");
    for (int size : new int[] {0, 1, 5, 128, 129, 700}) {
      var names = new ArrayList<String>();
      for (int i = 0; i < size; i++) {
        names.add("spalte \u00e4\"" + i);
      }
      var values = new JsonValue[size];
      JsonObject expected = JsonObject.empty();
      for (int i = 0; i < size; i++) {
        if (random.nextInt(4) > 0) {
          values[i] = random.nextBoolean() ? JsonNumber.of(i) : Json.parse("{\"a\":[1,2]}");
          expected = expected.with(names.get(i), values[i]);
        }
      }
      JsonObject made = JsonKeys.of(names).object(values);
      assertEquals(expected, made);
      assertEquals(expected.members(), made.members());
      assertEquals(expected.encodedBytes(), made.encodedBytes());
      assertEquals(Json.encode(made).length, made.encodedBytes());
    }
  }

  @Test
  void refusesWhatNoObjectHas() {
    assertThrows(IllegalArgumentException.class, () -> JsonKeys.of(List.of("a", "a")));
    assertThrows(IllegalArgumentException.class, () -> JsonKeys.of(List.of("__proto__")));
    JsonKeys one = JsonKeys.of(List.of("a"));
    assertThrows(IllegalArgumentException.class, () -> one.object(new JsonValue[0]));
  }

  @Test
  void aStringOfBytesIsThatOfItsText() {
    for (String text : List.of("", "plain", "a\"b\\\n\u0001", "\u00e4\u20ac\ud83d\ude00")) {
      byte[] bytes = ("xx" + text + "yy").getBytes(StandardCharsets.UTF_8);
      JsonString made = JsonString.ofUtf8(bytes, 2, bytes.length - 4);
      assertEquals(JsonString.of(text), made);
      assertEquals(JsonString.of(text).encodedBytes(), made.encodedBytes());
    }
  }
}
