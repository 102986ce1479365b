// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.path.PathToken.Index;
import io.freshet.protocol.path.PathToken.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Protocol reference, section 13.
class RecordPathTest {
  /// Tokens written `name` for keys and `#3` for places, separated by `|`.
  private static String shown(RecordPath path) {
    var shown = new ArrayList<String>();
    for (PathToken token : path.tokens()) {
      shown.add(
          switch (token) {
            case Key(String name) -> name;
            case Index(int place) -> "#" + place;
          });
    }
    return String.join("|", shown);
  }

  @ParameterizedTest
  @CsvSource({
    "a, a, a",
    "a.b[2].c, a|b|#2|c, a.b[2].c",
    "x[0][1], x|#0|#1, x[0][1]",
    "a.0, a|0, a.0",
    "0, 0, 0",
    "a b.c d, a b|c d, a b.c d",
    "' a . b ', a|b, a.b",
    "a..b, a|b, a.b",
    ".a., a|, a",
    "a[ 1 ], a|#1, a[1]",
    "a[007], a|#7, a[7]",
    "a[], a, a",
    "a[1]][2], a|#1|#2, a[1][2]",
    "a[[1]], a|#1, a[1]",
    "a[1, a|#1, a[1]",
    "a]1, a|#1, a[1]",
    "a[999999999], a|#999999999, a[999999999]",
    "é.😀.日本, é|😀|日本, é.😀.日本",
  })
  void readsAndRenders(String text, String tokens, String rendered) {
    RecordPath path = RecordPath.parse(text);
    String expected = tokens.endsWith("|") ? tokens.substring(0, tokens.length() - 1) : tokens;
    assertEquals(expected, shown(path));
    assertEquals(rendered, path.render());
    assertEquals(rendered, path.toString());
    assertTrue(path.isAddressable());
  }

  /// The first piece of a part is a key even when it is empty; such a path has no notation that we
  /// would send out.
  @ParameterizedTest
  @CsvSource({"[0], |#0", "a.[1], a||#1", "[], ''", "[1].b, |#1|b"})
  void keepsEmptyKeys(String text, String tokens) {
    RecordPath path = RecordPath.parse(text);
    assertEquals(tokens, shown(path));
    assertFalse(path.isAddressable());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        ".",
        "...",
        " . ",
        "\u00a0",
        "a[x]",
        "a[1]b",
        "a[-1]",
        "a[+1]",
        "a[1e3]",
        "a[0x1]",
        "a[ ]",
        "a[1 2]",
        "a[1000000000]",
        "a[99999999999999999999]",
        "a[٣]",
        "a[１]",
      })
  void refusesWhatAddressesNothing(String text) {
    expect(ErrorCode.INVALID_PATH, text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "__proto__",
        "constructor",
        "prototype",
        "a.__proto__.b",
        "a.constructor[0]",
        " __proto__ ",
        "prototype[1]",
        "a. constructor",
      })
  void refusesKeysThatPoisonPrototypes(String text) {
    expect(ErrorCode.FORBIDDEN_KEY, text);
  }

  private static void expect(ErrorCode code, String text) {
    FreshetException refusal =
        assertThrows(FreshetException.class, () -> RecordPath.parse(text), text);
    assertEquals(code, refusal.code());
  }

  @Test
  void boundsStepsAndLength() {
    RecordPath.parse("a.".repeat(63) + "a");
    expect(ErrorCode.INVALID_PATH, "a.".repeat(64) + "a");
    RecordPath.parse("a" + "[1]".repeat(63));
    expect(ErrorCode.INVALID_PATH, "a" + "[1]".repeat(64));
    RecordPath.parse("a".repeat(1023) + "." + "b".repeat(1024));
    expect(ErrorCode.INVALID_PATH, "a".repeat(2049));
    expect(ErrorCode.INVALID_PATH, ".".repeat(10_000_000));
  }

  /// JavaScript's idea of white space, not one of Java's.
  @Test
  void trimsAsJavaScriptDoes() {
    String trimmed = "\t\n\u000b\f\r \u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000\ufeff";
    assertEquals("a", shown(RecordPath.parse(trimmed + "a" + trimmed)));
    for (char c : "\u001c\u001d\u001e\u001f\u0000\u0085\u180e\u200b\u2060".toCharArray()) {
      String key = c + "a" + c;
      assertEquals(key, shown(RecordPath.parse(key)));
      assertTrue(new RecordPath(List.of(new Key(key))).isAddressable());
    }
    for (char c : trimmed.toCharArray()) {
      assertFalse(new RecordPath(List.of(new Key(c + "a"))).isAddressable());
      assertFalse(new RecordPath(List.of(new Key("a" + c))).isAddressable());
      assertTrue(new RecordPath(List.of(new Key("a" + c + "a"))).isAddressable());
    }
  }

  /// Addressable means that the notation reads back as the same path, and no key is empty.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void addressableIsWhatReadsBack(long seed) {
    var random = new SplittableRandom(seed);
    int addressable = 0;
    for (int i = 0; i < 20_000; i++) {
      RecordPath path = randomPath(random);
      boolean empty = path.tokens().contains(new Key(""));
      assertEquals(!empty && readsBack(path), path.isAddressable(), () -> path.tokens().toString());
      addressable += path.isAddressable() ? 1 : 0;
    }
    assertTrue(addressable > 2_000 && addressable < 18_000, addressable + " addressable");
  }

  private static boolean readsBack(RecordPath path) {
    try {
      return RecordPath.parse(path.render()).equals(path);
    } catch (FreshetException e) {
      return false;
    }
  }

  private static RecordPath randomPath(SplittableRandom random) {
    String[] keys = {
      "a",
      "b c",
      "0",
      "17",
      "",
      " a",
      "a.b",
      "a[0]",
      "x]",
      "\u00a0",
      "__proto__",
      "é",
      "\u001f",
      "-",
      "k".repeat(400),
      "constructor"
    };
    int[] places = {0, 1, 42, 999_999_999, 1_000_000_000, Integer.MAX_VALUE, -1};
    var tokens = new ArrayList<PathToken>();
    int length = random.nextInt(30) == 0 ? random.nextInt(50, 80) : random.nextInt(1, 7);
    for (int i = 0; i < length; i++) {
      boolean odd = random.nextInt(12) == 0;
      tokens.add(
          random.nextInt(3) > 0 || i == 0 && !odd
              ? new Key(keys[random.nextInt(odd ? keys.length : 4)])
              : new Index(places[random.nextInt(odd ? places.length : 4)]));
    }
    return new RecordPath(tokens);
  }

  @Test
  void keepsItsOwnTokens() {
    var tokens = new ArrayList<PathToken>(List.of(new Key("a")));
    var path = new RecordPath(tokens);
    tokens.add(new Key("b"));
    assertEquals("a", path.render());
    assertEquals(RecordPath.parse("a"), path);
  }
}
