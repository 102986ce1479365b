// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.json.RandomJson;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Order, case and search of texts.
class TextsTest {
  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void ordersByCodePoint(long seed) {
    var texts = new RandomJson(new SplittableRandom(seed));
    var random = new SplittableRandom(seed);
    for (int i = 0; i < 5_000; i++) {
      String common = texts.text(random.nextInt(3));
      String one = common + texts.text(random.nextInt(3));
      String other = common + texts.text(random.nextInt(3));
      int[] points = one.codePoints().toArray();
      int[] others = other.codePoints().toArray();
      assertEquals(
          Integer.signum(Arrays.compare(points, others)),
          Integer.signum(Texts.compare(one, other)),
          () -> one + " and " + other);
    }
  }

  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void findsWhatTheJdkFinds(long seed) {
    var random = new SplittableRandom(seed);
    for (int i = 0; i < 200; i++) {
      String text = letters(random, 20_000);
      String part =
          random.nextBoolean()
              ? letters(random, random.nextInt(60, 200))
              : text.substring(random.nextInt(19_000)).substring(0, random.nextInt(60, 900));
      assertEquals(text.contains(part), Texts.contains(text, part));
      String almost = part.substring(1) + (random.nextBoolean() ? "a" : "b");
      assertEquals(text.contains(almost), Texts.contains(text, almost));
    }
  }

  /// Of so few kinds that parts repeat.
  private static String letters(SplittableRandom random, int length) {
    var text = new StringBuilder();
    int run = random.nextInt(1, 30);
    for (int i = 0; i < length; i++) {
      text.append(random.nextInt(run) == 0 ? 'b' : 'a');
    }
    return text.toString();
  }

  @Test
  void aCraftedSearchEnds() {
    String text = "a".repeat(1 << 20);
    String part = "a".repeat(100_000) + "b" + "a".repeat(100_000);
    for (int i = 0; i < 20; i++) {
      assertFalse(Texts.contains(text, part));
    }
    assertTrue(Texts.contains(text, "a".repeat(200_000)));
    assertFalse(Texts.contains("ab", "a".repeat(1 << 20)));
  }

  @ParameterizedTest
  @CsvSource({
    "Ada, ADA",
    "straße, STRAßE",
    "ὈΔΥΣΣΕΎΣ, ὀδυσσεύς",
    "ǅ, ǆ",
    "K, k",
    "𐐀, 𐐨",
  })
  void foldsCase(String one, String other) {
    assertEquals(Texts.fold(one), Texts.fold(other));
  }

  @Test
  void foldsNoMoreThanCase() {
    assertFalse(Texts.fold("é").equals(Texts.fold("e")));
    assertFalse(Texts.fold("ß").equals(Texts.fold("SS")));
    assertEquals("plain text 1", Texts.fold("plain text 1"));
  }
}
