// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Filters made to be expensive: each bound holds, and what is within them is answered.
class HostileFilterTest {
  private static Filter where(JsonObject where) {
    return PrismaFilter.where(where, null);
  }

  private static JsonArray list(int size, IntFunction<JsonValue> element) {
    var elements = new ArrayList<JsonValue>();
    for (int i = 0; i < size; i++) {
      elements.add(element.apply(i));
    }
    return JsonArray.of(elements);
  }

  private static JsonObject nested(String key, int levels) {
    JsonObject where = JsonObject.of("a", JsonNumber.of(1));
    for (int i = 0; i < levels; i++) {
      where = JsonObject.of(key, key.equals("OR") ? JsonArray.of(List.of(where)) : where);
    }
    return where;
  }

  @ParameterizedTest
  @ValueSource(strings = {"AND", "OR", "NOT"})
  void depthIsBounded(String key) {
    Filter filter = where(nested(key, Budget.DEPTH_MAX - 1));
    boolean isNegated = key.equals("NOT") && (Budget.DEPTH_MAX - 1) % 2 == 1;
    assertEquals(Ternary.of(!isNegated), filter.test(Rows.row("{'a':1}")));
    FilterRefusals.assertRefused(() -> where(nested(key, Budget.DEPTH_MAX)), "nested deeper than");
    FilterRefusals.assertRefused(() -> where(nested(key, 10_000)), "nested deeper than");
  }

  @Test
  void depthOfOperatorsIsBounded() {
    JsonValue value = JsonNumber.of(1);
    for (int i = 0; i < 5_000; i++) {
      value = JsonObject.of("not", value);
    }
    JsonObject where = JsonObject.of("a", value);
    FilterRefusals.assertRefused(() -> where(where), "nested deeper than");
  }

  @Test
  void conditionsAreBounded() {
    IntFunction<JsonValue> condition = i -> JsonObject.of("f" + i, JsonNumber.of(i));
    Filter most = where(JsonObject.of("OR", list(Budget.CONDITIONS_MAX, condition)));
    assertEquals(Ternary.TRUE, most.test(Rows.row("{'f999':999}")));
    JsonObject tooMany = JsonObject.of("OR", list(Budget.CONDITIONS_MAX + 1, condition));
    FilterRefusals.assertRefused(() -> where(tooMany), "is one more than the 1000 conditions");
    JsonObject farTooMany = JsonObject.of("OR", list(10_000, condition));
    FilterRefusals.assertRefused(() -> where(farTooMany), "conditions");
    assertEquals(ErrorCode.INVALID_FILTER, refusalOfSync(Budget.CONDITIONS_MAX + 1).code());
  }

  private static FreshetException refusalOfSync(int conditions) {
    JsonObject filter = JsonObject.empty();
    for (int i = 0; i < conditions; i++) {
      filter = filter.with("f" + i, JsonNumber.of(i));
    }
    JsonObject read = filter;
    return assertThrows(FreshetException.class, () -> SyncFilter.read(read));
  }

  @Test
  void emptyPartsAreBounded() {
    JsonObject where = JsonObject.of("OR", list(10_001, i -> JsonObject.empty()));
    FilterRefusals.assertRefused(() -> where(where), "too many values");
  }

  @ParameterizedTest
  @ValueSource(strings = {"in", "notIn", "equals", "hasEvery", "hasSome"})
  void valuesAreBounded(String operator) {
    IntFunction<JsonObject> where =
        size -> JsonObject.of("a", JsonObject.of(operator, list(size, i -> JsonNumber.of(i))));
    JsonArray numbers = list(Budget.VALUES_MAX, i -> JsonNumber.of(i));
    Row row = Rows.row(JsonObject.of("a", operator.endsWith("n") ? JsonNumber.of(5) : numbers));
    boolean holds = !operator.equals("notIn");
    assertEquals(Ternary.of(holds), where(where.apply(Budget.VALUES_MAX)).test(row));
    FilterRefusals.assertRefused(
        () -> where(where.apply(Budget.VALUES_MAX + 1)), "too many values");
  }

  @Test
  void valuesOfAllListsCountTogether() {
    JsonObject where =
        JsonObject.of(
            "AND",
            list(
                11,
                i ->
                    JsonObject.of(
                        "f" + i, JsonObject.of("in", list(1_000, n -> JsonNumber.of(n))))));
    FilterRefusals.assertRefused(() -> where(where), "too many values");
  }

