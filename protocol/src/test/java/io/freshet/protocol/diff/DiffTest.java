// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.diff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.mutation.FieldPath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Sync contract 5.1 and 5.2.
class DiffTest {
  private static final String EMPTY = "{\"added\":{},\"removed\":{},\"changed\":{}}";

  private static Diff diff(JsonValue pre, JsonValue post) {
    return Diff.between(pre, post, Diff.BUDGET_NODES);
  }

  private static String encoded(Diff diff, DiffEncoder encoder) {
    byte[] bytes = encoder.encode(diff);
    assertEquals(bytes.length, encoder.encodedBytes(diff));
    var text = new String(bytes, StandardCharsets.UTF_8);
    assertEquals(encoder.toJson(diff), Json.parse(text));
    return text;
  }

  /// Each line: pre; post; added; removed; changed. Compared as text: the order counts.
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        // The table of the contract.
        "{\"status\":\"active\",\"n\":0}; {\"status\":\"ended\",\"n\":0,\"endedAt\":5}; "
            + "{\"endedAt\":5}; {}; {\"status\":{\"from\":\"active\",\"to\":\"ended\"}}",
        "{\"u\":{\"n\":\"A\",\"a\":3}}; {\"u\":{\"n\":\"B\"}}; "
            + "{}; {\"u.a\":3}; {\"u.n\":{\"from\":\"A\",\"to\":\"B\"}}",
        "{\"t\":[1,2]}; {\"t\":[1,2,3]}; {}; {}; {\"t\":{\"from\":[1,2],\"to\":[1,2,3]}}",
        "{\"x\":{\"y\":1}}; {\"x\":[1]}; {}; {}; {\"x\":{\"from\":{\"y\":1},\"to\":[1]}}",
        "{\"a.b\":1}; {\"a.b\":2}; {}; {}; {\"a\\\\.b\":{\"from\":1,\"to\":2}}",
        "{\"n\":1}; {\"n\":1.0}; {}; {}; {}",
        "{\"v\":null}; {}; {}; {\"v\":null}; {}",
        // Whole values on one side only.
        "{}; {\"a\":{\"b\":{\"c\":1}}}; {\"a\":{\"b\":{\"c\":1}}}; {}; {}",
        "{\"a\":{\"b\":{\"c\":1}}}; {\"a\":{}}; {}; {\"a.b\":{\"c\":1}}; {}",
        "{\"a\":{}}; {\"a\":{\"b\":{}}}; {\"a.b\":{}}; {}; {}",
        "{}; {\"a\":{}}; {\"a\":{}}; {}; {}",
        // Kinds.
        "{\"a\":1}; {\"a\":{}}; {}; {}; {\"a\":{\"from\":1,\"to\":{}}}",
        "{\"a\":{\"b\":1}}; {\"a\":null}; {}; {}; {\"a\":{\"from\":{\"b\":1},\"to\":null}}",
        "{\"a\":1}; {\"a\":\"1\"}; {}; {}; {\"a\":{\"from\":1,\"to\":\"1\"}}",
        "{\"a\":[]}; {\"a\":{}}; {}; {}; {\"a\":{\"from\":[],\"to\":{}}}",
        "{\"a\":false}; {\"a\":true}; {}; {}; {\"a\":{\"from\":false,\"to\":true}}",
        // null is a value.
        "{}; {\"v\":null}; {\"v\":null}; {}; {}",
        "{\"v\":5}; {\"v\":null}; {}; {}; {\"v\":{\"from\":5,\"to\":null}}",
        "{\"v\":null}; {\"v\":null}; {}; {}; {}",
        // Arrays are one.
        "{\"t\":[{\"a\":1}]}; {\"t\":[{\"a\":2}]}; {}; {}; "
            + "{\"t\":{\"from\":[{\"a\":1}],\"to\":[{\"a\":2}]}}",
        "{\"t\":[1,2]}; {\"t\":[2,1]}; {}; {}; {\"t\":{\"from\":[1,2],\"to\":[2,1]}}",
        "{\"t\":[1,{\"a\":2.0,\"b\":[3]}]}; {\"t\":[1.0,{\"b\":[3],\"a\":2}]}; {}; {}; {}",
        // Numbers by value, strings by code points.
        "{\"n\":9007199254740993}; {\"n\":9007199254740992}; {}; {}; "
            + "{\"n\":{\"from\":9007199254740993,\"to\":9007199254740992}}",
        "{\"n\":1e2,\"m\":0}; {\"n\":100,\"m\":-0}; {}; {}; {}",
        "{\"s\":\"\u00e9\"}; {\"s\":\"e\u0301\"}; {}; {}; "
            + "{\"s\":{\"from\":\"\u00e9\",\"to\":\"e\u0301\"}}",
        // Paths dots cannot say.
        "{}; {\"\":1,\"/x\":2,\"~\":3,\"\\\\\":4}; "
            + "{\"/\":1,\"/~1x\":2,\"\\\\\\\\\":4,\"~\":3}; {}; {}",
        "{\"a\":{\"\":1,\"/\":1}}; {\"a\":{\"\":2,\"/\":2}}; {}; {}; "
            + "{\"/a/\":{\"from\":1,\"to\":2},\"a./\":{\"from\":1,\"to\":2}}",
        // Sorted by code unit over the whole paths.
        "{\"b\":{\"x\":1},\"a\":1,\"b!\":1,\"B\":1}; {}; {}; "
            + "{\"B\":1,\"a\":1,\"b\":{\"x\":1},\"b!\":1}; {}",
        "{\"b\":{},\"b!\":0}; {\"b\":{\"c\":1,\"a\":1},\"b!\":0,\"b-\":1,\"b/\":1}; "
            + "{\"b-\":1,\"b.a\":1,\"b.c\":1,\"b/\":1}; {}; {}",
        "{}; {\"\uffee\":1,\"\ud83d\ude00\":2}; {\"\ud83d\ude00\":2,\"\uffee\":1}; {}; {}",
        // A root that is or was an array.
        "[1]; [1,2]; {}; {}; {\"\":{\"from\":[1],\"to\":[1,2]}}",
        "{\"a\":1}; [1]; {}; {}; {\"\":{\"from\":{\"a\":1},\"to\":[1]}}",
        "[]; {}; {}; {}; {\"\":{\"from\":[],\"to\":{}}}",
        "[1]; [1.0]; {}; {}; {}",
      })
  void tellsWhatDiffers(String pre, String post, String added, String removed, String changed) {
    String expected =
        "{\"added\":" + added + ",\"removed\":" + removed + ",\"changed\":" + changed + "}";
    Diff diff = diff(Json.parse(pre), Json.parse(post));
    assertEquals(expected, encoded(diff, DiffEncoder.WHOLE));
    assertEquals(expected, encoded(diff, DiffEncoder.SHORT));
    assertEquals(expected.equals(EMPTY), diff.isEmpty());
    assertEquals(Json.parse(expected), diff.toJson());
    assertEquals(Json.parse(post), diff.apply(Json.parse(pre)));
  }

  @Test
  void manyPathsKeepTheirOrder() {
    JsonObject post = JsonObject.empty();
    var names = new ArrayList<String>();
    for (int i = 0; i < 1_000; i++) {
      names.add("key" + i);
      post = post.with("key" + i, JsonNumber.of(i));
    }
    names.sort(null);
    Diff diff = diff(JsonObject.empty(), post);
    assertEquals(names, diff.added().stream().map(entry -> entry.path().render()).toList());
    String text = encoded(diff, DiffEncoder.WHOLE);
    int at = 0;
    for (String name : names) {
      int next = text.indexOf("\"" + name + "\":", at);
      assertTrue(next > at, name);
      at = next;
    }
  }

  @Test
  void largeOldValuesMayBeLeftOut() {
    JsonValue small = JsonString.of("s".repeat(4094));
    JsonValue large = JsonString.of("l".repeat(4095));
    JsonObject pre = JsonObject.of("a", small).with("b", large).with("c", small).with("d", large);
    Diff diff = diff(pre, JsonObject.of("c", large).with("d", small).with("e", large));
    assertEquals(
        "{\"added\":{\"e\":"
            + large
            + "},\"removed\":{\"a\":"
            + small
            + ",\"b\":{\"$omitted\":4097}},\"changed\":{\"c\":{\"from\":"
            + small
            + ",\"to\":"
            + large
            + "},\"d\":{\"fromOmitted\":true,\"to\":"
            + small
            + "}}}",
        encoded(diff, DiffEncoder.SHORT));
    assertFalse(encoded(diff, DiffEncoder.WHOLE).contains("mitted"));
  }

  private static JsonObject wide(int members) {
    JsonObject object = JsonObject.empty();
    for (int i = 0; i < members; i++) {
      object = object.with("key" + i, JsonObject.of("n", JsonNumber.of(i)));
    }
    return object;
  }

  private static JsonValue reread(JsonValue value) {
    return Json.parse(Json.encode(value), new JsonLimits(1 << 24, 64, 1 << 20));
  }

  /// A budget of sixteen nodes does for one change in a hundred thousand members: what is shared is
  /// not looked at.
  @Test
  void whatIsSharedCostsNothing() {
    JsonObject pre = wide(30_000);
    JsonArray array = JsonArray.of(IntStream.range(0, 30_000).mapToObj(JsonNumber::of).toList());
    pre = pre.with("array", array).with("deep", JsonObject.of("er", wide(100)));
    JsonObject post =
        pre.with("key777", JsonNumber.of(1))
            .without("key778")
            .with("array", array.with(29_000, JsonNumber.of(1)))
            .with("deep", JsonObject.of("er", wide(100)));
    Diff diff = Diff.between(pre, post.with("deep", pre.get("deep")), 16);
    assertFalse(diff.skipped());
    assertEquals(2, diff.changed().size());
    assertEquals(1, diff.removed().size());
    // Equal, but not the same: every member has to be looked at.
    assertEquals(Diff.SKIPPED, Diff.between(pre, post, 16));
    assertEquals(diff, Diff.between(pre, post, 400));
    // An appended element changes the size, which tells at once.
    JsonObject pushed = pre.with("array", array.with(30_000, JsonNumber.of(1)));
    assertEquals(1, Diff.between(pre, pushed, 5).changed().size());
    assertEquals(Diff.EMPTY, Diff.between(pre, pre, 0));
  }

  @Test
  void moreThanTheBudgetIsSkipped() {
    JsonObject pre = wide(1_000);
    JsonValue same = reread(pre);
    assertEquals(Diff.EMPTY, Diff.between(pre, same, 2_000));
    assertEquals(Diff.SKIPPED, Diff.between(pre, same, 1_999));
    JsonObject list = JsonObject.of("a", JsonArray.of(List.of(pre, pre, pre)));
    assertEquals(Diff.SKIPPED, Diff.between(list, reread(list), 6_000));
    assertEquals(Diff.EMPTY, Diff.between(list, reread(list), 6_004));
    // An entry costs more than a look.
    assertEquals(Diff.SKIPPED, Diff.between(JsonObject.empty(), pre, 4_999));
    assertEquals(1_000, Diff.between(JsonObject.empty(), pre, 5_000).added().size());
    assertEquals(
        Diff.SKIPPED, Diff.between(JsonArray.of(List.of(pre)), JsonArray.of(List.of(same)), 100));
  }

  @Test
  void aSkippedDiffIsWrittenEmptyAndCannotBeUsed() {
    assertTrue(Diff.SKIPPED.skipped());
    assertFalse(Diff.SKIPPED.isEmpty());
    assertEquals(EMPTY, encoded(Diff.SKIPPED, DiffEncoder.WHOLE));
    assertEquals(Diff.SKIPPED, Diff.SKIPPED.invert());
    assertThrows(IllegalStateException.class, () -> Diff.SKIPPED.apply(JsonObject.empty()));
    assertThrows(IllegalStateException.class, Diff.SKIPPED::toMutations);
    Diff root = diff(Json.parse("[1]"), Json.parse("[2]"));
    assertEquals(FieldPath.ROOT, root.changed().getFirst().path());
    assertThrows(IllegalStateException.class, root::toMutations);
    assertEquals(Json.parse("[1]"), root.invert().apply(Json.parse("[2]")));
  }

  @Test
  void isWrittenInPlaceAndNothingElse() {
    Diff diff = diff(Json.parse("{\"a\":1,\"c\":3}"), Json.parse("{\"b\":\"é\",\"c\":4}"));
    byte[] expected = DiffEncoder.WHOLE.encode(diff);
    var target = new byte[expected.length + 10];
    assertEquals(5 + expected.length, DiffEncoder.WHOLE.write(diff, target, 5));
    assertEquals(
        "\0\0\0\0\0" + new String(expected, StandardCharsets.UTF_8) + "\0\0\0\0\0",
        new String(target, StandardCharsets.UTF_8));
  }
}
