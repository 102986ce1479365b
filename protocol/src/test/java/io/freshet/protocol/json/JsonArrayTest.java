// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Arrays against a `java.util.List`, on both sides of the chunk size.
class JsonArrayTest {
  private static void check(List<JsonValue> model, JsonArray array) {
    assertEquals(model.size(), array.size());
    var elements = new ArrayList<JsonValue>();
    array.forEach(elements::add);
    assertEquals(model, elements);
    assertEquals(JsonArray.of(model), array);
    assertEquals(JsonArray.of(model).hashCode(), array.hashCode());
    int bytes = 2 + Math.max(0, model.size() - 1);
    int members = model.size();
    for (JsonValue element : model) {
      bytes += Json.encode(element).length;
      members += element.members();
    }
    assertEquals(bytes, array.encodedBytes());
    assertEquals(bytes, Json.encode(array).length);
    assertEquals(members, array.members());
    assertEquals(array, Json.parse(Json.encode(array), JsonLimits.DEFAULT));
  }

  private static List<JsonValue> numbers(int size) {
    return new ArrayList<>(IntStream.range(0, size).<JsonValue>mapToObj(JsonNumber::of).toList());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 255, 256, 257, 511, 512, 513, 1000, 10_000})
  void everySizeIsBuiltAtOnceAndOneByOne(int size) {
    List<JsonValue> model = numbers(size);
    check(model, JsonArray.of(model));
    JsonArray array = JsonArray.EMPTY;
    for (JsonValue element : model) {
      array = array.with(array.size(), element);
    }
    check(model, array);
    for (int i = 0; i < size; i += Math.max(1, size / 7)) {
      assertEquals(model.get(i), array.get(i));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void behavesLikeAList(long seed) {
    var random = new SplittableRandom(seed);
    var values = new RandomJson(random);
    var model = new ArrayList<JsonValue>();
    JsonArray array = JsonArray.EMPTY;
    for (int i = 0; i < 3_000; i++) {
      JsonValue value = random.nextInt(20) == 0 ? values.value(2) : JsonNumber.of(i);
      int index = random.nextInt(3) == 0 ? model.size() : random.nextInt(model.size() + 1);
      if (index == model.size()) {
        model.add(value);
      } else {
        model.set(index, value);
      }
      array = array.with(index, value);
      if (random.nextInt(200) == 0) {
        check(model, array);
      }
    }
    check(model, array);
  }

  @Test
  void neverChangesAnEarlierVersion() {
    var versions = new ArrayList<JsonArray>();
    JsonArray array = JsonArray.EMPTY;
    for (int i = 0; i < 600; i++) {
      array = array.with(i, JsonNumber.of(i));
      versions.add(array);
    }
    JsonArray replaced = array.with(300, JsonNull.NULL);
    for (int i = 0; i < 600; i++) {
      assertEquals(JsonArray.of(numbers(i + 1)), versions.get(i));
    }
    assertNotEquals(array, replaced);
    JsonArray one = versions.get(255).with(256, JsonBoolean.TRUE);
    JsonArray other = versions.get(255).with(256, JsonBoolean.FALSE);
    assertEquals(JsonBoolean.TRUE, one.get(256));
    assertEquals(JsonBoolean.FALSE, other.get(256));
  }

  @Test
  void sharesElements() {
    List<JsonValue> model = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      model.add(JsonObject.of("i", JsonNumber.of(i)));
    }
    JsonArray changed = JsonArray.of(model).with(300, JsonNull.NULL).with(600, JsonNull.NULL);
    for (int i = 0; i < 600; i++) {
      if (i != 300) {
        assertSame(model.get(i), changed.get(i));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 255, 256, 300})
  void pads(int size) {
    List<JsonValue> model = numbers(size);
    JsonArray array = JsonArray.of(model);
    assertSame(array, array.padded(size));
    assertSame(array, array.padded(0));
    while (model.size() < size + 700) {
      model.add(JsonNull.NULL);
      check(model, array.padded(model.size()));
      for (int more = 0; more < 36; more++) {
        model.add(JsonNull.NULL);
      }
    }
  }

  @Test
  void refusesPlacesThatAreNotThere() {
    JsonArray array = JsonArray.of(numbers(3));
    for (int index : new int[] {-1, 3, 256, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      assertThrows(IndexOutOfBoundsException.class, () -> array.get(index));
    }
    for (int index : new int[] {-1, 4, Integer.MAX_VALUE}) {
      assertThrows(IndexOutOfBoundsException.class, () -> array.with(index, JsonNull.NULL));
    }
    var elements = JsonArray.EMPTY.iterator();
    assertThrows(NoSuchElementException.class, elements::next);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void splicesLikeAList(long seed) {
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 300; round++) {
      List<JsonValue> model = numbers(random.nextInt(800));
      JsonArray array = JsonArray.of(model);
      for (int i = 0; i < 4; i++) {
        int from = random.nextInt(model.size() + 1);
        int removed =
            random.nextBoolean() ? random.nextInt(2) : random.nextInt(model.size() - from + 1);
        removed = Math.min(removed, model.size() - from);
        int more = random.nextBoolean() ? random.nextInt(3) : random.nextInt(600);
        List<JsonValue> inserted =
            IntStream.range(0, more)
                .<JsonValue>mapToObj(n -> JsonArray.of(numbers(n % 3)))
                .toList();
        JsonArray before = array;
        List<JsonValue> old = List.copyOf(model);
        array = array.spliced(from, removed, inserted);
        model.subList(from, from + removed).clear();
        model.addAll(from, inserted);
        check(model, array);
        check(old, before);
      }
    }
  }

  @Test
  void splicingSharesWhatStandsBefore() {
    List<JsonValue> model = numbers(1_000);
    JsonArray array = JsonArray.of(model);
    assertSame(array, array.spliced(500, 0, List.of()));
    JsonArray spliced = array.spliced(700, 1, List.of());
    assertEquals(700, array.firstDifference(spliced, 0));
    JsonArray copied = JsonArray.of(model);
    assertEquals(1_000, array.firstDifference(copied, 0));
    JsonArray changed = array.with(3, JsonNull.NULL).with(600, JsonNull.NULL);
    assertEquals(3, array.firstDifference(changed, 0));
    assertEquals(600, array.firstDifference(changed, 4));
    assertEquals(600, array.firstDifference(changed, 600));
    assertEquals(1_000, array.firstDifference(changed, 601));
    assertEquals(1_000, array.firstDifference(array.with(1_000, JsonNull.NULL), 0));
    assertEquals(1_000, array.with(1_000, JsonNull.NULL).firstDifference(array, 0));
    for (int[] range : new int[][] {{-1, 1}, {0, 1_001}, {1_000, 1}, {5, -1}}) {
      assertThrows(
          IndexOutOfBoundsException.class, () -> array.spliced(range[0], range[1], List.of()));
    }
  }
}
