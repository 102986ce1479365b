// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Objects against a `java.util.Map`, on both sides of every size at which they change their form.
class JsonObjectTest {
  private static Map<String, JsonValue> contents(JsonObject object) {
    var map = new HashMap<String, JsonValue>();
    object.forEach((key, value) -> assertNull(map.put(key, value), key));
    return map;
  }

  /// Everything an object says of itself agrees with the map.
  private static void check(Map<String, JsonValue> model, JsonObject object) {
    assertEquals(model, contents(object));
    assertEquals(model.size(), object.size());
    int bytes = 2 + Math.max(0, model.size() - 1);
    int members = model.size();
    for (Map.Entry<String, JsonValue> member : model.entrySet()) {
      bytes += Json.encode(JsonString.of(member.getKey())).length + 1;
      bytes += Json.encode(member.getValue()).length;
      members += member.getValue().members();
      assertEquals(member.getValue(), object.get(member.getKey()));
    }
    assertEquals(bytes, object.encodedBytes());
    assertEquals(members, object.members());
    assertEquals(bytes, Json.encode(object).length);
  }

  /// @param key names of which about `keys` are used
  /// @param keys so that the object comes to about half as many members
  record Family(String name, IntFunction<String> key, int keys, int steps) {
    @Override
    public String toString() {
      return name + " of " + keys;
    }
  }

  /// All words of `Aa` and `BB` of one length have one `String.hashCode`.
  private static String colliding(int number) {
    var word = new StringBuilder();
    for (int bit = 0; bit < 14; bit++) {
      word.append((number >> bit & 1) == 0 ? "Aa" : "BB");
    }
    return word.toString();
  }

  static Stream<Arguments> families() {
    return Stream.of(
            new Family("plain", i -> "key" + i, 20, 2_000),
            new Family("plain", i -> "key" + i, 256, 10_000),
            new Family("plain", i -> "key" + i, 300, 10_000),
            new Family("plain", i -> "key" + i, 20_000, 60_000),
            new Family("awkward", i -> "\"é\n" + Character.toString(0x1F600 + i), 400, 5_000),
            new Family("colliding", JsonObjectTest::colliding, 300, 10_000),
            new Family("colliding", JsonObjectTest::colliding, 5_000, 20_000))
        .flatMap(family -> Stream.of(1L, 2L).map(seed -> Arguments.of(family, seed)));
  }

