// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.pattern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.pattern.NamePattern.Trial;
import io.freshet.engine.pattern.NamePattern.Verdict;
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
}
