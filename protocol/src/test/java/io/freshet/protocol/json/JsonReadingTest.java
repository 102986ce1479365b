// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is JSON here and what is not.
class JsonReadingTest {
  private static ErrorCode refusal(byte[] bytes, JsonLimits limits) {
    FreshetException refusal =
        assertThrows(FreshetException.class, () -> Json.parse(bytes, limits));
    String message = String.valueOf(refusal.getMessage());
    assertTrue(message.length() > 30 && message.contains(" "), message);
    return refusal.code();
  }

  private static ErrorCode refusal(String text) {
    return refusal(text.getBytes(StandardCharsets.UTF_8), JsonLimits.DEFAULT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "\t\n\r",
        "-",
        "01",
        "-01",
        "00",
        "+1",
        "1.",
        "1.e1",
        ".5",
        "-.5",
        "1e",
        "1e+",
        "1E-",
        "1.5.5",
        "1ee5",
        "0x10",
        "1_000",
        "1f",
        "NaN",
        "-NaN",
        "Infinity",
        "-Infinity",
        "nul",
        "nulll",
        "nullx",
        "True",
        "tru",
        "true1",
        "falsee",
        "undefined",
        "'a'",
        "a",
        "[",
        "]",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[,]",
        "[1 2]",
        "[1,,2]",
        "[1]]",
        "[}",
        "[1:2]",
        "{",
        "}",
        "{]",
        "{,}",
        "{\"a\"",
        "{\"a\"}",
        "{\"a\":",
        "{\"a\":}",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{\"a\"::1}",
        "{a:1}",
        "{'a':1}",
        "{1:2}",
        "{null:1}",
        "{[]:1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\",\"b\"}",
        "{\"a\":1}}",
        "\"",
        "\"a",
        "\"\\",
        "\"\\\"",
        "\"\\x\"",
        "\"\\'\"",
        "\"\\0\"",
        "\"\\u\"",
        "\"\\u12\"",
        "\"\\u123\"",
        "\"\\u123g\"",
        "\"\\U0041\"",
        "\"\\u 041\"",
        "\"\\u+041\"",
        "\"a\nb\"",
        "\"\t\"",
        "\"\u0000\"",
        "\"\u001f\"",
        "\u0000",
        "1\u0000",
        "\u00001",
        "\"a\"\u0000",
        "/*c*/1",
        "1/*c*/",
        "1//c",
        "//c\n1",
        "#c\n1",
        "1 2",
        "1,",
        "1,2",
        ",1",
        "[] []",
        "{} x",
        "\"a\" \"b\"",
        "null null",
        "1 ]",
        "\u00a01",
        "1\u00a0",
        "\u000b1",
        "1\f",
        "\u20281",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800\\ud800\"",
        "\"\\ude00\\ud83d\"",
        "\"\\ud83dx\"",
        "\"\\ud83d\\n\"",
        "\"x\\ud83d\"",
        "{\"\\ud800\":1}",
        "{\"\\udfff\":1}",
        "[\"\\uD83D\"]",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"\":1,\"\":1}",
        "[{\"a\":1,\"b\":2,\"a\":3}]",
        "{\"x\":{\"a\":1,\"a\":1}}",
        "{\"é\":1,\"\\u00e9\":1}",
        "\uFEFF1",
        "\uFEFF{}",
        " \uFEFF1",
      })
  void refusesWhatIsNotJson(String text) {
    assertEquals(ErrorCode.INVALID_JSON, refusal(text));
    assertFalse(ReferenceReader.accepts(text.getBytes(StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Overlong forms of NUL, A, a quotation mark, U+07FF, U+FFFF.
        "C080",
        "C181",
        "C1BF",
        "C0A2",
        "E08080",
        "E09FBF",
        "F0808080",
        "F08FBFBF",
        // Surrogates, alone and as a pair.
        "EDA080",
        "EDAFBF",
        "EDB080",
        "EDBFBF",
        "EDA0BDEDB880",
        // Beyond the last code point; bytes that never occur.
        "F4908080",
        "F5808080",
        "F7BFBFBF",
        "F8808080",
        "FC808080",
        "FE",
        "FF",
        // Continuations without a beginning, beginnings without continuation.
        "80",
        "BF",
        "C3",
        "C328",
        "E2",
        "E282",
        "E228A1",
        "E28228",
        "F0",
        "F09F",
        "F09F98",
        "F0289F98",
        "F09F2898",
        "F09F9828",
        "C3C3",
        "E2E282AC",
      })
  void refusesWhatIsNotUtf8(String hex) {
    for (String template : List.of("\"%\"", "{\"%\":1}", "[\"some longer text %\",1]", "%", "1%")) {
      int hole = template.indexOf('%');
      byte[] text = template.replace("%", "").getBytes(StandardCharsets.UTF_8);
      byte[] bad = HexFormat.of().parseHex(hex);
      var bytes = new byte[text.length + bad.length];
      System.arraycopy(text, 0, bytes, 0, hole);
      System.arraycopy(bad, 0, bytes, hole, bad.length);
      System.arraycopy(text, hole, bytes, hole + bad.length, text.length - hole);
      assertEquals(ErrorCode.INVALID_JSON, refusal(bytes, JsonLimits.DEFAULT), template);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UTF-16BE",
        "UTF-16LE",
        "UTF-16",
        "UTF-32BE",
        "UTF-32LE",
      })
  void refusesOtherEncodings(String charset) throws Exception {
    for (String text : List.of("1", "{}", "\"a\"", "[1,2,3]", "{\"a\":\"b\"}")) {
      assertEquals(
          ErrorCode.INVALID_JSON, refusal(text.getBytes(charset), JsonLimits.DEFAULT), text);
    }
  }

  @Test
  void readsTheWholeRangeOfUtf8() {
    for (int codePoint = 0x20; codePoint < 0x110000; codePoint += codePoint < 0x3000 ? 1 : 37) {
      if (codePoint == '"'
          || codePoint == '\\'
          || codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
        continue;
      }
      String character = Character.toString(codePoint);
      assertEquals(JsonString.of(character), Json.parse("\"" + character + "\""));
    }
    for (int codePoint :
        new int[] {0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF}) {
      String character = Character.toString(codePoint);
      assertEquals(
          JsonObject.of(character, JsonNull.NULL), Json.parse("{\"" + character + "\":null}"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "null, null",
        " true , true",
        "false, false",
        "\"\", \"\"",
        "\"\\u0041\\u00e9\\ud83d\\ude00\", \"Aé😀\"",
        "\"\\uD83D\\uDE00\", \"😀\"",
        "\"\\/\\b\\f\\n\\r\\t\\\"\\\\\", \"/\\b\\f\\n\\r\\t\\\"\\\\\"",
        "\"\\u0000\\u001F\\u007f\", \"\\u0000\\u001f\u007f\"",
        "\"\u2028\uFEFF\", \"\u2028\uFEFF\"",
        "[ ], []",
        "`[ 1 , [ ] , { } ]`, `[1,[],{}]`",
        "{ }, {}",
        "`{ \"b\" : 1 , \"a\" : [ null ] }`, `{\"b\":1,\"a\":[null]}`",
        "{\"\":0}, {\"\":0}",
        "`{\"constructor\":1,\"prototype\":2,\"proto\":3}`,"
            + " `{\"constructor\":1,\"prototype\":2,\"proto\":3}`",
      })
  void readsAndWritesCanonically(String text, String canonical) {
    assertEquals(canonical, Json.text(Json.parse(text)));
    assertTrue(ReferenceReader.accepts(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void readsAPartOfAnArray() {
    byte[] bytes = "xx[1,2]]".getBytes(StandardCharsets.UTF_8);
    assertEquals(Json.parse("[1,2]"), Json.parse(bytes, 2, 5, JsonLimits.DEFAULT));
    assertThrows(FreshetException.class, () -> Json.parse(bytes, 2, 4, JsonLimits.DEFAULT));
    assertThrows(FreshetException.class, () -> Json.parse(bytes, 2, 6, JsonLimits.DEFAULT));
    assertThrows(FreshetException.class, () -> Json.parse(bytes, 2, 0, JsonLimits.DEFAULT));
    byte[] cut = "[\"é\"]".getBytes(StandardCharsets.UTF_8);
    assertThrows(FreshetException.class, () -> Json.parse(cut, 0, 3, JsonLimits.DEFAULT));
  }

  @Test
  void refusesTheKeyThatPoisonsPrototypesAnywhere() {
    assertEquals(ErrorCode.FORBIDDEN_KEY, refusal("{\"__proto__\":1}"));
    assertEquals(ErrorCode.FORBIDDEN_KEY, refusal("[{\"a\":{\"__proto__\":{}}}]"));
    assertEquals(ErrorCode.FORBIDDEN_KEY, refusal("{\"\\u005f_proto__\":1}"));
  }

  @Test
  void boundsKeysInBytes() {
    for (String letter : List.of("k", "é", "€", "😀", "\\n", "\\u00e9")) {
      String decoded = ((JsonString) Json.parse("\"" + letter + "\"")).value();
      int bytes = decoded.getBytes(StandardCharsets.UTF_8).length;
      String longest = letter.repeat(1024 / bytes);
      Json.parse("{\"" + longest + "\":1}");
      assertEquals(ErrorCode.INVALID_ARGUMENT, refusal("{\"" + longest + letter + "\":1}"), letter);
    }
    assertEquals(ErrorCode.INVALID_ARGUMENT, refusal("{\"" + "k".repeat(1_000_000) + "\":1}"));
    byte[] huge = ("{\"" + "k".repeat(5_000_000) + "\":1}").getBytes(StandardCharsets.UTF_8);
    assertEquals(ErrorCode.INVALID_ARGUMENT, refusal(huge, new JsonLimits(1 << 24, 64, 100)));
  }

  @Test
  void boundsSizeDepthAndMembers() {
    var limits = new JsonLimits(20, 3, 4);
    assertEquals(Json.parse("[[[]]]"), parse("[[[]]]", limits));
    assertEquals(ErrorCode.TOO_DEEP, refusal(bytes("[[[[]]]]"), limits));
    assertEquals(ErrorCode.TOO_DEEP, refusal(bytes("{\"a\":{\"a\":[{}]}}"), limits));
    parse("[1,[2,3]]", limits);
    assertEquals(ErrorCode.DOCUMENT_TOO_LARGE, refusal(bytes("[1,[2,3],4]"), limits));
    assertEquals(ErrorCode.DOCUMENT_TOO_LARGE, refusal(bytes("[1,{\"a\":2,\"b\":[3]}]"), limits));
    parse("\"" + "a".repeat(18) + "\"", limits);
    assertEquals(
        ErrorCode.DOCUMENT_TOO_LARGE, refusal(bytes("\"" + "a".repeat(19) + "\""), limits));
    assertEquals(ErrorCode.DOCUMENT_TOO_LARGE, refusal(bytes(" ".repeat(21)), limits));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static JsonValue parse(String text, JsonLimits limits) {
    return Json.parse(bytes(text), limits);
  }

  /// Refused at the first level too deep, so neither stack nor time grows with the text.
  @Test
  void deepNestingEndsAtTheLimit() {
    for (String open : List.of("[", "{\"a\":", "[{\"b\":")) {
      assertEquals(ErrorCode.TOO_DEEP, refusal(open.repeat(100_000)));
      assertEquals(
          ErrorCode.TOO_DEEP,
          refusal(open.repeat(100_000) + "!", new JsonLimits(1 << 24, 64, 1000)));
    }
    assertEquals(64, Json.parse("[".repeat(64) + "]".repeat(64)).depth());
    assertEquals(ErrorCode.TOO_DEEP, refusal("[".repeat(65) + "]".repeat(65)));
    assertEquals(64, Json.parse("{\"a\":".repeat(63) + "{}" + "}".repeat(63)).depth());
  }

  private static ErrorCode refusal(String text, JsonLimits limits) {
    return refusal(bytes(text), limits);
  }

  /// None of these is worked out: digits are bounded before they become a number.
  @ParameterizedTest
  @ValueSource(
      strings = {"1*", "-1*", "0.*", "1.*", "1e1*", "1e-1*", "0.0*", "1.0*", "1e0*", "9*.9e9"})
  void longNumbersAreRefusedUnread(String template) {
    char digit = template.charAt(template.indexOf('*') - 1) == '0' ? '0' : '7';
    String text =
        template.replace(
            "*", String.valueOf(digit).repeat(template.equals("1*") ? 10_000_000 : 1_000_000));
    assertEquals(
        ErrorCode.NUMBER_OUT_OF_RANGE, refusal(text, new JsonLimits(1 << 26, 64, 100_000)));
    assertEquals(
        ErrorCode.NUMBER_OUT_OF_RANGE,
        refusal("[" + text + "]", new JsonLimits(1 << 26, 64, 100_000)));
  }

  static Stream<Arguments> seeds() {
    return Stream.of(1L, 2L, 3L, new SplittableRandom().nextLong()).map(Arguments::of);
  }

  /// Random documents with a few bytes changed, removed, doubled or cut off: taken exactly if the
  /// reference takes them, and then meaning the same when written and read again.
  @ParameterizedTest
  @MethodSource("seeds")
  void takesAndRefusesWhatTheReferenceDoes(long seed) {
    var random = new SplittableRandom(seed);
    var values = new RandomJson(random);
    int taken = 0;
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = mutated(spelled(values.value(3), random), random);
      boolean expected = ReferenceReader.accepts(bytes);
      try {
        JsonValue value = Json.parse(bytes, JsonLimits.DEFAULT);
        assertTrue(expected, () -> "taken: " + HexFormat.of().formatHex(bytes));
        assertEquals(value, Json.parse(Json.encode(value), JsonLimits.DEFAULT));
        taken++;
      } catch (FreshetException e) {
        assertFalse(expected, () -> e + ": " + new String(bytes, StandardCharsets.UTF_8));
        refused++;
      }
    }
    assertTrue(taken > 2_000 && refused > 2_000, taken + " taken, " + refused + " refused");
  }

  /// A spelling that is not always canonical: white space, escapes, number forms.
  private static byte[] spelled(JsonValue value, SplittableRandom random) {
    String text = Json.text(value);
    if (random.nextBoolean()) {
      text = text.replace(",", " ,\n").replace("e", random.nextBoolean() ? "E+" : "\\u0065");
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] mutated(byte[] original, SplittableRandom random) {
    var bytes = new ArrayList<Byte>();
    for (byte b : original) {
      bytes.add(b);
    }
    byte[] likely =
        "\"\\{}[],:0123456789.eE+-untrfals \u0000\u001f".getBytes(StandardCharsets.UTF_8);
    for (int times = random.nextInt(3); times > 0 && !bytes.isEmpty(); times--) {
      int at = random.nextInt(bytes.size());
      byte other =
          random.nextInt(4) == 0
              ? (byte) random.nextInt(256)
              : likely[random.nextInt(likely.length)];
      switch (random.nextInt(5)) {
        case 0 -> bytes.set(at, other);
        case 1 -> bytes.add(at, other);
        case 2 -> bytes.remove(at);
        case 3 -> bytes.add(at, bytes.get(at));
        default -> bytes.subList(at, bytes.size()).clear();
      }
    }
    var result = new byte[bytes.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = bytes.get(i);
    }
    return result;
  }
}