  @ParameterizedTest
  @MethodSource("families")
  void behavesLikeAMap(Family family, long seed) {
    var random = new SplittableRandom(seed);
    var model = new HashMap<String, JsonValue>();
    JsonObject object = JsonObject.empty();
    boolean growing = true;
    for (int i = 0; i < family.steps; i++) {
      if (random.nextInt(family.steps / 6) == 0) {
        growing = !growing;
      }
      String key = family.key.apply(random.nextInt(family.keys));
      assertEquals(model.get(key), object.get(key));
      if (random.nextInt(5) > 0 == growing) {
        JsonValue value =
            random.nextInt(3) == 0 ? JsonArray.of(List.of(JsonNumber.of(i))) : JsonNumber.of(i);
        model.put(key, value);
        object = object.with(key, value);
      } else {
        JsonObject before = object;
        object = object.without(key);
        assertTrue(model.remove(key) != null || object == before, "removed what was not there");
      }
      assertEquals(model.size(), object.size());
      if (random.nextInt(family.steps / 20) == 0) {
        check(model, object);
      }
    }
    check(model, object);
    check(model, (JsonObject) Json.parse(Json.encode(object), new JsonLimits(1 << 26, 8, 1 << 20)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 12, 13, 14, 127, 128, 129, 130, 255, 256, 257, 1000, 10_000})
  void everySizeComesAndGoes(int size) {
    var model = new HashMap<String, JsonValue>();
    JsonObject object = JsonObject.empty();
    for (int i = 0; i < size; i++) {
      model.put("k" + i, JsonNumber.of(i));
      object = object.with("k" + i, JsonNumber.of(i));
    }
    check(model, object);
    JsonObject read = (JsonObject) Json.parse(Json.encode(object), JsonLimits.DEFAULT);
    assertEquals(object, read);
    assertEquals(object.hashCode(), read.hashCode());
    for (int i = size - 1; i >= 0; i--) {
      object = object.without("k" + i);
      assertNull(object.get("k" + i));
      assertEquals(i, object.size());
    }
    check(Map.of(), object);
    assertEquals("{}", Json.text(object));
    assertEquals(JsonObject.empty(), object);
    assertEquals(JsonObject.empty().hashCode(), object.hashCode());
    assertEquals(JsonObject.of("a", JsonNull.NULL), object.with("a", JsonNull.NULL));
  }

  @Test
  void keepsTheOrderUpToTheBound() {
    JsonObject object = JsonObject.empty();
    var expected = new ArrayList<String>();
    for (int i = 0; i < JsonObject.SMALL_MAX; i++) {
      String key = "k" + i * 7919 % 128;
      expected.add(key);
      object = object.with(key, JsonNumber.of(i));
    }
    object = object.with(expected.get(5), JsonNull.NULL);
    assertEquals(expected, keys(object));
    assertEquals(expected, keys((JsonObject) Json.parse(Json.encode(object), JsonLimits.DEFAULT)));
    expected.remove(50);
    assertEquals(expected, keys(object.without("k" + 50 * 7919 % 128)));
  }

  private static List<String> keys(JsonObject object) {
    var keys = new ArrayList<String>();
    object.forEach((key, value) -> keys.add(key));
    return keys;
  }

  @Test
  void equalWhateverTheOrderAndTheForm() {
    JsonObject small = JsonObject.empty();
    for (int i = 0; i < 100; i++) {
      small = small.with("k" + i, JsonNumber.of(i));
    }
    JsonObject shrunk = small;
    for (int i = 100; i < 200; i++) {
      shrunk = shrunk.with("k" + i, JsonNumber.of(i));
    }
    for (int i = 100; i < 200; i++) {
      shrunk = shrunk.without("k" + i);
    }
    assertInstanceOf(SmallObject.class, small);
    assertInstanceOf(LargeObject.class, shrunk);
    assertEquals(small, shrunk);
    assertEquals(shrunk, small);
    assertEquals(small.hashCode(), shrunk.hashCode());
    assertNotEquals(small, shrunk.with("k0", JsonNull.NULL));
    assertNotEquals(shrunk.with("k0", JsonNull.NULL), small);
    assertNotEquals(small, shrunk.without("k0").with("other", JsonNumber.of(0)));
    assertEquals(
        JsonObject.of("a", JsonNull.NULL).with("b", JsonBoolean.TRUE),
        JsonObject.of("b", JsonBoolean.TRUE).with("a", JsonNull.NULL));
  }

  /// 10 000 keys of one hash code: what one change copies stays far below the whole.
  @Test
  void craftedHashesDoNotMakeChangesExpensive() {
    JsonObject object = JsonObject.empty();
    for (int i = 0; i < 10_000; i++) {
      object = object.with(colliding(i), JsonNumber.of(i));
    }
    assertEquals(10_000, object.size());
    for (int i = 0; i < 100; i++) {
      JsonObject next = object.with(colliding(i * 97), JsonNull.NULL);
      int copied = copied(object, next);
      assertTrue(copied < 1_500, () -> copied + " slots copied");
      object = next;
    }
  }

  @Test
  void aChangeOfALargeObjectCopiesLittleOfIt() {
    JsonObject object = JsonObject.empty();
    for (int i = 0; i < 10_000; i++) {
      object = object.with("key" + i, JsonNumber.of(i));
    }
    JsonObject changed = object.with("key77", JsonNull.NULL);
    int copied = copied(object, changed);
    assertTrue(copied < 1_500, () -> copied + " slots copied");
  }

  /// Slots of arrays in the new version that are not shared with the old one.
  private static int copied(JsonObject before, JsonObject after) {
    var known = new IdentityHashMap<Object, Boolean>();
    forEachPart(before, part -> known.put(part, true));
    int[] copied = {0};
    forEachPart(after, part -> copied[0] += known.containsKey(part) ? 0 : part.length);
    return copied[0];
  }

  private static void forEachPart(JsonObject object, Consumer<Object[]> action) {
    switch (object) {
      case SmallObject small -> action.accept(small.values());
      case LargeObject large -> {
        action.accept(large.buckets());
        for (JsonObject bucket : large.buckets()) {
          forEachPart(bucket, action);
        }
      }
      case UnreadObject unread -> forEachPart(unread.read(), action);
    }
  }

  @Test
  void sharesWhatIsNotChanged() {
    JsonObject inner = JsonObject.of("x", JsonArray.of(List.of(JsonNumber.of(1))));
    for (int size : new int[] {5, 500}) {
      JsonObject object = JsonObject.of("inner", inner);
      for (int i = 0; i < size; i++) {
        object = object.with("k" + i, JsonArray.of(List.of(JsonNumber.of(i))));
      }
      JsonObject original = object;
      JsonObject changed =
          object.with("k0", JsonNull.NULL).without("k1").with("new", JsonNull.NULL);
      assertSame(inner, changed.get("inner"));
      IntStream.range(2, size)
          .forEach(i -> assertSame(original.get("k" + i), changed.get("k" + i)));
      assertEquals(JsonArray.of(List.of(JsonNumber.of(0))), original.get("k0"));
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void handsOverExactlyWhatIsNotShared(Family family, long seed) {
    var random = new SplittableRandom(seed);
    JsonObject object = JsonObject.empty();
    for (int i = 0; i < family.keys / 2; i++) {
      object = object.with(family.key.apply(random.nextInt(family.keys)), JsonNumber.of(i));
    }
    for (int round = 0; round < 20; round++) {
      JsonObject next = object;
      for (int i = random.nextInt(5); i > 0; i--) {
        String key = family.key.apply(random.nextInt(family.keys));
        next = random.nextBoolean() ? next.without(key) : next.with(key, JsonNumber.of(-i));
      }
      JsonObject reordered = reordered(next);
      expectDifferences(object, next);
      expectDifferences(next, object);
      expectDifferences(object, reordered);
      expectDifferences(reordered, object);
      object = random.nextBoolean() ? next : reordered;
    }
  }

  /// The same members in another order, and in another form where there are two.
  private static JsonObject reordered(JsonObject object) {
    var keys = new ArrayList<>(keys(object));
    Collections.reverse(keys);
    JsonObject result = JsonObject.empty();
    for (String key : keys) {
      result = result.with(key, object.get(key));
    }
    return result;
  }

  private static void expectDifferences(JsonObject one, JsonObject other) {
    var expected = new HashMap<String, List<JsonValue>>();
    one.forEach((key, value) -> {
      if (other.get(key) != value) {
        expected.put(key, Arrays.asList(value, other.get(key)));
      }
    });
    other.forEach((key, value) -> {
      if (one.get(key) == null) {
        expected.put(key, Arrays.asList(null, value));
      }
    });
    var found = new HashMap<String, List<JsonValue>>();
    one.forEachDifference(
        other, (key, mine, others) -> assertNull(found.put(key, Arrays.asList(mine, others))));
    assertEquals(expected, found);
  }

  @ParameterizedTest
  @MethodSource("families")
  void anEditorMakesManyChangesAtOnce(Family family, long seed) {
    var random = new SplittableRandom(seed);
    var model = new HashMap<String, JsonValue>();
    JsonObject object = JsonObject.empty();
    boolean growing = true;
    for (int round = 0; round < 12; round++) {
      JsonObject before = object;
      var old = new HashMap<>(model);
      var editor = new ObjectEditor(object);
      growing = random.nextInt(4) > 0 == growing;
      for (int i = random.nextInt(family.steps / 6); i > 0; i--) {
        String key = family.key.apply(random.nextInt(family.keys));
        if (random.nextInt(5) > 0 == growing) {
          model.put(key, JsonNumber.of(i));
          editor.put(key, JsonNumber.of(i));
        } else {
          model.remove(key);
          editor.remove(key);
        }
        assertEquals(model.get(key), editor.get(key));
      }
      object = editor.object();
      check(model, object);
      check(old, before);
    }
  }

  @Test
  void anEditorOfWhatDoesNotChangeGivesItBack() {
    for (int size : new int[] {0, 5, 500}) {
      JsonObject object = JsonObject.empty();
      for (int i = 0; i < size; i++) {
        object = object.with("k" + i, JsonNumber.of(i));
      }
      var editor = new ObjectEditor(object);
      assertSame(object, editor.object());
      editor.put("new", JsonNull.NULL);
      JsonObject first = editor.object();
      editor.remove("new");
      editor.put("other", JsonNull.NULL);
      assertEquals(object.with("new", JsonNull.NULL), first);
      assertEquals(object.with("other", JsonNull.NULL), editor.object());
    }
  }
}
