// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.pattern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.pattern.NamePattern.Trial;
import io.freshet.engine.pattern.NamePattern.Verdict;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamePatternTest {
  /// What Node's `new RegExp(pattern).test(name)` said for some 700 patterns, written by hand and
  /// at random, and 150 names.
  private static JsonObject golden() throws IOException {
    try (InputStream in = NamePatternTest.class.getResourceAsStream("/patterns/javascript.json")) {
      return (JsonObject) Json.parse(Objects.requireNonNull(in).readAllBytes(), JsonLimits.DEFAULT);
    }
  }

  private static List<String> names(JsonObject golden) {
    var names = new ArrayList<String>();
    ((JsonArray) golden.get("names")).forEach(name -> names.add(((JsonString) name).value()));
    return names;
  }

  @Test
  void matchesWhatJavaScriptMatches() throws IOException {
    JsonObject golden = golden();
    List<String> names = names(golden);
    var wrong = new ArrayList<String>();
    int trials = 0;
    for (JsonValue element : (JsonArray) golden.get("patterns")) {
      var expected = (JsonObject) element;
      String text = ((JsonString) expected.get("p")).value();
      try {
        NamePattern pattern = NamePattern.compile(text);
        if (expected.get("invalid") != null) {
          wrong.add(text + " is taken");
          continue;
        }
        for (int i = 0; i < names.size(); i++) {
          trials++;
          if (pattern.matches(names.get(i)) != matches(expected, i)) {
            wrong.add(text + " on " + Json.text(JsonString.of(names.get(i))));
          }
        }
      } catch (FreshetException e) {
        if (expected.get("invalid") == null) {
          wrong.add(text + " is refused: " + e.getMessage());
        }
      }
    }
    assertEquals(List.of(), wrong);
    assertTrue(trials > 50_000, "only " + trials + " trials");
  }

  private static boolean matches(JsonObject expected, int name) {
    boolean listed = expected.get("yes") != null;
    Set<JsonValue> members = new HashSet<>();
    ((JsonArray) expected.get(listed ? "yes" : "no")).forEach(members::add);
    return members.contains(JsonNumber.of(name)) == listed;
  }

  /// The regular ones among them must mean the same to the other way of matching.
  @Test
  void backtrackingAgreesWithTheLinearMatcher() throws IOException {
    JsonObject golden = golden();
    int compared = 0;
    for (JsonValue element : (JsonArray) golden.get("patterns")) {
      if (((JsonObject) element).get("invalid") != null) {
        continue;
      }
      Node node = PatternReader.read(((JsonString) ((JsonObject) element).get("p")).value());
      if (node.isRegular() && node.size() <= NamePattern.SIZE_MAX) {
        Regular linear = Regular.of(node);
        Backtracking backtracking = Backtracking.of(node);
        for (String name : names(golden)) {
          Trial trial = backtracking.match(name);
          if (trial.verdict() != Verdict.GIVEN_UP) {
            assertEquals(linear.match(name).verdict(), trial.verdict(), () -> node + " " + name);
            compared++;
          }
        }
      }
    }
    assertTrue(compared > 20_000, "only " + compared + " comparisons");
  }

  /// Where we decided otherwise than `new RegExp` without flags: as its `u` flag would.
  @ParameterizedTest
  @CsvSource({
    "^.$, 😀, true",
    "^..$, 😀, false",
    "^[😀-😂]$, 😁, true",
    "^[^a]$, 😀, true",
    "😀{2}, 😀😀, true",
    "^\\u{1F600}$, 😀, true",
    "^\\u{61}$, a, true",
    "^\\uD83D\\uDE00$, 😀, true",
    "(?<=^.)a, 😀a, true",
    "^(.)\\1$, 😀😀, true",
    "^\\W$, 😀, true",
  })
  void takesACharacterOutsideTheBasicPlaneAsOne(String text, String name, boolean matches) {
    assertEquals(matches, NamePattern.compile(text).matches(name));
  }

  @ParameterizedTest
  @CsvSource({
    "^settings/, settings/",
    "^settings/.*, settings/",
    "^a\\/b\\.c$, a/b.c",
    "^a|b, ''",
    "settings/, ''",
    "^(settings), ''",
    "^ab*, a",
    "^a😀[bc], a😀",
    "$, ''",
    "^, ''",
    "(^a), ''",
  })
  void knowsWhatNamesMustBeginWith(String text, String prefix) {
    assertEquals(prefix, NamePattern.compile(text).prefix());
  }

  /// Only then are a million names tried at the cost of comparing their beginnings.
  @ParameterizedTest
  @ValueSource(strings = {"^settings/", "^settings/.*", "^settings/(x|)", "^settings/(?:.*)*"})
  void tellsByThePrefixAloneWhereThatIsEnough(String text) {
    NamePattern pattern = NamePattern.compile(text);
    assertEquals(new Trial(Verdict.MATCHES, 1), pattern.match("settings/sec"));
    assertEquals(new Trial(Verdict.MATCHES, 1), pattern.match("settings/"));
    assertEquals(new Trial(Verdict.DIFFERS, 1), pattern.match("settings"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"^settings/$", "^settings/(?=x)", "^settings/.+", "^settings/(?<!x)"})
  void looksFurtherThanThePrefixWhereItIsNot(String text) {
    assertTrue(NamePattern.compile(text).match("settings/").steps() > 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a{100}){100}",
        "((((a{500}){500}){500}){500}){500}",
        "(?:(?:){512}){512}",
        "(?=(a{500}){500})",
        ".{500}.{500}.{500}",
        "(?:a|b|c|d|e|f|g|h){200}",
        "\\u{110000}",
        "\\u{FFFFFFFF}",
      })
  void refusesPatternsThatAreTooLarge(String text) {
    FreshetException refusal =
        assertThrows(FreshetException.class, () -> NamePattern.compile(text));
    assertEquals(ErrorCode.INVALID_PATTERN, refusal.code());
  }

  @Test
  void boundsTheLengthOfAPattern() {
    assertTrue(NamePattern.compile("a".repeat(NamePattern.LENGTH_MAX)).matches("a".repeat(512)));
    assertThrows(
        FreshetException.class, () -> NamePattern.compile("a".repeat(NamePattern.LENGTH_MAX + 1)));
    for (String open : List.of("(", "(?:", "(?=", "[", "(a|")) {
      String deep = open.repeat(NamePattern.LENGTH_MAX / open.length());
      assertThrows(FreshetException.class, () -> NamePattern.compile(deep), open);
    }
    String nested = "(".repeat(49) + "a" + ")".repeat(49);
    assertTrue(NamePattern.compile(nested).matches("xa"));
    assertTrue(NamePattern.compile("(?=" + nested + ")").matches("xa"));
  }

  /// Patterns that make usual matchers try ways without number: linear ones decide, the others give
  /// up within the bound.
  @ParameterizedTest
  @CsvSource({
    "(a+)+$, DIFFERS",
    "^(([a-z])+.)+[A-Z]([a-z])+$, DIFFERS",
    "^(?:a?){150}a{150}b$, DIFFERS",
    "(.*)*(.*)*(.*)*x$, DIFFERS",
    "(x+x+)+y, DIFFERS",
    "^(?:(a+)+)+\\1$, GIVEN_UP",
    "^(?=(a+)+$)b?(([a-z])+.)+[A-Z]$, GIVEN_UP",
    "(a*)*\\1\\1\\1b, GIVEN_UP",
    "(?<=(?:a|aa|aaa)+)b$, GIVEN_UP",
  })
  void catastrophicPatternsEndWithinTheBound(String text, Verdict verdict) {
    Trial trial = NamePattern.compile(text).match("a".repeat(511) + "!");
    assertEquals(verdict, trial.verdict());
    assertTrue(trial.steps() <= 512L * NamePattern.SIZE_MAX, trial::toString);
  }

  /// 2^30 ways without looking at one character: the JDK's matcher takes minutes for this.
  @Test
  void countsWaysThatLookAtNothing() {
    NamePattern pattern = NamePattern.compile("(?=a)" + "(|)".repeat(30) + "$z");
    assertEquals(Verdict.GIVEN_UP, pattern.match("aaaa").verdict());
  }
}
