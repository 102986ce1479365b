// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.RandomDocuments;
import io.freshet.protocol.Seeds;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The two notations of Sync contract 2.6.
class FieldPathTest {
  static Stream<Arguments> texts() {
    return Stream.of(
        Arguments.of("a", List.of("a")),
        Arguments.of("a.b.0", List.of("a", "b", "0")),
        Arguments.of("a\\.b", List.of("a.b")),
        Arguments.of("a\\\\.b", List.of("a\\", "b")),
        Arguments.of("\\\\\\.", List.of("\\.")),
        Arguments.of("a b. c ", List.of("a b", " c ")),
        Arguments.of("a[0]", List.of("a[0]")),
        Arguments.of("a./x", List.of("a", "/x")),
        Arguments.of("~1.~", List.of("~1", "~")),
        Arguments.of("-", List.of("-")),
        Arguments.of("$inc", List.of("$inc")),
        Arguments.of("🦊.ключ", List.of("🦊", "ключ")),
        Arguments.of("/a", List.of("a")),
        Arguments.of("/a/b/0/-", List.of("a", "b", "0", "-")),
        Arguments.of("/a.b", List.of("a.b")),
        Arguments.of("/a\\.b", List.of("a\\.b")),
        Arguments.of("/~1x", List.of("/x")),
        Arguments.of("/m~0n/~01/~10", List.of("m~n", "~1", "/0")),
        Arguments.of("/", List.of("")),
        Arguments.of("//", List.of("", "")),
        Arguments.of("/a/", List.of("a", "")),
        Arguments.of("/constructor/prototype", List.of("constructor", "prototype")));
  }

  @ParameterizedTest
  @MethodSource("texts")
  void readsBothNotations(String text, List<String> segments) {
    assertEquals(new FieldPath(segments), FieldPath.parse(text));
  }

  static Stream<Arguments> rendered() {
    return Stream.of(
        Arguments.of(List.of("a"), "a", "/a"),
        Arguments.of(List.of("user", "name"), "user.name", "/user/name"),
        Arguments.of(List.of("a.b"), "a\\.b", "/a.b"),
        Arguments.of(List.of("a\\", "b"), "a\\\\.b", "/a\\/b"),
        Arguments.of(List.of("a", "/x"), "a./x", "/a/~1x"),
        Arguments.of(List.of("m~n"), "m~n", "/m~0n"),
        // Dots cannot say these.
        Arguments.of(List.of(""), "/", "/"),
        Arguments.of(List.of("a", ""), "/a/", "/a/"),
        Arguments.of(List.of("", "a.b"), "//a.b", "//a.b"),
        Arguments.of(List.of("/x"), "/~1x", "/~1x"),
        Arguments.of(List.of("/", "a.b", "~"), "/~1/a.b/~0", "/~1/a.b/~0"),
        Arguments.of(List.of(), "", ""));
  }

  @ParameterizedTest
  @MethodSource("rendered")
  void rendersDotsOrElseAPointer(List<String> segments, String text, String pointer) {
    var path = new FieldPath(segments);
    assertEquals(text, path.render());
    assertEquals(pointer, path.pointer());
    assertEquals(path, FieldPath.parsePointer(pointer));
  }

  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void everyPathReadsBackInBothNotations(long seed) {
    var random = new SplittableRandom(seed);
    var documents = new RandomDocuments(random);
    for (int i = 0; i < Seeds.DOCUMENTS; i++) {
      var segments = new ArrayList<String>();
      for (int steps = random.nextInt(1, 6); steps > 0; steps--) {
        segments.add(documents.key());
      }
      var path = new FieldPath(segments);
      assertEquals(path, FieldPath.parse(path.render()), path::render);
      assertEquals(path, FieldPath.parse(path.pointer()), path::pointer);
      boolean pointer = segments.contains("") || segments.getFirst().startsWith("/");
      assertEquals(pointer, path.render().startsWith("/"), path::render);
    }
  }

  private static void expectRefused(ErrorCode code, String text) {
    FreshetException refused =
        assertThrows(FreshetException.class, () -> FieldPath.parse(text), text);
    assertEquals(code, refused.code());
    assertFalse(refused.getMessage().contains("conflict"), refused.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", ".", ".a", "a.", "a..b", "a\\", "a\\b", "\\/", "\\", "/~", "/a~", "/a~2", "/~x/b"
      })
  void refusesWhatSaysNothing(String text) {
    expectRefused(ErrorCode.INVALID_PATH, text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"__proto__", "a.__proto__", "/__proto__", "/a/__proto__/b", "__proto__.a"})
  void refusesThePrototype(String text) {
    expectRefused(ErrorCode.FORBIDDEN_KEY, text);
  }

  @Test
  void aPointerMayNameTheRootAndBeginsWithASlash() {
    assertTrue(FieldPath.parsePointer("").isRoot());
    assertEquals(
        ErrorCode.INVALID_PATH,
        assertThrows(FreshetException.class, () -> FieldPath.parsePointer("a")).code());
  }

  @Test
  void takes64StepsAnd2KiBAndKeysOf1KiB() {
    assertEquals(64, FieldPath.parse("a.".repeat(63) + "a").segments().size());
    expectRefused(ErrorCode.INVALID_PATH, "a.".repeat(64) + "a");
    assertEquals(64, FieldPath.parse("/a".repeat(64)).segments().size());
    expectRefused(ErrorCode.INVALID_PATH, "/a".repeat(65));
    String longest = "é".repeat(512) + "." + "b".repeat(1023);
    assertEquals(
        List.of(512, 1023),
        FieldPath.parse(longest).segments().stream().map(String::length).toList());
    expectRefused(ErrorCode.INVALID_PATH, longest + "b");
    expectRefused(ErrorCode.INVALID_PATH, "é".repeat(512) + "e");
    expectRefused(ErrorCode.INVALID_PATH, "/" + "a".repeat(1025));
    // A key of any characters has a path.
    assertEquals(1024, FieldPath.parse("\\.".repeat(1024)).segments().getFirst().length());
  }

  @Test
  void containsWhatLeadsOn() {
    FieldPath path = FieldPath.of("a", "b");
    assertTrue(path.contains(path));
    assertTrue(path.contains(FieldPath.of("a", "b", "c")));
    assertTrue(FieldPath.ROOT.contains(path));
    assertFalse(path.contains(FieldPath.of("a")));
    assertFalse(path.contains(FieldPath.of("a", "bc")));
    assertFalse(path.contains(FieldPath.of("a.b")));
  }
}
