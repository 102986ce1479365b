// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.DocumentKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class IdsPropertyTest {
  /// What ids are made of that is hard to keep apart.
  private static final List<String> PIECES =
      List.of("%", ",", "%00", "%2C", "%25", "0", "a", "\n", "\u0085", "ü", "😀", " ", "/", "2");

  private static String text(Random random) {
    var text = new StringBuilder();
    for (int i = random.nextInt(6); i > 0; i--) {
      text.append(PIECES.get(random.nextInt(PIECES.size())));
    }
    return text.toString();
  }

  @ParameterizedTest
  @MethodSource("io.freshet.testkit.Seeds#all")
  void everyKeyHasAnIdOfItsOwnThatLeadsBack(long seed) {
    var random = new Random(seed);
    var seen = new HashMap<String, List<String>>();
    for (int round = 0; round < 50_000; round++) {
      var texts = new ArrayList<String>();
      int columns = round % 3 + 1;
      for (int i = 0; i < columns; i++) {
        texts.add(text(random));
      }
      String id = Ids.of(texts);
      assertNotNull(id);
      DocumentKey.requireName(id);
      assertEquals(texts, Ids.texts(id, columns));
      List<String> other = seen.putIfAbsent(columns + " " + id, texts);
      assertTrue(other == null || other.equals(texts), () -> other + " and " + texts);
    }
  }

  @ParameterizedTest
  @MethodSource("io.freshet.testkit.Seeds#all")
  void whatIsNoIdLeadsNowhereOrToTheKeyThatMakesIt(long seed) {
    var random = new Random(seed);
    for (int round = 0; round < 50_000; round++) {
      String id = text(random);
      int columns = round % 3 + 1;
      List<String> texts = Ids.texts(id, columns);
      if (texts != null) {
        assertEquals(id, Ids.of(texts));
      }
    }
  }

  @Test
  void looksAsDocumented() {
    assertEquals("42", Ids.of(List.of("42")));
    assertEquals("a,b", Ids.of(List.of("a,b")));
    assertEquals("a%2Cb,7", Ids.of(List.of("a,b", "7")));
    assertEquals("100%25", Ids.of(List.of("100%")));
    assertEquals("a%0Ab", Ids.of(List.of("a\nb")));
    assertEquals("%00", Ids.of(List.of("")));
    assertEquals("%00,%00", Ids.of(List.of("", "")));
    assertNull(Ids.texts("%2c", 1));
    assertNull(Ids.texts("%41", 1));
    assertNull(Ids.texts("1,2", 3));
  }

  @Test
  void tooLongForANameIsNone() {
    assertNotNull(Ids.of(List.of("x".repeat(512))));
    assertNull(Ids.of(List.of("x".repeat(513))));
    assertNull(Ids.of(List.of("ü".repeat(257))));
    assertNotNull(Ids.of(List.of("ü".repeat(256))));
  }
}
