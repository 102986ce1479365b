// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import static io.freshet.protocol.mutation.Edits.NOW;
import static io.freshet.protocol.mutation.Edits.expectRefused;
import static io.freshet.protocol.mutation.Edits.mutate;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.RecordPath;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The table of Sync contract 2.6, every operator in both forms.
class MutationsTest {
  /// Each line: document; the name in a map, or - if it has none; the name in a list; its value;
  /// what the field `f` becomes, absent when nothing.
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        // set
        "{}; $set; set; 1; 1",
        "{\"f\":{\"a\":1}}; $set; set; {\"b\":2}; {\"b\":2}",
        "{\"f\":1}; $set; replace; null; null",
        "{}; -; add; [1]; [1]",
        "{\"f\":1}; -; add; 2; 2",
        "{}; $set; set; {\"$x\":1}; {\"$x\":1}",
        "{}; $set; set; {\"__prot\":1}; {\"__prot\":1}",
        // unset
        "{\"f\":1}; $unset; unset; true; absent",
        "{}; $unset; remove; true; absent",
        // increment
        "{\"f\":0.1}; $inc; increment; 0.2; 0.3",
        "{}; $inc; inc; -1; -1",
        "{\"f\":9007199254740993}; $inc; inc; 1; 9007199254740994",
        "{\"f\":9223372036854775807}; $inc; inc; 1; 9223372036854775808",
        "{\"f\":1e20}; $inc; inc; 1e-10; 100000000000000000000.0000000001",
        "{\"f\":5}; $inc; inc; -5; 0",
        // multiply
        "{\"f\":3}; $mul; multiply; 1.5; 4.5",
        "{}; $mul; multiply; 7; 0",
        "{\"f\":1e200}; $mul; multiply; 1e100; 1e300",
        "{\"f\":0.1}; $mul; multiply; 3; 0.3",
        // min and max
        "{\"f\":3}; $min; min; 2; 2",
        "{\"f\":3}; $min; min; 4; 3",
        "{}; $min; min; 4; 4",
        "{\"f\":3}; $max; max; 4; 4",
        "{\"f\":3}; $max; max; 2.5; 3",
        "{\"f\":\"b\"}; $max; max; \"c\"; \"c\"",
        "{\"f\":\"b\"}; $min; min; \"c\"; \"b\"",
        "{\"f\":9007199254740993}; $max; max; 9007199254740994; 9007199254740994",
        "{\"f\":9007199254740993}; $max; max; 9007199254740992; 9007199254740993",
        "{}; $max; max; \"\"; \"\"",
        // push
        "{\"f\":[1]}; $push; push; 2; [1,2]",
        "{}; $push; push; 2; [2]",
        "{\"f\":[1]}; $push; push; [2,3]; [1,[2,3]]",
        "{\"f\":[1]}; $push; push; {\"a\":1}; [1,{\"a\":1}]",
        "{\"f\":[1]}; $push; push; {}; [1,{}]",
        "{\"f\":[1]}; $push; push; {\"$each\":[2,3]}; [1,2,3]",
        "{\"f\":[1]}; $push; push; {\"$each\":[{\"$x\":1}]}; [1,{\"$x\":1}]",
        "{\"f\":[1,2]}; $push; push; {\"$each\":[8,9],\"$at\":1}; [1,8,9,2]",
        "{\"f\":[1,2]}; $push; push; {\"$each\":[8],\"$at\":0}; [8,1,2]",
        "{\"f\":[1,2]}; $push; push; {\"$each\":[8],\"$at\":2}; [1,2,8]",
        "{\"f\":[1,2]}; $push; push; {\"$each\":[8,9],\"$slice\":3}; [2,8,9]",
        "{\"f\":[1,2]}; $push; push; {\"$each\":[8,9],\"$slice\":1}; [9]",
        "{\"f\":[1,2]}; $push; push; {\"$each\":[8],\"$slice\":9}; [1,2,8]",
        "{\"f\":[1,2]}; $push; push; {\"$each\":[8],\"$slice\":0}; []",
        "{\"f\":[1,2]}; $push; push; {\"$each\":[8],\"$at\":0,\"$slice\":2}; [1,2]",
        "{\"f\":[1,2,3]}; $push; push; {\"$each\":[],\"$slice\":2}; [2,3]",
        "{}; $push; push; {\"$each\":[]}; []",
        "{}; $push; push; {\"$each\":[1,2],\"$slice\":1}; [2]",
        // addToSet
        "{\"f\":[1]}; $addToSet; addToSet; 2; [1,2]",
        "{\"f\":[1]}; $addToSet; addToSet; 1.0; [1]",
        "{}; $addToSet; addToSet; 1; [1]",
        "{\"f\":[{\"a\":1,\"b\":[2]}]}; $addToSet; addToSet; {\"b\":[2],\"a\":1}; "
            + "[{\"a\":1,\"b\":[2]}]",
        "{\"f\":[1,2,1]}; $addToSet; addToSet; {\"$each\":[3,1,3,4]}; [1,2,1,3,4]",
        "{\"f\":[1]}; $addToSet; addToSet; {\"$each\":[]}; [1]",
        "{}; $addToSet; addToSet; {\"$each\":[]}; []",
        "{}; $addToSet; addToSet; {\"$each\":[2,2,1]}; [2,1]",
        "{\"f\":[[1]]}; $addToSet; addToSet; [1]; [[1]]",
        // pull
        "{\"f\":[1,2,1]}; $pull; pull; 1; [2]",
        "{\"f\":[1,2]}; $pull; pull; 3; [1,2]",
        "{}; $pull; pull; 3; absent",
        "{\"f\":[1,2,1.0,3]}; $pull; pull; {\"$in\":[1,3,9]}; [2]",
        "{\"f\":[{\"$in\":[1]},1]}; $pull; pull; {\"$in\":[{\"$in\":[1]}]}; [1]",
        "{\"f\":[[1],1]}; $pull; pull; [1]; [1]",
        "{\"f\":[{\"a\":null},null]}; $pull; pull; {\"a\":null}; [null]",
        // pop
        "{\"f\":[1,2,3]}; $pop; pop; 1; [1,2]",
        "{\"f\":[1,2,3]}; $pop; pop; -1; [2,3]",
        "{\"f\":[]}; $pop; pop; 1; []",
        "{}; $pop; pop; 1; absent",
        // toggle
        "{\"f\":true}; $toggle; toggle; true; false",
        "{\"f\":false}; $toggle; toggle; true; true",
        "{}; $toggle; toggle; true; true",
        // setIfAbsent
        "{}; $setIfAbsent; setIfAbsent; 1; 1",
        "{\"f\":2}; $setIfAbsent; setIfAbsent; 1; 2",
        "{\"f\":null}; $setIfAbsent; setIfAbsent; 1; null",
        // merge
        "{\"f\":{\"a\":1,\"b\":2}}; $merge; merge; {\"a\":null,\"c\":{\"d\":null}}; "
            + "{\"b\":2,\"c\":{}}",
        "{}; $merge; merge; {\"a\":{\"b\":null},\"c\":null}; {\"a\":{}}",
        "{\"f\":5}; $merge; merge; {\"a\":1}; {\"a\":1}",
        "{\"f\":null}; $merge; merge; {\"a\":1}; {\"a\":1}",
        "{\"f\":[1]}; $merge; merge; {\"0\":2}; {\"0\":2}",
        // test
        "{\"f\":{\"a\":1}}; $test; test; {\"a\":1.0}; {\"a\":1}",
        "{\"f\":null}; $test; test; null; null",
        // serverTime
        "{}; $serverTime; serverTime; true; " + NOW,
        "{\"f\":[1]}; $serverTime; serverTime; true; " + NOW,
      })
  void doesWhatTheTableSays(
      String before, String inMap, String inList, String value, String after) {
    JsonObject document = (JsonObject) Json.parse(before);
    JsonObject expected =
        after.equals("absent") ? document.without("f") : document.with("f", Json.parse(after));
    JsonObject operation =
        JsonObject.of("op", JsonString.of(inList))
            .with("path", JsonString.of("/f"))
            .with("value", Json.parse(value));
    assertEquals(expected, mutate(document, array(operation)).after());
    if (!inMap.equals("-")) {
      JsonObject map = JsonObject.of("f", JsonObject.of(inMap, Json.parse(value)));
      assertEquals(expected, mutate(document, map).after());
    }
  }

  private static JsonValue array(JsonValue element) {
    return JsonArray.of(List.of(element));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        // The issue's own example, and the other platform's.
        "{\"participantCount\":3}; {\"status\":\"ended\",\"participantCount\":{\"$inc\":-1}}; "
            + "{\"participantCount\":2,\"status\":\"ended\"}",
        "{\"participantCount\":3}; [{\"op\":\"set\",\"path\":\"/status\",\"value\":\"ended\"},"
            + "{\"op\":\"increment\",\"path\":\"/participantCount\",\"value\":-1}]; "
            + "{\"participantCount\":2,\"status\":\"ended\"}",
        // Plain values.
        "{\"a\":{\"b\":1}}; {\"a\":{\"c\":2}}; {\"a\":{\"c\":2}}",
        "{}; {\"a\":{}}; {\"a\":{}}",
        "{\"a\":1}; {\"a\":null}; {\"a\":null}",
        "{}; {\"a\":{\"b\":{\"$inc\":1}}}; {\"a\":{\"b\":{\"$inc\":1}}}",
        "{\"a\":1}; {}; {\"a\":1}",
        "{\"a\":1}; []; {\"a\":1}",
        "{}; {\"$price\":{\"$set\":5}}; {\"$price\":5}",
        "{\"$inc\":1}; {\"/$inc\":{\"$inc\":1}}; {\"$inc\":2}",
        // Paths.
        "{\"a\":{\"b\":1}}; {\"a.b\":2}; {\"a\":{\"b\":2}}",
        "{\"a.b\":1}; {\"a\\\\.b\":2}; {\"a.b\":2}",
        "{\"a.b\":1}; {\"/a.b\":2}; {\"a.b\":2}",
        "{}; {\"a.b.c\":1}; {\"a\":{\"b\":{\"c\":1}}}",
        "{}; {\"/a//c\":1}; {\"a\":{\"\":{\"c\":1}}}",
        "{}; {\"a.0\":1}; {\"a\":{\"0\":1}}",
        "{}; {\"a.-\":1}; {\"a\":{\"-\":1}}",
        "{\"a\":{\"0\":1}}; {\"a.0\":2}; {\"a\":{\"0\":2}}",
        "{\"a\":[1,2]}; {\"a.0\":9}; {\"a\":[9,2]}",
        "{\"a\":[1,2]}; {\"a.2\":9}; {\"a\":[1,2,9]}",
        "{\"a\":[1,2]}; {\"/a/-\":9}; {\"a\":[1,2,9]}",
        "{\"a\":[{\"b\":1}]}; {\"a.0.c\":9}; {\"a\":[{\"b\":1,\"c\":9}]}",
        "{\"a\":[]}; {\"a.0.c.1\":9}; {\"a\":[{\"c\":{\"1\":9}}]}",
        "{\"a\":[[1]]}; {\"a.0.1\":9}; {\"a\":[[1,9]]}",
        "{\"a\":[1]}; {\"a.1\":{\"$inc\":4}}; {\"a\":[1,4]}",
        "{\"a\":[1]}; {\"a.0\":{\"$inc\":4}}; {\"a\":[5]}",
        "{\"a\":[1,2,3]}; {\"a.1\":{\"$unset\":true}}; {\"a\":[1,3]}",
        "{\"a\":[1]}; {\"a.1\":{\"$unset\":true}}; {\"a\":[1]}",
        "{\"a\":[1]}; {\"a.7.b\":{\"$unset\":true}}; {\"a\":[1]}",
        "{\"a\":[1]}; {\"a.99999999999\":{\"$pull\":1}}; {\"a\":[1]}",
        "{}; {\"a.b\":{\"$unset\":true}}; {}",
        "{}; {\"a.b\":{\"$pop\":1}}; {}",
        "{}; {\"a.b\":{\"$push\":1}}; {\"a\":{\"b\":[1]}}",
        "{}; {\"a.b\":{\"$toggle\":true},\"a.c\":{\"$max\":2},\"a.d\":{\"$addToSet\":1}}; "
            + "{\"a\":{\"b\":true,\"c\":2,\"d\":[1]}}",
        // A map has no order: tests first, places ascending, removals last and descending.
        "{\"a\":[1]}; {\"a.2\":3,\"a.1\":2}; {\"a\":[1,2,3]}",
        "{\"a\":[1]}; {\"a.-\":9,\"a.1\":2}; {\"a\":[1,2,9]}",
        "{\"a\":[0,1,2,3,4,5,6,7,8,9]}; {\"a.10\":11,\"a.9\":{\"$inc\":1},\"a.2\":"
            + "{\"$unset\":true}}; {\"a\":[0,1,3,4,5,6,7,8,10,11]}",
        "{\"a\":[0,1,2]}; {\"a.0\":{\"$unset\":true},\"a.1\":{\"$unset\":true},\"a.2\":9}; "
            + "{\"a\":[9]}",
        "{\"a\":1,\"b\":1}; {\"a\":2,\"b\":{\"$test\":1}}; {\"a\":2,\"b\":1}",
        // A list has one, and its paths may overlap.
        "{\"a\":1}; [{\"op\":\"inc\",\"path\":\"a\",\"value\":1},"
            + "{\"op\":\"multiply\",\"path\":\"a\",\"value\":5}]; {\"a\":10}",
        "{}; [{\"op\":\"set\",\"path\":\"a\",\"value\":{\"b\":1}},"
            + "{\"op\":\"set\",\"path\":\"a.c\",\"value\":2},{\"op\":\"unset\",\"path\":\"a.b\"}]; "
            + "{\"a\":{\"c\":2}}",
        "{\"a\":1};"
            + " [{\"op\":\"unset\",\"path\":\"a\"},{\"op\":\"set\",\"path\":\"a.b\",\"value\":2}]; "
            + "{\"a\":{\"b\":2}}",
        "{}; [{\"op\":\"set\",\"path\":\"a.b\",\"value\":1},{\"op\":\"unset\",\"path\":\"a.b\"}]; "
            + "{\"a\":{}}",
        "{\"a\":[1,2]}; [{\"op\":\"push\",\"path\":\"a\",\"value\":3},"
            + "{\"op\":\"set\",\"path\":\"a.2\",\"value\":4},{\"op\":\"push\",\"path\":\"a\","
            + "\"value\":5},{\"op\":\"pop\",\"path\":\"a\",\"value\":-1}]; {\"a\":[2,4,5]}",
        "{}; [{\"op\":\"toggle\",\"path\":\"a\"},{\"op\":\"serverTime\",\"path\":\"b\"}]; "
            + "{\"a\":true,\"b\":"
            + NOW
            + "}",
        "{\"a\":[1]}; [{\"op\":\"add\",\"path\":\"/a/-\",\"value\":2},"
            + "{\"op\":\"add\",\"path\":\"/a/2\",\"value\":3}]; {\"a\":[1,2,3]}",
        "{}; [{\"op\":\"set\",\"path\":\"$inc\",\"value\":2}]; {\"$inc\":2}",
        "{\"a\":1}; [{\"op\":\"set\",\"path\":\"a\",\"value\":2},"
            + "{\"op\":\"test\",\"path\":\"a\",\"value\":2}]; {\"a\":2}",
        // move
        "{\"a\":{\"b\":1}}; [{\"op\":\"move\",\"from\":\"a.b\",\"path\":\"c\"}];"
            + " {\"a\":{},\"c\":1}",
        "{\"a\":1,\"b\":2}; [{\"op\":\"move\",\"from\":\"a\",\"path\":\"b\"}]; {\"b\":1}",
        "{\"a\":1}; [{\"op\":\"move\",\"from\":\"a\",\"path\":\"b.c\"}]; {\"b\":{\"c\":1}}",
        "{\"a\":1}; [{\"op\":\"move\",\"from\":\"a\",\"path\":\"/a\"}]; {\"a\":1}",
        "{\"a\":[1,2,3]}; [{\"op\":\"move\",\"from\":\"a.2\",\"path\":\"a.0\"}]; {\"a\":[3,1,2]}",
        "{\"a\":[1,2,3]}; [{\"op\":\"move\",\"from\":\"a.0\",\"path\":\"/a/-\"}]; {\"a\":[2,3,1]}",
        "{\"a\":[1,2,3],\"b\":9}; [{\"op\":\"move\",\"from\":\"b\",\"path\":\"a.1\"}]; "
            + "{\"a\":[1,9,2,3]}",
        "{\"a\":{\"b\":{\"c\":1}}}; [{\"op\":\"move\",\"from\":\"a.b\",\"path\":\"a\"}]; "
            + "{\"a\":{\"c\":1}}",
      })
  void mutates(String before, String mutations, String after) {
    assertEquals(Json.parse(after), mutate(before, mutations));
  }

  /// Document; field and operator; what the message names.
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{\"a\":null}; {\"a.b\":1}; null",
        "{\"a\":5}; {\"a.b\":1}; a number",
        "{\"a\":\"x\"}; {\"a.b.c\":{\"$inc\":1}}; a string",
        "{\"a\":true}; {\"a.b\":{\"$unset\":true}}; a boolean",
        "{\"a\":[1]}; {\"a.b\":1}; an array",
        "{\"a\":[1]}; {\"a.01\":1}; an array",
        "{\"a\":[1]}; {\"a.+1\":1}; an array",
        "{\"a\":[1]}; {\"/a/\":1}; an array",
        "{\"a\":[1]}; {\"a.2\":1}; behind the end",
        "{\"a\":[1]}; {\"a.2.x\":1}; behind the end",
        "{\"a\":[1]}; {\"a.99999999999999\":1}; behind the end",
        "{\"a\":[[]]}; {\"a.0.1\":{\"$push\":1}}; behind the end",
        "{\"a\":\"1\"}; {\"a\":{\"$inc\":1}}; a string",
        "{\"a\":null}; {\"a\":{\"$inc\":1}}; null",
        "{\"a\":[]}; {\"a\":{\"$mul\":1}}; an array",
        "{\"a\":\"1\"}; {\"a\":{\"$min\":1}}; a string",
        "{\"a\":1}; {\"a\":{\"$max\":\"1\"}}; a number",
        "{\"a\":null}; {\"a\":{\"$max\":1}}; null",
        "{\"a\":{}}; {\"a\":{\"$push\":1}}; an object",
        "{\"a\":null}; {\"a\":{\"$push\":1}}; null",
        "{\"a\":1}; {\"a\":{\"$addToSet\":1}}; a number",
        "{\"a\":\"x\"}; {\"a\":{\"$pull\":1}}; a string",
        "{\"a\":{}}; {\"a\":{\"$pop\":1}}; an object",
        "{\"a\":0}; {\"a\":{\"$toggle\":true}}; a number",
        "{\"a\":null}; {\"a\":{\"$toggle\":true}}; null",
        "{\"a\":[1]}; {\"a\":{\"$push\":{\"$each\":[1],\"$at\":2}}}; at 2",
        "{\"a\":[1]}; [{\"op\":\"add\",\"path\":\"/a/0\",\"value\":1}]; exists",
        "{\"a\":1,\"b\":2}; [{\"op\":\"move\",\"from\":\"a\",\"path\":\"b.c\"}]; a number",
        "{\"conflict\":1}; {\"conflict.b\":1}; a number",
        "[1]; {\"0\":2}; list",
        "[]; {}; list",
      })
  void refusesWhatDoesNotFit(String before, String mutations, String named) {
    String message =
        expectRefused(ErrorCode.TYPE_MISMATCH, () -> mutate(before, mutations)).getMessage();
    assertEquals(named, message.contains(named) ? named : message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{\"a\":1}; {\"a\":{\"$test\":2}}",
        "{\"a\":1}; {\"a\":{\"$test\":\"1\"}}",
        "{}; {\"a\":{\"$test\":null}}",
        "{\"a\":5}; {\"a.b\":{\"$test\":1}}",
        "{\"a\":[1]}; {\"a.b\":{\"$test\":1}}",
        "{\"a\":[1]}; {\"a.1\":{\"$test\":1}}",
        // First, whatever the order in which the map has them.
        "{\"a\":\"x\",\"b\":1}; {\"a\":{\"$inc\":1},\"b\":{\"$test\":2}}",
        "{\"a\":1}; [{\"op\":\"set\",\"path\":\"a\",\"value\":2},"
            + "{\"op\":\"test\",\"path\":\"a\",\"value\":1}]",
      })
  void aTestThatDoesNotHoldIsAConflict(String before, String mutations) {
    var refused = expectRefused(ErrorCode.TEST_FAILED, () -> mutate(before, mutations));
    assertEquals(409, refused.status());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{\"a\":1e308}; {\"a\":{\"$inc\":9e308}}",
        "{\"a\":1e308}; {\"a\":{\"$inc\":1}}",
        "{\"a\":9e307}; {\"a\":{\"$mul\":100}}",
        "{\"a\":1e-300}; {\"a\":{\"$mul\":1e-9}}",
        "{\"a\":9999999999999999999999999999999999}; {\"a\":{\"$inc\":0.1}}",
      })
  void arithmeticStaysInTheDomain(String before, String mutations) {
    var refused = expectRefused(ErrorCode.NUMBER_OUT_OF_RANGE, () -> mutate(before, mutations));
    assertEquals(422, refused.status());
  }

  @Test
  void movingNothingIsNotFound() {
    for (String from : new String[] {"b", "a.0", "a.-", "c.d.e"}) {
      String move = "[{\"op\":\"move\",\"from\":\"" + from + "\",\"path\":\"x\"}]";
      var refused = expectRefused(ErrorCode.PATH_NOT_FOUND, () -> mutate("{\"a\":[]}", move));
      assertEquals(422, refused.status());
    }
  }

  @Test
  void oneFailureLeavesEverythingAsItWas() {
    JsonValue before = Json.parse("{\"a\":1,\"b\":\"x\"}");
    String text = before.toString();
    expectRefused(
        ErrorCode.TYPE_MISMATCH, () -> mutate(before, Json.parse("{\"a\":2,\"b\":{\"$inc\":1}}")));
    assertEquals(text, before.toString());
  }

  private static List<FieldOperation> operations(String before, String mutations) {
    return mutate(Json.parse(before), Json.parse(mutations)).operations();
  }

  private static FieldOperation set(String path, String value) {
    return new FieldOperation.Set(RecordPath.parse(path), Json.parse(value));
  }

  @Test
  void editsAreResolved() {
    assertEquals(List.of(set("n", "2")), operations("{\"n\":1}", "{\"n\":{\"$inc\":1}}"));
    assertEquals(
        List.of(set("t", String.valueOf(NOW))), operations("{}", "{\"t\":{\"$serverTime\":true}}"));
    assertEquals(
        List.of(new FieldOperation.Erase(RecordPath.parse("a.b"))),
        operations("{\"a\":{\"b\":1}}", "{\"a.b\":{\"$unset\":true}}"));
    // What is missing on the way comes as one value.
    assertEquals(List.of(set("a", "{\"b\":{\"0\":1}}")), operations("{}", "{\"a.b.0\":1}"));
    // Appending sets the element behind the last; anything else in an array sets the array.
    assertEquals(List.of(set("a[2]", "9")), operations("{\"a\":[1,2]}", "{\"a\":{\"$push\":9}}"));
    assertEquals(List.of(set("a[1]", "9")), operations("{\"a\":[1,2]}", "{\"a.1\":9}"));
    assertEquals(List.of(set("a[0].b", "9")), operations("{\"a\":[{\"c\":1}]}", "{\"a.0.b\":9}"));
    assertEquals(
        List.of(set("a[2]", "8"), set("a[3]", "9")),
        operations("{\"a\":[1,2]}", "{\"a\":{\"$push\":{\"$each\":[8,9]}}}"));
    assertEquals(
        List.of(set("a", "[1,7,8,9]")),
        operations("{\"a\":[1]}", "{\"a\":{\"$push\":{\"$each\":[7,8,9]}}}"));
    assertEquals(
        List.of(set("a", "[2]")), operations("{\"a\":[1,2]}", "{\"a.0\":{\"$unset\":true}}"));
    assertEquals(
        List.of(set("a", "[9,1]")),
        operations("{\"a\":[1]}", "{\"a\":{\"$push\":{\"$each\":[9],\"$at\":0}}}"));
  }

  @Test
  void editsOfOnePlaceBecomeOne() {
    String twice =
        "[{\"op\":\"inc\",\"path\":\"n\",\"value\":1},{\"op\":\"inc\",\"path\":\"n\",\"value\":2}]";
    assertEquals(List.of(set("n", "3")), operations("{}", twice));
    String thereAndBack =
        "[{\"op\":\"inc\",\"path\":\"n\",\"value\":1},{\"op\":\"inc\",\"path\":\"n\",\"value\":-1}]";
    assertEquals(List.of(), operations("{\"n\":1}", thereAndBack));
    String inside =
        "[{\"op\":\"set\",\"path\":\"a\",\"value\":{\"b\":1}},"
            + "{\"op\":\"set\",\"path\":\"a.c\",\"value\":2}]";
    assertEquals(List.of(set("a", "{\"b\":1,\"c\":2}")), operations("{}", inside));
    String pushedAndPopped =
        "[{\"op\":\"push\",\"path\":\"a\",\"value\":1},{\"op\":\"pop\",\"path\":\"a\",\"value\":1}]";
    assertEquals(List.of(), operations("{\"a\":[0]}", pushedAndPopped));
  }

  @Test
  void aMergeIsAsManyEditsAsItChangesUnlessTheyAreMany() {
    JsonObject members = JsonObject.empty();
    JsonObject many = JsonObject.empty();
    for (int i = 0; i < 500; i++) {
      members = members.with("k" + i, JsonNumber.of(i));
      many = i < 65 ? many.with("k" + i, JsonNumber.of(-1)) : many;
    }
    JsonObject before = JsonObject.of("a", members);
    JsonValue few = Json.parse("{\"a\":{\"$merge\":{\"k1\":0,\"k2\":2,\"k3\":null,\"x\":{}}}}");
    assertEquals(3, mutate(before, few).operations().size());
    JsonObject merge = JsonObject.of("a", JsonObject.of("$merge", many));
    assertEquals(1, mutate(before, merge).operations().size());
    JsonObject less = JsonObject.of("a", JsonObject.of("$merge", many.without("k64")));
    assertEquals(64, mutate(before, less).operations().size());
  }

  @Test
  void nothingChangedIsNoEdit() {
    for (String nothing :
        new String[] {
          "{}",
          "{\"n\":1.0}",
          "{\"a.0\":{\"$test\":1}}",
          "{\"a\":{\"$pull\":7}}",
          "{\"n\":{\"$inc\":0}}",
          "{\"x\":{\"$unset\":true}}",
          "{\"a\":{\"$addToSet\":1}}",
          "{\"a\":{\"$push\":{\"$each\":[]}}}",
          "{\"o\":{\"$merge\":{\"p\":{\"q\":1},\"z\":null}}}"
        }) {
      JsonValue before = Json.parse("{\"n\":1,\"a\":[1],\"o\":{\"p\":{\"q\":1}}}");
      Edited edited = mutate(before, Json.parse(nothing));
      assertEquals(List.of(), edited.operations(), nothing);
      assertSame(before, edited.after());
    }
  }

  @Test
  void sharesWhatItDoesNotTouch() {
    JsonObject before = (JsonObject) Json.parse("{\"a\":{\"b\":[1,2]},\"c\":{\"d\":{}}}");
    JsonObject after = (JsonObject) mutate(before, Json.parse("{\"c.e\":1}")).after();
    assertSame(before.get("a"), after.get("a"));
    assertSame(((JsonObject) before.get("c")).get("d"), ((JsonObject) after.get("c")).get("d"));
    assertEquals(JsonNumber.of(1), ((JsonObject) after.get("c")).get("e"));
  }
}