  @Test
  void sizeIsBounded() {
    JsonObject where = JsonObject.of("a", JsonString.of("x".repeat(Budget.BYTES_MAX)));
    FilterRefusals.assertRefused(() -> where(where), "is longer than 256 KiB");
    FilterRefusals.assertRefused(() -> SyncFilter.read(where), "is longer than 256 KiB");
    FilterRefusals.assertRefused(
        () -> PrismaFilter.read(JsonObject.of("create", where), null), "is longer than 256 KiB");
  }

  @Test
  void searchesAreBounded() {
    IntFunction<JsonValue> search =
        i -> JsonObject.of("a", JsonObject.of("contains", JsonString.of("x" + i)));
    Filter most = where(JsonObject.of("OR", list(Budget.SEARCHES_MAX, search)));
    assertEquals(Ternary.TRUE, most.test(Rows.row("{'a':'.x99.'}")));
    JsonObject tooMany = JsonObject.of("OR", list(Budget.SEARCHES_MAX + 1, search));
    FilterRefusals.assertRefused(() -> where(tooMany), "is one more than the 100 `contains`");
    JsonObject folded =
        JsonObject.of(
            "OR",
            list(
                Budget.SEARCHES_MAX + 1,
                i ->
                    JsonObject.of(
                        "a",
                        JsonObject.of("equals", JsonString.of("x" + i))
                            .with("mode", JsonString.of("insensitive")))));
    FilterRefusals.assertRefused(() -> where(folded), "is one more than the 100 `contains`");
  }

  /// 2^12 texts of one hash: what would be quadratic in a plain hash map takes no time here.
  @Test
  void valuesThatShareAHashStayCheap() {
    JsonObject row = JsonObject.of("a", JsonString.of(colliding(4_096)));
    Filter filter =
        where(
            JsonObject.of("a", JsonObject.of("in", list(4_096, i -> JsonString.of(colliding(i))))));
    for (int i = 0; i < 100_000; i++) {
      assertEquals(Ternary.FALSE, filter.test(Rows.row(row)));
    }
    var index = new FilterIndex<Integer>();
    for (int i = 0; i < 4_096; i++) {
      index.add(where(JsonObject.of("a", JsonString.of(colliding(i)))), i);
    }
    for (int i = 0; i < 100_000; i++) {
      index.match(Rows.row(row), found -> assertEquals(-1, found));
    }
  }

  private static String colliding(int number) {
    var text = new StringBuilder();
    for (int bit = 0; bit < 13; bit++) {
      text.append((number >> bit & 1) == 0 ? "Aa" : "BB");
    }
    return text.toString();
  }

  @Test
  void prototypesAreNoFields() {
    for (String key : List.of("__proto__", "a.__proto__", "/__proto__/a")) {
      JsonObject filter = JsonObject.of(key, JsonNumber.of(1));
      FilterRefusals.assertRefused(() -> where(filter), "__proto__");
      FilterRefusals.assertRefused(() -> SyncFilter.read(filter), "__proto__");
    }
    for (String key : List.of("constructor", "toString", "hasOwnProperty", "prototype.a")) {
      Filter filter = where(JsonObject.of(key, JsonNumber.of(1)));
      assertEquals(Ternary.UNKNOWN, filter.test(Rows.row("{}")));
      FilterRefusals.assertRefused(
          () -> where(JsonObject.of("a", JsonObject.of(key, JsonNumber.of(1)))), "no operator");
    }
  }

  @Test
  void deepRowsAndValuesAreNoTrouble() {
    JsonValue deep = JsonNumber.of(1);
    for (int i = 0; i < 60; i++) {
      deep = JsonObject.of("a", JsonArray.of(List.of(deep)));
    }
    JsonObject row = JsonObject.of("x", deep);
    Filter filter = where(JsonObject.of("x", JsonObject.of("equals", deep)));
    assertEquals(Ternary.TRUE, filter.test(Rows.row(row)));
    assertEquals(
        Ternary.TRUE,
        where(JsonObject.of("x" + ".a.0".repeat(30), JsonObject.of("isSet", Rows.json("true"))))
            .test(Rows.row(row)));
  }
}
