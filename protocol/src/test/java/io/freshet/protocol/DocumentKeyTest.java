// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Names (design, section 1).
class DocumentKeyTest {
  @ParameterizedTest
  @CsvSource({
    "driver/jack, driver, jack",
    "a/b/c, a, b/c",
    "a//b, a, /b",
    "a/ b, a, ' b'",
    "Driver/Jack, Driver, Jack",
    "é😀/x, é😀, x",
    "__/x, __, x",
    // The whole name is an id where the part before the slash is no collection, or nothing follows.
    "jack, _, jack",
    "_/jack, _, _/jack",
    "/a, _, /a",
    "a/, _, a/",
    "/, _, /",
    "//, _, //",
    "a.b/c, _, a.b/c",
    "a*/c, _, a*/c",
    "a>/c, _, a>/c",
    "a b/c, _, a b/c",
    "a\u00a0b/c, _, a\u00a0b/c",
    "a\u2007b/c, _, a\u2007b/c",
    "a\u202fb/c, _, a\u202fb/c",
    "a\u3000b/c, _, a\u3000b/c",
    "a\ufeffb/c, _, a\ufeffb/c",
    "list with spaces, _, list with spaces",
    "_, _, _",
  })
  void splitsRecordNamesAndJoinsThemAgain(String name, String collection, String id) {
    DocumentKey key = DocumentKey.ofRecordName(name);
    assertEquals(new DocumentKey(collection, id), key);
    assertEquals(name, key.recordName());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a\u0000b",
        "a\nb",
        "\t",
        "a/\u001f",
        "\u007f",
        "a\u0085b",
        "\ud800",
        "a/\udc00",
        "\ud83dx/a",
        "\ude00\ud83d"
      })
  void refusesNames(String name) {
    expectRefusal(name);
  }

  private static void expectRefusal(String name) {
    FreshetException refusal =
        assertThrows(FreshetException.class, () -> DocumentKey.ofRecordName(name));
    assertEquals(ErrorCode.INVALID_NAME, refusal.code());
  }

  @Test
  void boundsNamesInBytes() {
    for (String letter : new String[] {"a", "é", "€", "😀"}) {
      int bytes = letter.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
      String longest = letter.repeat(512 / bytes);
      assertEquals(longest, DocumentKey.ofRecordName(longest).recordName());
      expectRefusal(longest + letter);
      String collection = letter.repeat(128 / bytes);
      assertEquals(collection, DocumentKey.ofRecordName(collection + "/x").collection());
      assertEquals("_", DocumentKey.ofRecordName(collection + letter + "/x").collection());
      assertTrue(DocumentKey.isCollection(collection));
      assertFalse(DocumentKey.isCollection(collection + letter));
    }
  }

  @Test
  void knowsCollections() {
    assertTrue(DocumentKey.isCollection("_"));
    assertTrue(DocumentKey.isCollection("users-2_x:y$"));
    for (String name :
        new String[] {
          "", "/", "a/b", "a.b", "*", ">", " ", "a\tb", "a\u2028b", "\u0085", "\ud800"
        }) {
      assertFalse(DocumentKey.isCollection(name), name);
    }
  }

  /// One name is one key, and the other way round.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void theMappingIsOneToOne(long seed) {
    var random = new SplittableRandom(seed);
    String alphabet = "ab_/. *é😀";
    int[] characters = alphabet.codePoints().toArray();
    for (int i = 0; i < 20_000; i++) {
      var name = new StringBuilder();
      for (int length = random.nextInt(1, 8); length > 0; length--) {
        name.appendCodePoint(characters[random.nextInt(characters.length)]);
      }
      DocumentKey key = DocumentKey.ofRecordName(name.toString());
      assertEquals(name.toString(), key.recordName());
      assertEquals(key, DocumentKey.ofRecordName(key.recordName()));
    }
  }

  @Test
  void isOrderedByCollectionThenId() {
    var keys = new ArrayList<DocumentKey>();
    for (String name : new String[] {"b/1", "a/2", "b/0", "a/1", "x", "a/10"}) {
      keys.add(DocumentKey.ofRecordName(name));
    }
    var sorted = new ArrayList<>(keys);
    sorted.sort(null);
    keys.sort(Comparator.comparing(DocumentKey::collection).thenComparing(DocumentKey::id));
    assertEquals(keys, sorted);
    assertEquals(
        0, keys.getFirst().compareTo(DocumentKey.ofRecordName(keys.getFirst().recordName())));
  }
}
