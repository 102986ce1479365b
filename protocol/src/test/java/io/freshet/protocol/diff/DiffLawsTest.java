// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.diff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.RandomDocuments;
import io.freshet.protocol.Seeds;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.mutation.Edited;
import io.freshet.protocol.mutation.FieldPath;
import io.freshet.protocol.mutation.Mutation;
import io.freshet.protocol.mutation.Mutations;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The laws of Sync contract 5.3.
class DiffLawsTest {
  private static void forEachPair(long seed, BiConsumer<JsonObject, JsonObject> law) {
    var documents = new RandomDocuments(new SplittableRandom(seed));
    for (int i = 0; i < Seeds.DOCUMENTS; i++) {
      JsonObject one = documents.document();
      law.accept(one, documents.varied(one));
    }
  }

  private static Diff diff(JsonValue pre, JsonValue post) {
    return Diff.between(pre, post, Diff.BUDGET_NODES);
  }

  private static JsonValue copy(JsonValue value) {
    return Json.parse(Json.text(value));
  }

  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void theDiffLeadsFromTheOneToTheOther(long seed) {
    forEachPair(
        seed,
        (one, other) -> {
          Diff diff = diff(one, other);
          assertEquals(other, diff.apply(one));
          assertEquals(one.equals(other), diff.isEmpty());
        });
  }

  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void aDocumentDoesNotDifferFromItself(long seed) {
    forEachPair(
        seed,
        (one, other) -> {
          assertEquals(Diff.EMPTY, diff(other, other));
          assertEquals(Diff.EMPTY, diff(one, copy(one)));
        });
  }

  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void turnedRoundItIsTheDiffOfTheWayBack(long seed) {
    forEachPair(
        seed,
        (one, other) -> {
          assertEquals(diff(other, one), diff(one, other).invert());
          assertEquals(one, diff(one, other).invert().apply(other));
        });
  }

  /// Also over the wire, and in the map form.
  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void itsMutationsLeadFromTheOneToTheOther(long seed) {
    forEachPair(
        seed,
        (one, other) -> {
          Diff diff = diff(one, other);
          List<Mutation> mutations = diff.toMutations();
          JsonValue written = copy(Mutations.write(mutations));
          for (List<Mutation> each :
              List.of(
                  mutations,
                  Mutations.read(written, Integer.MAX_VALUE),
                  Mutations.read(map(diff), Integer.MAX_VALUE))) {
            Edited edited = Mutations.apply(one, each, 0, JsonLimits.DEFAULT);
            assertEquals(other, edited.after());
          }
        });
  }

  private static JsonValue map(Diff diff) {
    JsonObject map = JsonObject.empty();
    for (Diff.Added entry : diff.added()) {
      map = map.with(entry.path().render(), JsonObject.of("$set", entry.value()));
    }
    for (Diff.Removed entry : diff.removed()) {
      map = map.with(entry.path().render(), Json.parse("{\"$unset\":true}"));
    }
    for (Diff.Changed entry : diff.changed()) {
      map = map.with(entry.path().render(), JsonObject.of("$set", entry.to()));
    }
    return map;
  }

  /// What is shared must make no difference to the result.
  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void sharingIsNotSeen(long seed) {
    forEachPair(
        seed,
        (one, other) -> {
          Diff diff = diff(one, other);
          assertEquals(diff, diff(copy(one), other));
          assertEquals(diff, diff(one, copy(other)));
        });
  }

  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void pathsAreSortedAndApart(long seed) {
    forEachPair(
        seed,
        (one, other) -> {
          Diff diff = diff(one, other);
          var all = new ArrayList<FieldPath>();
          for (List<FieldPath> paths :
              List.of(
                  diff.added().stream().map(Diff.Added::path).toList(),
                  diff.removed().stream().map(Diff.Removed::path).toList(),
                  diff.changed().stream().map(Diff.Changed::path).toList())) {
            List<String> texts = paths.stream().map(FieldPath::render).toList();
            assertEquals(texts.stream().sorted().toList(), texts);
            all.addAll(paths);
          }
          for (FieldPath path : all) {
            assertEquals(path, FieldPath.parse(path.render()));
            assertEquals(1, all.stream().filter(each -> each.contains(path)).count(), path::render);
          }
          for (Diff.Changed entry : diff.changed()) {
            assertFalse(entry.from() instanceof JsonObject && entry.to() instanceof JsonObject);
            assertFalse(entry.from().equals(entry.to()));
          }
        });
  }

  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void itsJsonReadsBackWithItsEncodedLength(long seed) {
    forEachPair(
        seed,
        (one, other) -> {
          Diff diff = diff(one, other);
          for (DiffEncoder encoder :
              List.of(DiffEncoder.WHOLE, DiffEncoder.SHORT, new DiffEncoder(2))) {
            byte[] bytes = encoder.encode(diff);
            assertEquals(encoder.encodedBytes(diff), bytes.length);
            JsonObject read = (JsonObject) Json.parse(bytes, new JsonLimits(1 << 24, 70, 1 << 20));
            assertEquals(encoder.toJson(diff), read);
            assertEquals(3, read.size());
            for (Diff.Added entry : diff.added()) {
              assertTrue(
                  entry
                      .value()
                      .equals(((JsonObject) read.get("added")).get(entry.path().render())));
            }
          }
        });
  }
}
