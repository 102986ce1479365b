// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameNamesTest {
  @Test
  void findsTheNamesOfAFrameThatIsRefused() {
    assertEquals(
        new FrameNames("a\n", "r1"),
        names(
            " { \"data\" : {\"__proto__\":[1,{\"requestId\":\"no\"},\"}\\\"\"]},\"ref\":\"a\\n\",\n"
                + "\"requestId\":\"r1\", \"n\": 1e400"));
  }

  @Test
  void findsThemInFrontOfWhatIsNotWellFormed() {
    assertEquals(new FrameNames(null, "r1"), names("{\"requestId\":\"r1\",\"ref\":7,,}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[{\"ref\":\"a\"}]",
        "{\"ref\"",
        "{\"ref\":",
        "{\"ref\":\"a",
        "{\"re\\",
        "}",
        "{ref:\"a\"}",
        "{\"a\":{\"ref\":\"a\"}}",
        "{\"a\":]]]]}",
        "\"ref\""
      })
  void findsNothingWhereThereIsNothing(String text) {
    assertEquals(new FrameNames(null, null), names(text));
  }

  private static FrameNames names(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return FrameNames.in(bytes, bytes.length);
  }
}
