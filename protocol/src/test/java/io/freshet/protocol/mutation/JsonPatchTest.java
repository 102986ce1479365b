// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

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
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.RecordPath;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// RFC 6902: the examples of its appendix that are documents here, and what they leave open.
class JsonPatchTest {
  private static JsonValue patch(String before, String patch) {
    return Edits.patch(Json.parse(before), Json.parse(patch)).after();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        // Appendix A.
        "{\"foo\":\"bar\"}; [{\"op\":\"add\",\"path\":\"/baz\",\"value\":\"qux\"}]; "
            + "{\"baz\":\"qux\",\"foo\":\"bar\"}",
        "{\"foo\":[\"bar\",\"baz\"]}; [{\"op\":\"add\",\"path\":\"/foo/1\",\"value\":\"qux\"}]; "
            + "{\"foo\":[\"bar\",\"qux\",\"baz\"]}",
        "{\"baz\":\"qux\",\"foo\":\"bar\"}; [{\"op\":\"remove\",\"path\":\"/baz\"}]; "
            + "{\"foo\":\"bar\"}",
        "{\"foo\":[\"bar\",\"qux\",\"baz\"]}; [{\"op\":\"remove\",\"path\":\"/foo/1\"}]; "
            + "{\"foo\":[\"bar\",\"baz\"]}",
        "{\"baz\":\"qux\",\"foo\":\"bar\"}; "
            + "[{\"op\":\"replace\",\"path\":\"/baz\",\"value\":\"boo\"}]; "
            + "{\"baz\":\"boo\",\"foo\":\"bar\"}",
        "{\"foo\":{\"bar\":\"baz\",\"waldo\":\"fred\"},\"qux\":{\"corge\":\"grault\"}}; "
            + "[{\"op\":\"move\",\"from\":\"/foo/waldo\",\"path\":\"/qux/thud\"}]; "
            + "{\"foo\":{\"bar\":\"baz\"},\"qux\":{\"corge\":\"grault\",\"thud\":\"fred\"}}",
        "{\"foo\":[\"all\",\"grass\",\"cows\",\"eat\"]}; "
            + "[{\"op\":\"move\",\"from\":\"/foo/1\",\"path\":\"/foo/3\"}]; "
            + "{\"foo\":[\"all\",\"cows\",\"eat\",\"grass\"]}",
        "{\"baz\":\"qux\",\"foo\":[\"a\",2,\"c\"]}; "
            + "[{\"op\":\"test\",\"path\":\"/baz\",\"value\":\"qux\"},"
            + "{\"op\":\"test\",\"path\":\"/foo/1\",\"value\":2}]; "
            + "{\"baz\":\"qux\",\"foo\":[\"a\",2,\"c\"]}",
        "{\"foo\":\"bar\"}; [{\"op\":\"add\",\"path\":\"/child\",\"value\":{\"grandchild\":{}}}]; "
            + "{\"foo\":\"bar\",\"child\":{\"grandchild\":{}}}",
        "{\"foo\":\"bar\"}; [{\"op\":\"add\",\"path\":\"/baz\",\"value\":\"qux\",\"xyz\":123}]; "
            + "{\"foo\":\"bar\",\"baz\":\"qux\"}",
        "{\"/\":9,\"~1\":10}; [{\"op\":\"test\",\"path\":\"/~01\",\"value\":10}]; "
            + "{\"/\":9,\"~1\":10}",
        "{\"foo\":[\"bar\"]}; "
            + "[{\"op\":\"add\",\"path\":\"/foo/-\",\"value\":[\"abc\",\"def\"]}]; "
            + "{\"foo\":[\"bar\",[\"abc\",\"def\"]]}",
        // Members that are there are replaced by add; null is a value.
        "{\"a\":1}; [{\"op\":\"add\",\"path\":\"/a\",\"value\":null}]; {\"a\":null}",
        "{\"a\":null}; [{\"op\":\"test\",\"path\":\"/a\",\"value\":null}]; {\"a\":null}",
        "{\"a\":null}; [{\"op\":\"remove\",\"path\":\"/a\"}]; {}",
        "{\"a\":[1]}; [{\"op\":\"replace\",\"path\":\"/a/0\",\"value\":2}]; {\"a\":[2]}",
        "{\"a\":[1]}; [{\"op\":\"add\",\"path\":\"/a/1\",\"value\":2}]; {\"a\":[1,2]}",
        "{\"\":{\"\":1}}; [{\"op\":\"replace\",\"path\":\"//\",\"value\":2}]; {\"\":{\"\":2}}",
        "{\"a\":{\"0\":1}}; [{\"op\":\"remove\",\"path\":\"/a/0\"}]; {\"a\":{}}",
        "{\"a\":{\"-\":1}}; [{\"op\":\"remove\",\"path\":\"/a/-\"}]; {\"a\":{}}",
        "{\"a\":1}; [{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a\"}]; {\"a\":1}",
        "{\"a\":{\"b\":1}}; [{\"op\":\"move\",\"from\":\"/a/b\",\"path\":\"/a\"}]; {\"a\":1}",
        "{\"a\":{\"b\":1}}; [{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/a/c\"}]; "
            + "{\"a\":{\"b\":1,\"c\":{\"b\":1}}}",
        "{\"a\":[1,2]}; [{\"op\":\"copy\",\"from\":\"/a/1\",\"path\":\"/a/0\"}]; {\"a\":[2,1,2]}",
        "{\"a\":[1]}; [{\"op\":\"add\",\"path\":\"/a/0\",\"value\":0},"
            + "{\"op\":\"remove\",\"path\":\"/a/1\"}]; {\"a\":[0]}",
        "{\"a\":1}; []; {\"a\":1}",
        // The root.
        "{\"a\":1}; [{\"op\":\"test\",\"path\":\"\",\"value\":{\"a\":1.0}}]; {\"a\":1}",
        "{\"a\":1,\"b\":2}; [{\"op\":\"replace\",\"path\":\"\",\"value\":{\"b\":2,\"c\":3}}]; "
            + "{\"b\":2,\"c\":3}",
        "{\"a\":1}; [{\"op\":\"add\",\"path\":\"\",\"value\":{}}]; {}",
        "{\"a\":{\"b\":1}}; [{\"op\":\"move\",\"from\":\"/a\",\"path\":\"\"}]; {\"b\":1}",
        "{\"a\":{\"b\":1}}; [{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"\"}]; {\"b\":1}",
        "{\"a\":1}; [{\"op\":\"copy\",\"from\":\"\",\"path\":\"/b\"}]; {\"a\":1,\"b\":{\"a\":1}}",
        "{\"a\":1}; [{\"op\":\"move\",\"from\":\"\",\"path\":\"\"}]; {\"a\":1}",
        "{\"a\":1}; [{\"op\":\"replace\",\"path\":\"\",\"value\":[5,6]},"
            + "{\"op\":\"add\",\"path\":\"/-\",\"value\":{\"c\":7}},"
            + "{\"op\":\"remove\",\"path\":\"/0\"},{\"op\":\"move\",\"from\":\"/1\",\"path\":\"\"}];"
            + " {\"c\":7}",
        "{\"a\":1}; [{\"op\":\"replace\",\"path\":\"\",\"value\":5},"
            + "{\"op\":\"replace\",\"path\":\"\",\"value\":{\"a\":1}}]; {\"a\":1}",
      })
  void patches(String before, String patch, String after) {
    assertEquals(Json.parse(after), patch(before, patch));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "TEST_FAILED; {\"baz\":\"qux\"}; [{\"op\":\"test\",\"path\":\"/baz\",\"value\":\"bar\"}]",
        "TEST_FAILED; {\"/\":9,\"~1\":10}; [{\"op\":\"test\",\"path\":\"/~01\",\"value\":\"10\"}]",
        "TEST_FAILED; {}; [{\"op\":\"test\",\"path\":\"/a\",\"value\":null}]",
        "TEST_FAILED; {\"a\":1}; [{\"op\":\"test\",\"path\":\"/a/b\",\"value\":1}]",
        "TEST_FAILED; {\"a\":1}; [{\"op\":\"test\",\"path\":\"\",\"value\":{}}]",
        "PATH_NOT_FOUND; {\"foo\":\"bar\"}; "
            + "[{\"op\":\"add\",\"path\":\"/baz/bat\",\"value\":\"qux\"}]",
        "PATH_NOT_FOUND; {}; [{\"op\":\"remove\",\"path\":\"/a\"}]",
        "PATH_NOT_FOUND; {}; [{\"op\":\"replace\",\"path\":\"/a\",\"value\":1}]",
        "PATH_NOT_FOUND; {\"a\":[1]}; [{\"op\":\"replace\",\"path\":\"/a/1\",\"value\":1}]",
        "PATH_NOT_FOUND; {\"a\":[1]}; [{\"op\":\"remove\",\"path\":\"/a/-\"}]",
        "PATH_NOT_FOUND; {}; [{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/b\"}]",
        "PATH_NOT_FOUND; {}; [{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a\"}]",
        "PATH_NOT_FOUND; {}; [{\"op\":\"copy\",\"from\":\"/conflict\",\"path\":\"/b\"}]",
        "PATH_NOT_FOUND; {\"a\":1}; [{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/x/y\"}]",
        "TYPE_MISMATCH; {\"a\":[1]}; [{\"op\":\"add\",\"path\":\"/a/2\",\"value\":1}]",
        "TYPE_MISMATCH; {\"a\":[1]}; [{\"op\":\"add\",\"path\":\"/a/b\",\"value\":1}]",
        "TYPE_MISMATCH; {\"a\":[1]}; [{\"op\":\"add\",\"path\":\"/a/00\",\"value\":1}]",
        "TYPE_MISMATCH; {\"a\":\"conflict\"}; [{\"op\":\"add\",\"path\":\"/a/b\",\"value\":1}]",
        "TYPE_MISMATCH; {\"a\":null}; [{\"op\":\"remove\",\"path\":\"/a/b\"}]",
        "TYPE_MISMATCH; {}; [{\"op\":\"remove\",\"path\":\"\"}]",
        "TYPE_MISMATCH; {}; [{\"op\":\"replace\",\"path\":\"\",\"value\":[1]}]",
        "TYPE_MISMATCH; {}; [{\"op\":\"add\",\"path\":\"\",\"value\":null}]",
        "TYPE_MISMATCH; {\"a\":1}; [{\"op\":\"move\",\"from\":\"/a\",\"path\":\"\"}]",
        "TYPE_MISMATCH; []; []",
        "INVALID_PATH; {\"a\":{}}; [{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a/b\"}]",
        "INVALID_PATH; {\"a\":{}}; [{\"op\":\"move\",\"from\":\"\",\"path\":\"/a\"}]",
        "INVALID_PATH; {}; [{\"op\":\"add\",\"path\":\"a\",\"value\":1}]",
        "INVALID_PATH; {}; [{\"op\":\"add\",\"path\":\"/~\",\"value\":1}]",
        "FORBIDDEN_KEY; {}; [{\"op\":\"add\",\"path\":\"/__proto__\",\"value\":1}]",
        "FORBIDDEN_KEY; {}; [{\"op\":\"copy\",\"from\":\"/__proto__/a\",\"path\":\"/b\"}]",
        "UNKNOWN_OPERATOR; {}; [{\"op\":\"set\",\"path\":\"/a\",\"value\":1}]",
        "UNKNOWN_OPERATOR; {}; [{\"op\":\"conflict\",\"path\":\"/a\",\"value\":1}]",
        "INVALID_ARGUMENT; {}; [{\"op\":\"add\",\"path\":\"/a\"}]",
        "INVALID_ARGUMENT; {}; [{\"op\":\"test\",\"path\":\"/a\"}]",
        "INVALID_ARGUMENT; {}; [{\"op\":\"replace\",\"value\":1}]",
        "INVALID_ARGUMENT; {}; [{\"op\":\"move\",\"path\":\"/a\"}]",
        "INVALID_ARGUMENT; {}; [{\"path\":\"/a\",\"value\":1}]",
        "INVALID_ARGUMENT; {}; [5]",
        "INVALID_ARGUMENT; {}; {\"op\":\"add\",\"path\":\"/a\",\"value\":1}",
        "INVALID_ARGUMENT; {}; null",
      })
  void refuses(ErrorCode code, String before, String patch) {
    expectRefused(code, () -> patch(before, patch));
  }

  @Test
  void takes500Operations() {
    JsonValue test = Json.parse("{\"op\":\"test\",\"path\":\"\",\"value\":{}}");
    JsonValue most = JsonArray.of(Collections.nCopies(500, test));
    assertEquals(500, JsonPatch.read(most, Mutations.OPERATIONS_MAX).steps().size());
    JsonValue more = JsonArray.of(Collections.nCopies(501, test));
    expectRefused(ErrorCode.TOO_MANY_OPS, () -> JsonPatch.read(more, Mutations.OPERATIONS_MAX));
  }

  @Test
  void aReplacedRootIsEditedMemberByMember() {
    JsonObject before = (JsonObject) Json.parse("{\"a\":{\"x\":[1]},\"b\":1,\"c\":2}");
    JsonValue patch =
        Json.parse(
            "[{\"op\":\"replace\",\"path\":\"\",\"value\":{\"a\":{\"x\":[1]},\"b\":3,\"d\":4}}]");
    List<FieldOperation> operations = Edits.patch(before, patch).operations();
    assertEquals(3, operations.size());
    assertTrue(operations.contains(new FieldOperation.Erase(RecordPath.parse("c"))));
    assertTrue(
        operations.contains(new FieldOperation.Set(RecordPath.parse("b"), JsonNumber.of(3))));
    JsonValue back =
        Json.parse(
            "[{\"op\":\"replace\",\"path\":\"\",\"value\":1},"
                + "{\"op\":\"replace\",\"path\":\"\",\"value\":"
                + before
                + "}]");
    Edited edited = Edits.patch(before, back);
    assertEquals(List.of(), edited.operations());
    assertSame(before, edited.after());
  }

  /// Each copy doubles the document: 500 of them would be larger than any memory.
  @Test
  void copiesKeepToTheLimits() {
    JsonValue before = Json.parse("{\"a\":[\"0123456789\"]}");
    JsonValue doubling = Json.parse("{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/a/-\"}");
    JsonPatch large = JsonPatch.read(JsonArray.of(Collections.nCopies(500, doubling)), 500);
    expectRefused(ErrorCode.DOCUMENT_TOO_LARGE, () -> large.apply(before, JsonLimits.DEFAULT));
    JsonValue sideways = Json.parse("{\"op\":\"copy\",\"from\":\"\",\"path\":\"/b\"}");
    JsonPatch nested = JsonPatch.read(JsonArray.of(Collections.nCopies(62, sideways)), 500);
    checked(before, nested.apply(before, JsonLimits.DEFAULT));
    JsonPatch tooNested = JsonPatch.read(JsonArray.of(Collections.nCopies(63, sideways)), 500);
    expectRefused(ErrorCode.TOO_DEEP, () -> tooNested.apply(before, JsonLimits.DEFAULT));
  }
}
