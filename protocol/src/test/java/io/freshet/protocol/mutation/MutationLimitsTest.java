// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import static io.freshet.protocol.mutation.Edits.NOW;
import static io.freshet.protocol.mutation.Edits.checked;
import static io.freshet.protocol.mutation.Edits.expectRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What many operations together may cost.
class MutationLimitsTest {
  private static final FieldPath A = FieldPath.of("a");
  private static final JsonLimits LIMITS = new JsonLimits(1 << 20, 64, 100_000);

  private static Edited apply(JsonValue before, List<Mutation> mutations) {
    return checked(before, Mutations.apply(before, mutations, NOW, LIMITS));
  }

  private static JsonArray numbers(int from, int to) {
    return JsonArray.of(IntStream.range(from, to).mapToObj(JsonNumber::of).toList());
  }

  private static List<JsonValue> list(JsonArray array) {
    var elements = new ArrayList<JsonValue>();
    array.forEach(elements::add);
    return elements;
  }

  /// 500 pushes of one large value need no memory of their own, but would make a document of 250 MB
  /// before the last operation removes it.
  @Test
  void statesInBetweenKeepToTheLimitOnBytes() {
    JsonValue large = JsonString.of("x".repeat(500_000));
    var mutations = new ArrayList<Mutation>();
    for (int i = 0; i < 499; i++) {
      mutations.add(new Mutation.Push(A, List.of(large), null, null));
    }
    mutations.add(new Mutation.Unset(A));
    expectRefused(ErrorCode.DOCUMENT_TOO_LARGE, () -> apply(JsonObject.empty(), mutations));
    assertEquals(1, apply(JsonObject.empty(), mutations.subList(0, 2)).operations().size());
  }

  @Test
  void statesInBetweenKeepToTheLimitOnMembers() {
    List<JsonValue> many = list(numbers(0, 60_000));
    List<Mutation> twice =
        List.of(new Mutation.Push(A, many, null, null), new Mutation.Push(A, many, null, 10));
    expectRefused(
        ErrorCode.DOCUMENT_TOO_LARGE,
        () ->
            apply(
                JsonObject.empty(),
                List.of(
                    new Mutation.Push(A, many, null, null),
                    new Mutation.Push(A, many, null, null),
                    new Mutation.Unset(A))));
    // What is cut off at once was never part of the document.
    assertEquals(
        numbers(59_990, 60_000), ((JsonObject) apply(JsonObject.empty(), twice).after()).get("a"));
  }

  @Test
  void aDocumentOverTheLimitMayStayAsLargeAsItIs() {
    JsonObject before = JsonObject.of("a", numbers(0, 100_100)).with("b", JsonNumber.of(1));
    apply(before, List.of(new Mutation.Set(FieldPath.of("b"), JsonNumber.of(2))));
    apply(before, List.of(new Mutation.Pop(A, true)));
    expectRefused(
        ErrorCode.DOCUMENT_TOO_LARGE,
        () -> apply(before, List.of(new Mutation.Set(FieldPath.of("c"), JsonNumber.of(2)))));
  }

  @Test
  void depthIsCountedFromTheRoot() {
    JsonValue nested = JsonArray.EMPTY;
    for (int i = 1; i < 40; i++) {
      nested = JsonArray.of(List.of(nested));
    }
    JsonValue deep = nested;
    FieldPath at24 = new FieldPath(Collections.nCopies(24, "a"));
    FieldPath at25 = new FieldPath(Collections.nCopies(25, "a"));
    assertEquals(
        64, apply(JsonObject.empty(), List.of(new Mutation.Set(at24, deep))).after().depth());
    JsonObject empty = JsonObject.empty();
    for (Mutation mutation :
        List.of(
            new Mutation.Set(at25, deep),
            new Mutation.Push(at24, List.of(deep), null, null),
            new Mutation.AddToSet(at24, List.of(deep)),
            new Mutation.Merge(at24, JsonObject.of("a", deep)))) {
      expectRefused(ErrorCode.TOO_DEEP, () -> apply(empty, List.of(mutation)));
    }
    JsonValue before =
        apply(empty, List.of(new Mutation.Push(at24, list(numbers(0, 5)), null, null))).after();
    for (Mutation mutation :
        List.of(
            new Mutation.Push(at24, List.of(deep), null, null),
            new Mutation.Push(at24, List.of(deep), 0, null),
            new Mutation.Push(at24, Collections.nCopies(70, deep), null, null),
            new Mutation.AddToSet(at24, List.of(deep)))) {
      expectRefused(ErrorCode.TOO_DEEP, () -> apply(before, List.of(mutation)));
    }
    JsonObject far = JsonObject.of("far", deep).with("list", numbers(0, 2));
    FieldPath from = FieldPath.of("far");
    apply(far, List.of(new Mutation.Move(from, at24)));
    expectRefused(ErrorCode.TOO_DEEP, () -> apply(far, List.of(new Mutation.Move(from, at25))));
  }

