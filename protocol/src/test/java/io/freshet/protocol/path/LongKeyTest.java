// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a path may write, a reader of JSON text must accept: stores read documents back as text.
final class LongKeyTest {
  @Test
  void theLongestKeyOfAPathReadsBack() {
    RecordPath path = RecordPath.parse("k".repeat(1024));
    JsonValue edited =
        PathEdit.apply(JsonObject.empty(), new FieldOperation.Set(path, JsonNull.NULL));

    assertEquals(edited, Json.parse(Json.text(edited)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"k", "a.k", "k[0]"})
  void refusesALongerKey(String path) {
    String text = path.replace("k", "k".repeat(1025));

    FreshetException refusal = assertThrows(FreshetException.class, () -> RecordPath.parse(text));
    assertEquals(ErrorCode.INVALID_PATH, refusal.code());
  }

  @Test
  void countsBytesNotCharacters() {
    assertThrows(FreshetException.class, () -> RecordPath.parse("ж".repeat(513)));
    RecordPath.parse("ж".repeat(512));
  }
}
