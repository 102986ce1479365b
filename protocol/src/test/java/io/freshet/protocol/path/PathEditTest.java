// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.RandomDocuments;
import io.freshet.protocol.Seeds;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Protocol reference, section 13, against tables and against the JavaScript client.
class PathEditTest {
  private static JsonValue set(String root, String path, String value) {
    return PathEdit.apply(
        Json.parse(root), new FieldOperation.Set(RecordPath.parse(path), Json.parse(value)));
  }

  private static JsonValue erase(String root, String path) {
    return PathEdit.apply(Json.parse(root), new FieldOperation.Erase(RecordPath.parse(path)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{}; a; 1; {\"a\":1}",
        "{}; a.b.c; 1; {\"a\":{\"b\":{\"c\":1}}}",
        "{}; pets[1].fur.color; \"red\"; {\"pets\":[null,{\"fur\":{\"color\":\"red\"}}]}",
        "{}; a[0][1]; 1; {\"a\":[[null,1]]}",
        // A digit key makes an object where there is nothing, and addresses an array that is there.
        "{}; a.0; 1; {\"a\":{\"0\":1}}",
        "{\"a\":[5]}; a.0; 1; {\"a\":[1]}",
        "{\"a\":[5]}; a.2; 1; {\"a\":[5,null,1]}",
        "{\"a\":{\"0\":5}}; a[0]; 1; {\"a\":{\"0\":1}}",
        "[5]; 0; 1; [1]",
        "[5]; 1.b; 1; [5,{\"b\":1}]",
        "{}; [0]; 1; {\"\":[1]}",
        // Scalars and null on the way are replaced.
        "{\"a\":null}; a.b; 1; {\"a\":{\"b\":1}}",
        "{\"a\":null}; a[1]; 1; {\"a\":[null,1]}",
        "{\"a\":1}; a.b; 1; {\"a\":{\"b\":1}}",
        "{\"a\":\"x\"}; a[0]; 1; {\"a\":[1]}",
        "{\"a\":[null]}; a[0].b; 1; {\"a\":[{\"b\":1}]}",
        "{\"a\":false}; a.b[1].c; 1; {\"a\":{\"b\":[null,{\"c\":1}]}}",
        // Gaps.
        "{\"a\":[1]}; a[4]; 2; {\"a\":[1,null,null,null,2]}",
        "{\"a\":[1]}; a[3].b; 2; {\"a\":[1,null,null,{\"b\":2}]}",
        // Null is a value.
        "{\"a\":1}; a; null; {\"a\":null}",
        "{}; a[1]; null; {\"a\":[null,null]}",
        "{\"a\":{\"b\":1}}; a; []; {\"a\":[]}",
        "{\"length\":1}; toString; 2; {\"length\":1,\"toString\":2}",
      })
  void sets(String root, String path, String value, String result) {
    assertEquals(Json.parse(result), set(root, path, value));
    assertEquals(Json.parse(value), PathEdit.find(set(root, path, value), RecordPath.parse(path)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{\"a\":1,\"b\":2}; a; {\"b\":2}",
        "{\"a\":{\"b\":1,\"c\":2}}; a.b; {\"a\":{\"c\":2}}",
        "{\"a\":{\"b\":1}}; a.b; {\"a\":{}}",
        "{\"a\":[1,2,3]}; a[1]; {\"a\":[1,null,3]}",
        "{\"a\":[1,2,3]}; a[2]; {\"a\":[1,2,null]}",
        "{\"a\":[1,2,3]}; a.0; {\"a\":[null,2,3]}",
        "{\"a\":[1,2,3]}; a[3]; {\"a\":[1,2,3]}",
        "{\"a\":[1,2,3]}; a[10000]; {\"a\":[1,2,3]}",
        "{\"a\":1}; b; {\"a\":1}",
        // What is missing on the way is made.
        "{}; a.b; {\"a\":{}}",
        "{}; a.b.c; {\"a\":{\"b\":{}}}",
        "{}; a[2].b; {\"a\":[null,null,{}]}",
        "{\"a\":null}; a.b; {\"a\":{}}",
        "{\"a\":1}; a[0]; {\"a\":[]}",
        "{\"a\":1}; a[2]; {\"a\":[null,null]}",
        "{}; a[2][1]; {\"a\":[null,null,[null]]}",
        "[1,2]; 0; [null,2]",
      })
  void erases(String root, String path, String result) {
    assertEquals(Json.parse(result), erase(root, path));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{\"a\":[]}; a.b",
        "{\"a\":[]}; a.b.c",
        "[]; a",
        "[[]]; 0.x",
        "{\"a\":[]}; a.01",
        "{\"a\":[]}; a.-1",
        "{\"a\":[1]}; a.length",
        "{\"a\":[]}; a.1234567890",
        "{\"a\":[]}; a.٣",
      })
  void refusesNamesOnArrays(String root, String path) {
    assertEquals(
        ErrorCode.TYPE_MISMATCH,
        assertThrows(FreshetException.class, () -> set(root, path, "1")).code());
    assertEquals(
        ErrorCode.TYPE_MISMATCH,
        assertThrows(FreshetException.class, () -> erase(root, path)).code());
    assertNull(PathEdit.find(Json.parse(root), RecordPath.parse(path)));
  }

  @Test
  void refusesPlacesFarBeyondTheEnd() {
    JsonValue far = set("{}", "a[10000]", "1");
    assertEquals(10_001, ((JsonArray) ((JsonObject) far).get("a")).size());
    for (String path :
        List.of("a[10001]", "a.10001", "a[999999999]", "a[20000].b", "b[1][10001]", "b[10001]")) {
      assertEquals(
          ErrorCode.INVALID_PATH,
          assertThrows(FreshetException.class, () -> set("{\"a\":[]}", path, "1"), path).code());
    }
    assertThrows(FreshetException.class, () -> erase("{}", "a[10001]"));
    assertThrows(FreshetException.class, () -> erase("{\"a\":[1]}", "a[10001]"));
    JsonValue next =
        PathEdit.apply(far, new FieldOperation.Set(RecordPath.parse("a[10001]"), JsonNull.NULL));
    assertEquals(10_002, ((JsonArray) ((JsonObject) next).get("a")).size());
    assertThrows(
        FreshetException.class,
        () ->
            PathEdit.apply(
                far, new FieldOperation.Set(RecordPath.parse("a[10002]"), JsonNull.NULL)));
    assertThrows(
        FreshetException.class,
        () -> PathEdit.apply(far, new FieldOperation.Erase(RecordPath.parse("a[10002]"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "null", "true", "\"a\""})
  void refusesScalarDocuments(String root) {
    assertEquals(
        ErrorCode.TYPE_MISMATCH,
        assertThrows(FreshetException.class, () -> set(root, "a", "1")).code());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{\"a\":{\"b\":[1,{\"c\":2}]}}; a.b[1].c; 2",
        "{\"a\":{\"b\":[1,{\"c\":2}]}}; a.b.0; 1",
        "{\"a\":{\"0\":3}}; a[0]; 3",
        "{\"a\":null}; a; null",
        "[7]; 0; 7",
      })
  void finds(String root, String path, String value) {
    assertEquals(Json.parse(value), PathEdit.find(Json.parse(root), RecordPath.parse(path)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{}; a",
        "{\"a\":1}; a.b",
        "{\"a\":null}; a.b",
        "{\"a\":[1]}; a[1]",
        "{\"a\":\"xy\"}; a[0]",
        "{\"a\":[1]}; a.x",
        "{}; [0]",
      })
  void findsNothing(String root, String path) {
    assertNull(PathEdit.find(Json.parse(root), RecordPath.parse(path)));
  }

  @Test
  void appliesSeveralInOrder() {
    List<FieldOperation> operations =
        List.of(
            new FieldOperation.Set(RecordPath.parse("a.b"), JsonNumber.of(1)),
            new FieldOperation.Set(RecordPath.parse("a"), JsonNumber.of(2)),
            new FieldOperation.Set(RecordPath.parse("c[1]"), JsonNumber.of(3)),
            new FieldOperation.Erase(RecordPath.parse("a")));
    assertEquals(Json.parse("{\"c\":[null,3]}"), PathEdit.applyAll(JsonObject.empty(), operations));
    assertSame(JsonObject.empty(), PathEdit.applyAll(JsonObject.empty(), List.of()));
  }

  @Test
  void sharesEverythingOffThePath() {
    var root =
        (JsonObject)
            Json.parse("{\"a\":{\"b\":{\"c\":1},\"d\":{\"e\":2}},\"f\":[{\"g\":3},{\"h\":4}]}");
    RecordPath path = RecordPath.parse("a.b.c");
    var set = (JsonObject) PathEdit.apply(root, new FieldOperation.Set(path, JsonNull.NULL));
    assertSame(root.get("f"), set.get("f"));
    assertSame(find(root, "a.d"), find(set, "a.d"));
    assertEquals(JsonNumber.of(1), find(root, "a.b.c"));
    var erased =
        (JsonObject) PathEdit.apply(root, new FieldOperation.Erase(RecordPath.parse("f[0].g")));
    assertSame(root.get("a"), erased.get("a"));
    assertSame(find(root, "f[1]"), find(erased, "f[1]"));
    assertEquals(JsonNumber.of(3), find(root, "f[0].g"));
  }

  private static JsonValue find(JsonValue root, String path) {
    return PathEdit.find(root, RecordPath.parse(path));
  }

  private static JsonObject golden() throws IOException {
    try (InputStream in = PathEditTest.class.getResourceAsStream("/deepstream/paths.json")) {
      return (JsonObject) Json.parse(Objects.requireNonNull(in).readAllBytes(), JsonLimits.DEFAULT);
    }
  }

  private static String text(JsonValue value) {
    return ((JsonString) value).value();
  }

  /// What `setValue` of `@deepstream/client` 7.0.5 made of some 700 documents. Where it stores a
  /// named property on an array, which JSON then loses, we refuse.
  @Test
  void editsAsTheJavaScriptClientDoes() throws IOException {
    var wrong = new ArrayList<String>();
    int compared = 0;
    for (JsonValue element : (JsonArray) golden().get("edits")) {
      var vector = (JsonObject) element;
      RecordPath path = RecordPath.parse(text(vector.get("path")));
      JsonValue value = vector.get("value");
      FieldOperation operation =
          value == null ? new FieldOperation.Erase(path) : new FieldOperation.Set(path, value);
      try {
        JsonValue after = PathEdit.apply(vector.get("root"), operation);
        if (vector.get("lost") != null || !after.equals(vector.get("after"))) {
          wrong.add(vector + " gave " + after);
        }
        compared++;
      } catch (FreshetException e) {
        if (vector.get("lost") == null || e.code() != ErrorCode.TYPE_MISMATCH) {
          wrong.add(vector + " threw " + e.getMessage());
        }
      }
    }
    assertEquals(List.of(), wrong);
    assertTrue(compared > 500, "only " + compared + " compared");
  }

  @Test
  void readsPathsAsTheJavaScriptClientDoes() throws IOException {
    int compared = 0;
    for (JsonValue element : (JsonArray) golden().get("paths")) {
      var vector = (JsonObject) element;
      var tokens = new ArrayList<JsonValue>();
      for (PathToken token : RecordPath.parse(text(vector.get("path"))).tokens()) {
        tokens.add(
            JsonString.of(
                switch (token) {
                  case PathToken.Key(String name) -> name;
                  case PathToken.Index(int place) -> Integer.toString(place);
                }));
      }
      assertEquals(vector.get("tokens"), JsonArray.of(tokens), vector::toString);
      compared++;
    }
    assertTrue(compared > 40, "only " + compared + " compared");
  }

  /// However many there are, the result is that of one after the other.
  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void manyAtOnceDoTheSameAsOneByOne(long seed) {
    var random = new SplittableRandom(seed);
    var documents = new RandomDocuments(random);
    List<PathToken> steps =
        List.of(
            new PathToken.Key("a"),
            new PathToken.Key("b"),
            new PathToken.Key("0"),
            new PathToken.Key(""),
            new PathToken.Index(0),
            new PathToken.Index(2));
    for (int i = 0; i < Seeds.DOCUMENTS; i++) {
      JsonValue document = documents.document();
      var operations = new ArrayList<FieldOperation>();
      for (int count = random.nextInt(40); count > 0; count--) {
        var tokens = new ArrayList<PathToken>();
        tokens.add(documents.pick(steps.subList(0, 4)));
        while (random.nextInt(3) > 0) {
          tokens.add(documents.pick(steps));
        }
        var path = new RecordPath(tokens);
        operations.add(
            random.nextInt(3) == 0
                ? new FieldOperation.Erase(path)
                : new FieldOperation.Set(path, documents.value()));
      }
      assertEquals(
          outcome(() -> {
            JsonValue state = document;
            for (FieldOperation operation : operations) {
              state = PathEdit.apply(state, operation);
            }
            return state;
          }),
          outcome(() -> PathEdit.applyAll(document, operations)));
    }
  }

  private static Object outcome(Supplier<JsonValue> action) {
    try {
      return action.get();
    } catch (FreshetException refused) {
      return refused.code();
    }
  }
}
