// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.RandomDocuments;
import io.freshet.protocol.Seeds;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.mutation.MergePatch.Nulls;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A patch computed between two documents leads from the one to the other (Sync contract 5.3).
class JsonPatchLawsTest {
  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void everyDocumentIsReachedByAJsonPatch(long seed) {
    var documents = new RandomDocuments(new SplittableRandom(seed));
    for (int i = 0; i < Seeds.DOCUMENTS; i++) {
      JsonObject one = documents.document();
      JsonObject other = documents.varied(one);
      var steps = new ArrayList<JsonValue>();
      jsonPatch(FieldPath.ROOT, one, other, steps);
      JsonValue patch = Json.parse(Json.text(JsonArray.of(steps)));
      JsonPatch read = JsonPatch.read(patch, Integer.MAX_VALUE);
      assertEquals(other, Edits.checked(one, read.apply(one, JsonLimits.DEFAULT)).after());
    }
  }

  /// Members are added, removed and replaced; of arrays, what stands between the common beginning
  /// and the common end is removed and added element by element.
  private static void jsonPatch(
      FieldPath at, JsonValue one, JsonValue other, List<JsonValue> steps) {
    if (one instanceof JsonObject before && other instanceof JsonObject after) {
      before.forEach((key, value) -> {
        JsonValue next = after.get(key);
        if (next == null) {
          steps.add(step("remove", at(at, key), null));
        } else {
          jsonPatch(at(at, key), value, next, steps);
        }
      });
      after.forEach((key, value) -> {
        if (before.get(key) == null) {
          steps.add(step("add", at(at, key), value));
        }
      });
    } else if (one instanceof JsonArray before && other instanceof JsonArray after) {
      arrayPatch(at, before, after, steps);
    } else if (!one.equals(other)) {
      steps.add(step("replace", at, other));
    }
  }

  private static void arrayPatch(
      FieldPath at, JsonArray before, JsonArray after, List<JsonValue> steps) {
    int shorter = Math.min(before.size(), after.size());
    int begin = 0;
    while (begin < shorter && before.get(begin).equals(after.get(begin))) {
      begin++;
    }
    int end = 0;
    while (end < shorter - begin
        && before.get(before.size() - 1 - end).equals(after.get(after.size() - 1 - end))) {
      end++;
    }
    for (int i = before.size() - end - 1; i >= begin; i--) {
      steps.add(step("remove", at(at, String.valueOf(i)), null));
    }
    for (int i = begin; i < after.size() - end; i++) {
      String place = end == 0 ? "-" : String.valueOf(i);
      steps.add(step("add", at(at, place), after.get(i)));
    }
  }

  private static FieldPath at(FieldPath parent, String step) {
    var segments = new ArrayList<>(parent.segments());
    segments.add(step);
    return new FieldPath(segments);
  }

  private static JsonObject step(String op, FieldPath path, JsonValue value) {
    JsonObject step =
        JsonObject.of("op", JsonString.of(op)).with("path", JsonString.of(path.pointer()));
    return value == null ? step : step.with("value", value);
  }

  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void everyDocumentWithoutNullsIsReachedByAMergePatch(long seed) {
    var documents = new RandomDocuments(new SplittableRandom(seed));
    for (int i = 0; i < Seeds.DOCUMENTS; i++) {
      JsonObject one = documents.document();
      JsonObject other = Merging.withoutNulls(documents.varied(one));
      JsonObject patch = mergePatch(one, other);
      Edited edited = MergePatch.apply(one, patch, Nulls.DELETE, JsonLimits.DEFAULT);
      assertEquals(other, Edits.checked(one, edited).after());
    }
  }

  private static JsonObject mergePatch(JsonObject one, JsonObject other) {
    JsonObject[] patch = {JsonObject.empty()};
    one.forEach((key, value) -> {
      if (other.get(key) == null) {
        patch[0] = patch[0].with(key, JsonNull.NULL);
      }
    });
    other.forEach((key, value) -> {
      JsonValue old = one.get(key);
      if (value instanceof JsonObject after && old instanceof JsonObject before) {
        patch[0] = patch[0].with(key, mergePatch(before, after));
      } else if (!value.equals(old)) {
        patch[0] = patch[0].with(key, value);
      }
    });
    return patch[0];
  }

  /// Steps on a document that was drawn, in any order: whatever they do, it is replayed exactly.
  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void whateverAPatchDoesIsReplayed(long seed) {
    var random = new SplittableRandom(seed);
    var documents = new RandomDocuments(random);
    var drawn = new RandomMutations(random);
    int accepted = 0;
    for (int i = 0; i < Seeds.DOCUMENTS; i++) {
      JsonObject before = documents.document();
      var steps = new ArrayList<JsonPatch.Step>();
      for (int count = random.nextInt(4); count > 0; count--) {
        FieldPath path = random.nextInt(30) == 0 ? FieldPath.ROOT : drawn.path(before);
        FieldPath from = random.nextInt(30) == 0 ? FieldPath.ROOT : drawn.path(before);
        steps.add(
            switch (random.nextInt(6)) {
              case 0 -> new JsonPatch.Step.Remove(path);
              case 1 -> new JsonPatch.Step.Replace(path, documents.value());
              case 2 ->
                  from.contains(path)
                      ? new JsonPatch.Step.Remove(from)
                      : new JsonPatch.Step.Move(from, path);
              case 3 -> new JsonPatch.Step.Copy(from, path);
              default -> new JsonPatch.Step.Add(path, documents.value());
            });
      }
      try {
        Edits.checked(before, new JsonPatch(steps).apply(before, JsonLimits.DEFAULT));
        accepted++;
      } catch (FreshetException refused) {
        assertTrue(refused.status() == 422 || refused.status() == 400, refused::getMessage);
      }
    }
    assertTrue(accepted > Seeds.DOCUMENTS / 4, "too few fit: " + accepted);
  }
}
