// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import static io.freshet.protocol.mutation.Edits.NOW;
import static io.freshet.protocol.mutation.Edits.checked;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.RandomDocuments;
import io.freshet.protocol.Seeds;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What holds for every list of mutations on every document.
class MutationLawsTest {
  private static Object outcome(Supplier<JsonValue> action) {
    try {
      return action.get();
    } catch (FreshetException refused) {
      return refused.code();
    }
  }

  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void doWhatAPlainImplementationDoesAndReplayAsResolved(long seed) {
    var random = new SplittableRandom(seed);
    var documents = new RandomDocuments(random);
    var drawn = new RandomMutations(random);
    int accepted = 0;
    for (int i = 0; i < Seeds.DOCUMENTS; i++) {
      JsonObject before = documents.document();
      List<Mutation> mutations = drawn.mutations(before);
      Object expected = outcome(() -> naive(before, mutations));
      Object actual =
          outcome(() ->
              checked(before, Mutations.apply(before, mutations, NOW, JsonLimits.DEFAULT)).after());
      assertEquals(expected, actual, () -> before + " " + mutations);
      accepted += actual instanceof JsonValue ? 1 : 0;
    }
    assertTrue(accepted > Seeds.DOCUMENTS / 3, "too few fit: " + accepted);
  }

  private static JsonValue naive(JsonObject before, List<Mutation> mutations) {
    var document = new NaiveDocument(before);
    mutations.forEach(mutation -> document.apply(mutation, NOW));
    return document.value();
  }

  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void readBackAsTheyWereWritten(long seed) {
    var random = new SplittableRandom(seed);
    var documents = new RandomDocuments(random);
    var drawn = new RandomMutations(random);
    for (int i = 0; i < Seeds.DOCUMENTS; i++) {
      List<Mutation> mutations = drawn.mutations(documents.document());
      JsonArray written = Mutations.write(mutations);
      JsonValue received = Json.parse(Json.text(written));
      assertEquals(mutations, Mutations.read(received, Mutations.OPERATIONS_MAX));
    }
  }

  /// Whatever order a map comes in: its outcome is the same.
  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void theOrderOfAMapMeansNothing(long seed) {
    var random = new SplittableRandom(seed);
    var documents = new RandomDocuments(random);
    var drawn = new RandomMutations(random);
    for (int i = 0; i < Seeds.DOCUMENTS; i++) {
      JsonObject before = documents.document();
      JsonObject map = JsonObject.empty();
      JsonObject reversed = JsonObject.empty();
      var keys = new java.util.ArrayList<String>();
      for (int entries = random.nextInt(5); entries > 0; entries--) {
        String key = drawn.path(before).render();
        JsonValue value =
            Json.parse(
                documents.pick(
                    List.of(
                        "1",
                        "{\"$unset\":true}",
                        "{\"$inc\":1}",
                        "{\"$push\":1}",
                        "{\"$test\":1}")));
        map = map.with(key, value);
        keys.add(key);
      }
      for (String key : keys.reversed()) {
        reversed = reversed.with(key, map.get(key));
      }
      JsonObject one = map;
      JsonObject other = reversed;
      assertEquals(
          outcome(() -> Edits.mutate(before, one).after()),
          outcome(() -> Edits.mutate(before, other).after()),
          () -> before + " " + one);
    }
  }
}
