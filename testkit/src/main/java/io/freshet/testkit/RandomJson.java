// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/// Draws JSON values that look for trouble: keys with dots and brackets, text outside the basic
/// plane, numbers no `double` can hold. The same generator state gives the same value.
public final class RandomJson {
  private static final List<String> KEYS =
      List.of("a", "b", "name", "pets", "color", "0", "1", "x.y", "p[0]", " ", "ключ", "🦊", "");
  private static final List<String> TEXTS =
      List.of(
          "", "red", "\"\\\n\t\u0001", "ünïcode", "𝔘𝔫𝔦", "null", "0", "a longer piece of text");
  private static final int DEPTH_MAX = 4;

  private final RandomGenerator random;

  public RandomJson(RandomGenerator random) {
    this.random = random;
  }

  /// An object of up to five members.
  public JsonObject object() {
    return object(0);
  }

  /// Any value.
  public JsonValue value() {
    return value(0);
  }

  /// A text of printable ASCII.
  public JsonString text(int length) {
    var text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append((char) random.nextInt('a', 'z' + 1));
    }
    return JsonString.of(text.toString());
  }

  /// An object of many members whose encoding has about the given size.
  public JsonObject large(int bytes) {
    JsonObject object = JsonObject.empty();
    for (int i = 0; object.encodedBytes() < bytes; i++) {
      object = object.with("member" + i, text(40));
    }
    return object;
  }

  private JsonObject object(int depth) {
    JsonObject object = JsonObject.empty();
    for (int i = random.nextInt(6); i > 0; i--) {
      object = object.with(pick(KEYS), value(depth + 1));
    }
    return object;
  }

  private JsonValue value(int depth) {
    return switch (random.nextInt(depth < DEPTH_MAX ? 9 : 6)) {
      case 0 -> JsonNull.NULL;
      case 1 -> JsonBoolean.of(random.nextBoolean());
      case 2 -> JsonNumber.of(random.nextLong() >> random.nextInt(64));
      case 3 -> JsonNumber.of(decimal());
      case 4, 5 -> JsonString.of(pick(TEXTS));
      case 6, 7 -> object(depth);
      default -> JsonArray.of(elements(depth));
    };
  }

  private List<JsonValue> elements(int depth) {
    return IntStream.range(0, random.nextInt(5)).mapToObj(i -> value(depth + 1)).toList();
  }

  private BigDecimal decimal() {
    BigInteger digits = new BigInteger(Long.toUnsignedString(random.nextLong()));
    return new BigDecimal(digits, random.nextInt(-40, 60));
  }

  private String pick(List<String> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
