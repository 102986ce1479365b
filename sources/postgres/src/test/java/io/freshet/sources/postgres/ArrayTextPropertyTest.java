// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Arrays written as PostgreSQL writes them are read as what they are.
final class ArrayTextPropertyTest {
  private static final String LETTERS = "ab,;{}\"\\ \n\täß€NULl";

  private static JsonValue read(String text, char delimiter) {
    byte[] bytes = ("<<" + text + ">>").getBytes(StandardCharsets.UTF_8);
    return new ArrayText(Values::text, delimiter).read(bytes, 2, bytes.length - 4);
  }

  @ParameterizedTest
  @MethodSource("io.freshet.testkit.Seeds#all")
  void readsWhatIsWritten(long seed) {
    var random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      char delimiter = random.nextInt(4) == 0 ? ';' : ',';
      int depth = 1 + random.nextInt(3);
      JsonArray array = array(random, depth);
      String bounds = random.nextInt(4) == 0 ? "[-1:%d]=".formatted(array.size() - 2) : "";
      assertEquals(array, read(bounds + written(array, delimiter), delimiter));
    }
  }

  private static JsonArray array(Random random, int depth) {
    var elements = new ArrayList<JsonValue>();
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      if (depth > 1) {
        elements.add(array(random, depth - 1));
      } else {
        elements.add(random.nextInt(5) == 0 ? JsonNull.NULL : JsonString.of(text(random)));
      }
    }
    return JsonArray.of(elements);
  }

  private static String text(Random random) {
    if (random.nextInt(10) == 0) {
      return "NULL";
    }
    var text = new StringBuilder();
    for (int i = random.nextInt(6); i > 0; i--) {
      text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return text.toString();
  }

  /// As `array_out` does it.
  private static String written(JsonValue value, char delimiter) {
    return switch (value) {
      case JsonArray array -> {
        var parts = new ArrayList<String>();
        array.forEach(each -> parts.add(written(each, delimiter)));
        yield "{" + String.join(String.valueOf(delimiter), parts) + "}";
      }
      case JsonString text -> quoted(text.value(), delimiter);
      default -> "NULL";
    };
  }

  private static String quoted(String text, char delimiter) {
    boolean plain =
        !text.isEmpty()
            && !text.equalsIgnoreCase("NULL")
            && text.chars().noneMatch(c -> "{}\"\\ \n\t".indexOf(c) >= 0 || c == delimiter);
    return plain ? text : "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  @Test
  void refusesWhatIsNoArray() {
    for (String text :
        List.of(
            "", "a", "{", "{a", "{\"a}", "{a}b", "{a;b}x", "{{{{{{{a}}}}}}}", "[0:1", "{\"a\"b}")) {
      assertThrows(IllegalArgumentException.class, () -> read(text, ','), text);
    }
  }
}
