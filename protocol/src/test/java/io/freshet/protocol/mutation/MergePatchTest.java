// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import static io.freshet.protocol.mutation.Edits.checked;
import static io.freshet.protocol.mutation.Edits.expectRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.freshet.protocol.RandomDocuments;
import io.freshet.protocol.Seeds;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.mutation.MergePatch.Nulls;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.PathToken;
import io.freshet.protocol.path.RecordPath;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sync contract 2.5, and RFC 7396 where both sides are objects.
class MergePatchTest {
  private static Edited merge(JsonValue before, JsonValue patch, Nulls nulls) {
    return checked(before, MergePatch.apply(before, patch, nulls, JsonLimits.DEFAULT));
  }

  private static JsonValue merge(String before, String patch) {
    return merge(Json.parse(before), Json.parse(patch), Nulls.DELETE).after();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        // The table of the contract.
        "{\"a\":{\"b\":1,\"c\":2}}; {\"a\":{\"b\":9}}; {\"a\":{\"b\":9,\"c\":2}}",
        "{\"a\":1,\"b\":2}; {\"a\":null}; {\"b\":2}",
        "{\"t\":[1,2,3]}; {\"t\":[9]}; {\"t\":[9]}",
        "{\"t\":[1]}; {\"t\":{\"0\":9}}; {\"t\":{\"0\":9}}",
        "{}; {\"a\":{\"x\":null,\"y\":[null]}}; {\"a\":{\"y\":[null]}}",
        // Its rules, one by one.
        "{\"a\":1}; {\"b\":null}; {\"a\":1}",
        "{\"a\":1}; {\"a\":{\"b\":null}}; {\"a\":{}}",
        "{\"a\":null}; {\"a\":{\"b\":{\"c\":null,\"d\":1}}}; {\"a\":{\"b\":{\"d\":1}}}",
        "{\"a\":{\"b\":1}}; {\"a\":5}; {\"a\":5}",
        "{\"a\":{\"b\":1}}; {\"a\":{\"b\":null}}; {\"a\":{}}",
        "{\"a\":{\"b\":1}}; {\"a.b\":2}; {\"a\":{\"b\":1},\"a.b\":2}",
        "{\"a\":{\"b\":1}}; {\"/a/b\":2}; {\"a\":{\"b\":1},\"/a/b\":2}",
        "{\"a\":[{\"b\":1}]}; {\"a\":[{\"c\":null}]}; {\"a\":[{\"c\":null}]}",
        "{\"a\":1}; {}; {\"a\":1}",
        "{\"a\":1}; {\"a\":1.0}; {\"a\":1}",
        "{\"\":1}; {\"\":{\"\":{\"\":2}}}; {\"\":{\"\":{\"\":2}}}",
        "{\"$inc\":1}; {\"$inc\":{\"$x\":2}}; {\"$inc\":{\"$x\":2}}",
        "{\"a\":1}; {\"toString\":2,\"constructor\":null}; {\"a\":1,\"toString\":2}",
        // The test cases of RFC 7396 that begin and end with objects.
        "{\"a\":\"b\"}; {\"a\":\"c\"}; {\"a\":\"c\"}",
        "{\"a\":\"b\"}; {\"b\":\"c\"}; {\"a\":\"b\",\"b\":\"c\"}",
        "{\"a\":\"b\"}; {\"a\":null}; {}",
        "{\"a\":\"b\",\"b\":\"c\"}; {\"a\":null}; {\"b\":\"c\"}",
        "{\"a\":[\"b\"]}; {\"a\":\"c\"}; {\"a\":\"c\"}",
        "{\"a\":\"c\"}; {\"a\":[\"b\"]}; {\"a\":[\"b\"]}",
        "{\"a\":{\"b\":\"c\"}}; {\"a\":{\"b\":\"d\",\"c\":null}}; {\"a\":{\"b\":\"d\"}}",
        "{\"a\":[{\"b\":\"c\"}]}; {\"a\":[1]}; {\"a\":[1]}",
        "{\"e\":null}; {\"a\":1}; {\"e\":null,\"a\":1}",
        "{}; {\"a\":{\"bb\":{\"ccc\":null}}}; {\"a\":{\"bb\":{}}}",
      })
  void merges(String before, String patch, String after) {
    assertEquals(Json.parse(after), merge(before, patch));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{\"a\":1}; {\"a\":null}; {\"a\":null}",
        "{}; {\"a\":{\"x\":null}}; {\"a\":{\"x\":null}}",
        "{\"a\":{\"b\":1,\"c\":2}}; {\"a\":{\"b\":null}}; {\"a\":{\"b\":null,\"c\":2}}",
      })
  void storesNullsWhenAskedTo(String before, String patch, String after) {
    Edited edited = merge(Json.parse(before), Json.parse(patch), Nulls.SET);
    assertEquals(Json.parse(after), edited.after());
  }

  @Test
  void editsOnlyWhatChanges() {
    JsonValue before = Json.parse("{\"a\":{\"b\":1,\"c\":{\"d\":[1]}},\"e\":2,\"f\":{\"g\":3}}");
    JsonValue patch =
        Json.parse(
            "{\"a\":{\"b\":1,\"c\":{\"d\":[1],\"h.i\":4}},\"e\":null,\"f\":{\"g\":3,\"x\":null}}");
    Edited edited = merge(before, patch, Nulls.DELETE);
    assertEquals(
        List.of(
            new FieldOperation.Set(
                new RecordPath(
                    List.of(
                        new PathToken.Key("a"), new PathToken.Key("c"), new PathToken.Key("h.i"))),
                JsonNumber.of(4)),
            new FieldOperation.Erase(RecordPath.parse("e"))),
        edited.operations());
    JsonObject after = (JsonObject) edited.after();
    assertSame(((JsonObject) before).get("f"), after.get("f"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "1", "null", "\"conflict\"", "true"})
  void takesObjectsOnly(String other) {
    expectRefused(ErrorCode.INVALID_ARGUMENT, () -> merge("{}", other));
  }

  @Test
  void refusesLists() {
    expectRefused(ErrorCode.TYPE_MISMATCH, () -> merge("[]", "{}"));
    expectRefused(ErrorCode.TYPE_MISMATCH, () -> merge("[{\"a\":1}]", "{\"0\":{}}"));
  }

  @Test
  void keepsToTheLimits() {
    var limits = new JsonLimits(100, 3, 5);
    JsonValue before = Json.parse("{\"a\":{\"b\":[]}}");
    MergePatch.apply(before, Json.parse("{\"a\":{\"c\":[1]}}"), Nulls.DELETE, limits);
    expectRefused(
        ErrorCode.TOO_DEEP,
        () -> MergePatch.apply(before, Json.parse("{\"a\":{\"c\":[[]]}}"), Nulls.DELETE, limits));
    expectRefused(
        ErrorCode.DOCUMENT_TOO_LARGE,
        () -> MergePatch.apply(before, Json.parse("{\"x\":[1,2,3]}"), Nulls.DELETE, limits));
    JsonValue text = JsonObject.of("t", JsonString.of("x".repeat(90)));
    expectRefused(
        ErrorCode.DOCUMENT_TOO_LARGE, () -> MergePatch.apply(before, text, Nulls.DELETE, limits));
    // A document over the limit may be merged into while it does not grow.
    JsonValue large = Json.parse("{\"a\":[1,2,3,4,5,6],\"b\":1}");
    MergePatch.apply(large, Json.parse("{\"b\":2}"), Nulls.DELETE, limits);
    expectRefused(
        ErrorCode.DOCUMENT_TOO_LARGE,
        () -> MergePatch.apply(large, Json.parse("{\"c\":2}"), Nulls.DELETE, limits));
  }

  @Test
  void aMergeThatChangesMostOfAnObjectIsOneEditOfIt() {
    JsonObject inner = JsonObject.empty();
    JsonObject patch = JsonObject.empty();
    for (int i = 0; i < 200; i++) {
      inner = inner.with("k" + i, JsonNumber.of(i));
      patch = i < 120 ? patch.with("k" + i, JsonNumber.of(-1 - i)) : patch;
    }
    JsonValue before = JsonObject.of("in", inner);
    Edited edited = merge(before, JsonObject.of("in", patch), Nulls.DELETE);
    assertEquals(1, edited.operations().size());
    assertEquals(120, merge(inner, patch, Nulls.DELETE).operations().size());
  }

  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void isWhatTheRfcSays(long seed) {
    var documents = new RandomDocuments(new SplittableRandom(seed));
    for (int i = 0; i < Seeds.DOCUMENTS; i++) {
      JsonObject before = documents.document();
      JsonObject patch = documents.varied(before);
      assertEquals(rfc(before, patch), merge(before, patch, Nulls.DELETE).after());
      assertEquals(stored(before, patch), merge(before, patch, Nulls.SET).after());
    }
  }

  /// The pseudo-code of RFC 7396, section 2.
  private static JsonValue rfc(JsonValue target, JsonValue patch) {
    if (!(patch instanceof JsonObject members)) {
      return patch;
    }
    JsonObject[] result = {target instanceof JsonObject object ? object : JsonObject.empty()};
    members.forEach((key, value) -> {
      JsonValue old = result[0].get(key);
      result[0] =
          value == JsonNull.NULL
              ? result[0].without(key)
              : result[0].with(key, rfc(old == null ? JsonNull.NULL : old, value));
    });
    return result[0];
  }

  private static JsonValue stored(JsonValue target, JsonValue patch) {
    if (!(patch instanceof JsonObject members && target instanceof JsonObject object)) {
      return patch;
    }
    JsonObject[] result = {object};
    members.forEach((key, value) -> {
      JsonValue old = result[0].get(key);
      result[0] = result[0].with(key, old == null ? value : stored(old, value));
    });
    return result[0];
  }
}