  /// The log keeps the operations: however often an array is shifted, they hold it once.
  @Test
  void operationsAreNotLargerThanTheResult() {
    JsonObject before = JsonObject.of("a", numbers(0, 8_000)).with("b", numbers(0, 10));
    var mutations = new ArrayList<Mutation>();
    for (int i = 0; i < 250; i++) {
      mutations.add(new Mutation.Pop(A, false));
      mutations.add(new Mutation.Push(FieldPath.of("b"), List.of(JsonNumber.of(i)), null, null));
    }
    Edited edited = apply(before, mutations);
    assertEquals(251, edited.operations().size());
    int bytes = 0;
    for (FieldOperation operation : edited.operations()) {
      bytes += ((FieldOperation.Set) operation).value().encodedBytes();
    }
    assertTrue(bytes < edited.after().encodedBytes());
  }

  @Test
  void largeSetsAreNotComparedOneWithAnother() {
    JsonObject before = JsonObject.of("a", numbers(0, 49_000));
    List<JsonValue> values = list(numbers(24_500, 73_500));
    Edited added = apply(before, List.of(new Mutation.AddToSet(A, values)));
    assertEquals(JsonObject.of("a", numbers(0, 73_500)), added.after());
    Edited pulled = apply(added.after(), List.of(new Mutation.Pull(A, values)));
    assertEquals(JsonObject.of("a", numbers(0, 24_500)), pulled.after());
  }

  /// The points of a grid, whose usual hash codes are few.
  @Test
  void similarValuesAreToldApart() {
    var points = new ArrayList<JsonValue>();
    for (int x = 0; x < 130; x++) {
      for (int y = 0; y < 130; y++) {
        points.add(JsonObject.of("x", JsonNumber.of(x)).with("y", JsonNumber.of(y)));
      }
    }
    JsonObject before = JsonObject.of("a", JsonArray.of(points));
    assertSame(before, apply(before, List.of(new Mutation.AddToSet(A, points))).after());
    assertEquals(
        JsonObject.of("a", JsonArray.EMPTY),
        apply(before, List.of(new Mutation.Pull(A, points))).after());
  }

  /// Words of one hash code: comparing each with each would be hundreds of millions of comparisons.
  @Test
  void valuesMadeToCollideReachTheLimit() {
    var words = new ArrayList<JsonValue>();
    for (int number = 0; number < 1 << 14; number++) {
      var word = new StringBuilder();
      for (int bit = 0; bit < 14; bit++) {
        word.append((number >> bit & 1) == 0 ? "Aa" : "BB");
      }
      words.add(JsonString.of(word.toString()));
    }
    JsonObject before = JsonObject.of("a", JsonArray.of(words));
    expectRefused(
        ErrorCode.TOO_MANY_OPS, () -> apply(before, List.of(new Mutation.AddToSet(A, words))));
    expectRefused(
        ErrorCode.TOO_MANY_OPS, () -> apply(before, List.of(new Mutation.Pull(A, words))));
    // A few of them are no harm.
    List<JsonValue> few = words.subList(0, 50);
    assertEquals(
        words.subList(50, words.size()),
        list(
            (JsonArray)
                ((JsonObject) apply(before, List.of(new Mutation.Pull(A, few))).after()).get("a")));
  }

  @Test
  void goingThroughALargeArrayAgainAndAgainReachesTheLimit() {
    JsonObject before = JsonObject.of("a", numbers(0, 99_000));
    JsonValue value = JsonNumber.of(-1);
    List<Mutation> shifts =
        List.of(
            new Mutation.Pop(A, false),
            new Mutation.Unset(FieldPath.of("a", "0")),
            new Mutation.Push(A, List.of(value), 0, null),
            new Mutation.Pull(A, List.of(value)),
            new Mutation.AddToSet(A, List.of(JsonNumber.of(5))));
    for (Mutation shift : shifts) {
      expectRefused(ErrorCode.TOO_MANY_OPS, () -> apply(before, Collections.nCopies(500, shift)));
      apply(before, Collections.nCopies(15, shift));
    }
    // Appending and writing single elements costs nothing of the kind.
    apply(before, Collections.nCopies(499, new Mutation.Push(A, List.of(value), null, null)));
    apply(
        before,
        Collections.nCopies(500, new Mutation.Set(FieldPath.of("a", "77"), Json.parse("{}"))));
  }
}
