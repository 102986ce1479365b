// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import io.freshet.protocol.RandomDocuments;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/// Mutations of which most fit the document they are drawn for.
final class RandomMutations {
  private static final List<JsonValue> NUMBERS =
      List.of(JsonNumber.of(1), JsonNumber.of(-3), JsonNumber.of(new java.math.BigDecimal("0.1")));

  private final RandomGenerator random;
  private final RandomDocuments documents;

  RandomMutations(RandomGenerator random) {
    this.random = random;
    this.documents = new RandomDocuments(random);
  }

  /// Down into the document, and now and then beside it.
  FieldPath path(JsonObject document) {
    var segments = new ArrayList<String>();
    JsonValue node = document;
    do {
      node = step(node, segments);
    } while (segments.size() < 20
        && (node instanceof JsonObject || node instanceof JsonArray)
        && random.nextInt(3) > 0);
    while (random.nextInt(8) == 0) {
      segments.add(documents.key());
    }
    return new FieldPath(segments);
  }

  private JsonValue step(JsonValue node, List<String> segments) {
    if (node instanceof JsonArray array && random.nextInt(20) > 0) {
      int index = random.nextInt(array.size() + 1);
      segments.add(index == array.size() && random.nextBoolean() ? "-" : String.valueOf(index));
      return index < array.size() ? array.get(index) : JsonObject.empty();
    }
    var keys = new ArrayList<String>();
    if (node instanceof JsonObject object) {
      object.forEach((key, value) -> keys.add(key));
    }
    String key = keys.isEmpty() || random.nextInt(5) == 0 ? documents.key() : documents.pick(keys);
    segments.add(key);
    JsonValue child = node instanceof JsonObject object ? object.get(key) : null;
    return child == null ? JsonObject.empty() : child;
  }

  List<Mutation> mutations(JsonObject document) {
    return IntStream.range(0, random.nextInt(6)).mapToObj(i -> mutation(document)).toList();
  }

  Mutation mutation(JsonObject document) {
    FieldPath path = path(document);
    JsonValue there = Place.find(document, path);
    if (random.nextInt(4) == 0) {
      there = null;
    }
    return switch (there) {
      case JsonNumber number -> onNumber(path, number);
      case JsonArray array -> onArray(path, array);
      case JsonString string ->
          random.nextBoolean()
              ? new Mutation.Min(path, documents.pick(List.of(string, JsonString.of("m"))))
              : new Mutation.Max(path, JsonString.of("m"));
      case JsonObject object when random.nextBoolean() ->
          new Mutation.Merge(path, documents.varied(object));
      case null, default -> onAny(document, path, there);
    };
  }

  private Mutation onNumber(FieldPath path, JsonNumber number) {
    var by = (JsonNumber) documents.pick(NUMBERS);
    return switch (random.nextInt(4)) {
      case 0 -> new Mutation.Increment(path, by);
      case 1 -> new Mutation.Multiply(path, by);
      case 2 -> new Mutation.Min(path, random.nextBoolean() ? by : number);
      default -> new Mutation.Max(path, by);
    };
  }

  private Mutation onArray(FieldPath path, JsonArray array) {
    return switch (random.nextInt(5)) {
      case 0 -> {
        Integer at = random.nextBoolean() ? null : random.nextInt(array.size() + 2);
        Integer keep = random.nextBoolean() ? null : random.nextInt(6);
        yield new Mutation.Push(path, values(array), at, keep);
      }
      case 1 -> new Mutation.AddToSet(path, values(array));
      case 2, 3 -> new Mutation.Pull(path, values(array));
      default -> new Mutation.Pop(path, random.nextBoolean());
    };
  }

  private List<JsonValue> values(JsonArray array) {
    return IntStream.range(0, random.nextInt(4))
        .mapToObj(i ->
            array.size() > 0 && random.nextBoolean()
                ? array.get(random.nextInt(array.size()))
                : documents.value())
        .toList();
  }

  private Mutation onAny(JsonObject document, FieldPath path, JsonValue there) {
    return switch (random.nextInt(12)) {
      case 0, 1 -> new Mutation.Set(path, documents.value());
      case 2 -> new Mutation.Add(path, documents.value());
      case 3, 4 -> new Mutation.Unset(path);
      case 5 -> new Mutation.Toggle(path);
      case 6 -> new Mutation.SetIfAbsent(path, documents.value());
      case 7 -> move(document, path);
      case 8 -> new Mutation.Test(path, there == null ? documents.value() : there);
      case 9 -> new Mutation.ServerTime(path);
      case 10 -> new Mutation.Increment(path, JsonNumber.of(2));
      default -> new Mutation.Push(path, List.of(documents.value()), null, null);
    };
  }

  private Mutation move(JsonObject document, FieldPath path) {
    FieldPath from = path(document);
    return from.contains(path) && !from.equals(path)
        ? new Mutation.Unset(path)
        : new Mutation.Move(from, path);
  }
}
