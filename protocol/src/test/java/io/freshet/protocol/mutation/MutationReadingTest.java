// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import static io.freshet.protocol.mutation.Edits.expectRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What Sync contract 2.6 refuses before any document is looked at.
class MutationReadingTest {
  private static List<Mutation> read(String mutations) {
    return read(Json.parse(mutations));
  }

  private static List<Mutation> read(JsonValue mutations) {
    return Mutations.read(mutations, Mutations.OPERATIONS_MAX);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "UNKNOWN_OPERATOR; {\"a\":{\"$incr\":1}}; $inc",
        "UNKNOWN_OPERATOR; {\"a\":{\"$\":1}}; $inc",
        "UNKNOWN_OPERATOR; {\"a\":{\"$move\":\"b\"}}; in a map",
        "UNKNOWN_OPERATOR; {\"a\":{\"$conflict\":1}}; $inc",
        "UNKNOWN_OPERATOR; [{\"op\":\"$inc\",\"path\":\"a\",\"value\":1}]; increment",
        "UNKNOWN_OPERATOR; [{\"op\":\"SET\",\"path\":\"a\",\"value\":1}]; increment",
        "UNKNOWN_OPERATOR; [{\"op\":\"conflict\",\"path\":\"a\",\"value\":1}]; increment",
        "UNKNOWN_OPERATOR; {\"a\":{\"$push\":{\"$position\":1}}}; $each",
        "UNKNOWN_OPERATOR; {\"a\":{\"$push\":{\"$each\":[1],\"x\":1}}}; $each",
        "UNKNOWN_OPERATOR; {\"a\":{\"$addToSet\":{\"$in\":[1]}}}; $each",
        "UNKNOWN_OPERATOR; {\"a\":{\"$pull\":{\"$each\":[1]}}}; $in",
        "INVALID_ARGUMENT; {\"a\":{\"$inc\":1,\"b\":2}}; $set",
        "INVALID_ARGUMENT; {\"a\":{\"b\":2,\"$x\":1}}; $set",
        "INVALID_ARGUMENT; {\"a\":{\"$inc\":1,\"$mul\":2}}; several",
        "INVALID_ARGUMENT; {\"$inc\":{\"a\":1}}; field first",
        "INVALID_ARGUMENT; {\"$set\":{\"a\":1,\"b\":2}}; field first",
        "INVALID_ARGUMENT; {\"$rename\":{\"a\":\"b\"}}; field first",
        "INVALID_ARGUMENT; {\"$inc\":1}; field first",
        "INVALID_ARGUMENT; {\"$inc\":{}}; field first",
        "INVALID_ARGUMENT; {\"a\":{\"$inc\":\"1\"}}; a number",
        "INVALID_ARGUMENT; {\"a\":{\"$inc\":null}}; a number",
        "INVALID_ARGUMENT; {\"a\":{\"$mul\":[2]}}; a number",
        "INVALID_ARGUMENT; {\"a\":{\"$min\":true}}; a number or a string",
        "INVALID_ARGUMENT; {\"a\":{\"$max\":null}}; a number or a string",
        "INVALID_ARGUMENT; {\"a\":{\"$unset\":false}}; true",
        "INVALID_ARGUMENT; {\"a\":{\"$unset\":1}}; true",
        "INVALID_ARGUMENT; {\"a\":{\"$toggle\":\"\"}}; true",
        "INVALID_ARGUMENT; {\"a\":{\"$serverTime\":\"ms\"}}; true",
        "INVALID_ARGUMENT; {\"a\":{\"$pop\":0}}; -1",
        "INVALID_ARGUMENT; {\"a\":{\"$pop\":1.5}}; -1",
        "INVALID_ARGUMENT; {\"a\":{\"$pop\":true}}; -1",
        "INVALID_ARGUMENT; {\"a\":{\"$merge\":[1]}}; an object",
        "INVALID_ARGUMENT; {\"a\":{\"$merge\":null}}; an object",
        "INVALID_ARGUMENT; {\"a\":{\"$push\":{\"$each\":1}}}; a list under $each",
        "INVALID_ARGUMENT; {\"a\":{\"$push\":{\"$at\":1}}}; a list under $each",
        "INVALID_ARGUMENT; {\"a\":{\"$push\":{\"$each\":[],\"$at\":-1}}}; $at",
        "INVALID_ARGUMENT; {\"a\":{\"$push\":{\"$each\":[],\"$at\":1.5}}}; $at",
        "INVALID_ARGUMENT; {\"a\":{\"$push\":{\"$each\":[],\"$slice\":-2}}}; $slice",
        "INVALID_ARGUMENT; {\"a\":{\"$push\":{\"$each\":[],\"$slice\":3000000000}}}; $slice",
        "INVALID_ARGUMENT; {\"a\":{\"$push\":{\"$each\":[],\"$slice\":null}}}; $slice",
        "INVALID_ARGUMENT; {\"a\":{\"$pull\":{\"$in\":{}}}}; a list under $in",
        "INVALID_ARGUMENT; 1; a map",
        "INVALID_ARGUMENT; null; a map",
        "INVALID_ARGUMENT; \"conflict\"; a map",
        "INVALID_ARGUMENT; [1]; Operation 0",
        "INVALID_ARGUMENT; [{\"op\":\"unset\",\"path\":\"a\"},[]]; Operation 1",
        "INVALID_ARGUMENT; [{\"path\":\"a\",\"value\":1}]; \"op\"",
        "INVALID_ARGUMENT; [{\"op\":1,\"path\":\"a\",\"value\":1}]; \"op\"",
        "INVALID_ARGUMENT; [{\"op\":\"set\",\"value\":1}]; \"path\"",
        "INVALID_ARGUMENT; [{\"op\":\"set\",\"path\":[\"a\"],\"value\":1}]; \"path\"",
        "INVALID_ARGUMENT; [{\"op\":\"set\",\"path\":\"a\"}]; \"value\"",
        "INVALID_ARGUMENT; [{\"op\":\"set\",\"path\":\"a\",\"vlaue\":1}]; vlaue",
        "INVALID_ARGUMENT; [{\"op\":\"push\",\"path\":\"a\",\"value\":1,\"at\":0}]; \"at\"",
        "INVALID_ARGUMENT; [{\"op\":\"set\",\"path\":\"a\",\"value\":1,\"conflict\":0}]; nothing",
        "INVALID_ARGUMENT; [{\"op\":\"unset\",\"path\":\"a\",\"value\":false}]; true",
        "INVALID_ARGUMENT; [{\"op\":\"move\",\"path\":\"a\"}]; \"from\"",
        "INVALID_ARGUMENT; [{\"op\":\"set\",\"path\":\"a\",\"value\":1,\"from\":\"b\"}]; from",
        "INVALID_PATH; {\"\":1}; replace",
        "INVALID_PATH; {\"a..b\":1}; empty step",
        "INVALID_PATH; {\"/~2\":1}; ~0",
        "INVALID_PATH; [{\"op\":\"set\",\"path\":\"\",\"value\":{}}]; replace",
        "INVALID_PATH; [{\"op\":\"move\",\"from\":\"a\",\"path\":\"a.b\"}]; into itself",
        "INVALID_PATH; [{\"op\":\"move\",\"from\":\"\",\"path\":\"a\"}]; replace",
        "INVALID_PATH; [{\"op\":\"move\",\"from\":\"conflict\",\"path\":\"conflict.b\"}]; itself",
        "FORBIDDEN_KEY; {\"a.__proto__\":1}; rename",
        "FORBIDDEN_KEY; [{\"op\":\"unset\",\"path\":\"/__proto__/x\"}]; rename",
        "PATH_CONFLICT; {\"a\":1,\"a.b\":2}; overlapping paths",
        "PATH_CONFLICT; {\"a.b.c\":1,\"x\":0,\"a\":{\"$unset\":true}}; overlapping paths",
        "PATH_CONFLICT; {\"a\":1,\"/a\":2}; overlapping paths",
        "PATH_CONFLICT; {\"a.b\":1,\"/a/b/c\":2}; overlapping paths",
        "PATH_CONFLICT; {\"a\":1,\"a.b\":{\"$test\":2}}; overlapping paths",
        "PATH_CONFLICT; {\"a\":1,\"a!\":1,\"a-\":1,\"a.b\":1}; overlapping paths",
        "PATH_CONFLICT; {\"conflict\":1,\"conflict.a\":1}; overlapping paths",
      })
  void refuses(ErrorCode code, String mutations, String named) {
    String message = expectRefused(code, () -> read(mutations)).getMessage();
    assertTrue(message.contains(named), message);
  }

  @Test
  void pathsThatOnlyLookAlikeDoNotOverlap() {
    assertEquals(6, read("{\"a\":1,\"a\\\\.b\":2,\"ab\":3,\"b.a\":4,\"/a~1b\":5,\"A\":6}").size());
    assertEquals(4, read("{\"a.b\":1,\"a.c\":2,\"a.1\":3,\"a.10\":4}").size());
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 501, 10_000})
  void takes500Operations(int count) {
    JsonObject map = JsonObject.empty();
    var list = new ArrayList<JsonValue>();
    for (int i = 0; i < count; i++) {
      map = map.with("k" + i, JsonNumber.of(i));
      list.add(Json.parse("{\"op\":\"toggle\",\"path\":\"a\"}"));
    }
    JsonValue fields = map;
    if (count <= 500) {
      assertEquals(count, read(fields).size());
      assertEquals(count, read(JsonArray.of(list)).size());
    } else {
      expectRefused(ErrorCode.TOO_MANY_OPS, () -> read(fields));
      expectRefused(ErrorCode.TOO_MANY_OPS, () -> read(JsonArray.of(list)));
    }
  }

  @Test
  void aMapHasOneOrderWhateverItsSize() {
    JsonObject map = JsonObject.empty();
    for (int i = 299; i >= 0; i--) {
      map = map.with("a." + i, JsonNumber.of(i));
    }
    List<FieldPath> paths = read(map).stream().map(Mutation::path).toList();
    List<FieldPath> sorted =
        IntStream.range(0, 300).mapToObj(i -> FieldPath.of("a", String.valueOf(i))).toList();
    assertEquals(sorted, paths);
  }

  @Test
  void longTextsAreShortenedInMessages() {
    String longName = "x".repeat(79) + "😀" + "y".repeat(900);
    JsonObject map = JsonObject.of("a", JsonObject.of("$" + longName, JsonNumber.of(1)));
    String message = expectRefused(ErrorCode.UNKNOWN_OPERATOR, () -> read(map)).getMessage();
    assertTrue(message.length() < 400, message);
    // It can be sent as JSON: no half of a pair is left.
    assertTrue(JsonString.of(message).encodedBytes() > 0);
    JsonObject cut = JsonObject.of("a", JsonObject.of("$" + "x".repeat(78) + "😀", map));
    JsonString.of(expectRefused(ErrorCode.UNKNOWN_OPERATOR, () -> read(cut)).getMessage());
  }
}
