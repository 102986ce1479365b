// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.random.RandomGenerator;

/// Random values: every kind, all sorts of characters and numbers, containers up to some depth.
public final class RandomJson {
  private final RandomGenerator random;

  public RandomJson(RandomGenerator random) {
    this.random = random;
  }

  public JsonValue value(int depth) {
    return switch (random.nextInt(depth > 0 ? 8 : 6)) {
      case 0 -> JsonNull.NULL;
      case 1 -> JsonBoolean.of(random.nextBoolean());
      case 2, 3 -> number();
      case 4, 5 -> JsonString.of(text(random.nextInt(20)));
      case 6 -> array(depth);
      default -> object(depth);
    };
  }

  public JsonArray array(int depth) {
    var elements = new ArrayList<JsonValue>();
    for (int size = size(); size > 0; size--) {
      elements.add(value(depth - 1));
    }
    return JsonArray.of(elements);
  }

  public JsonObject object(int depth) {
    JsonObject object = JsonObject.empty();
    for (int size = size(); size > 0; size--) {
      object = object.with(text(random.nextInt(12)), value(depth - 1));
    }
    return object;
  }

  /// Mostly small, now and then on either side of the places where the representation changes.
  private int size() {
    return random.nextInt(100) == 0 ? random.nextInt(100, 600) : random.nextInt(5);
  }

  public JsonNumber number() {
    return switch (random.nextInt(4)) {
      case 0 -> JsonNumber.of(random.nextInt(-100, 100));
      case 1 -> JsonNumber.of(random.nextLong() >> random.nextInt(64));
      default -> JsonNumber.of(decimal());
    };
  }

  /// Up to 34 digits, exponent up to 308.
  public BigDecimal decimal() {
    int digits = random.nextInt(1, 35);
    var text = new StringBuilder();
    for (int i = 0; i < digits; i++) {
      text.append((char) ('0' + random.nextInt(10)));
    }
    var unscaled = new BigInteger(text.toString());
    int exponent = random.nextBoolean() ? random.nextInt(-40, 40) : random.nextInt(-308, 309);
    int length = unscaled.toString().length();
    return new BigDecimal(
        random.nextBoolean() ? unscaled : unscaled.negate(), length - 1 - exponent);
  }

  /// Well-formed Unicode out of all corners.
  public String text(int length) {
    var text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.appendCodePoint(codePoint());
    }
    return text.toString();
  }

  private int codePoint() {
    int[] ends = {0x21, 0x80, 0x800, 0xD800};
    return switch (random.nextInt(8)) {
      case 0 -> random.nextInt(0x20);
      case 1 -> "\"\\/\u007f\u2028\ufeff\uffff{}[]:,".charAt(random.nextInt(13));
      case 2 -> random.nextInt(0x80, 0x800);
      case 3 -> random.nextInt(0x800, 0xD800);
      case 4 -> random.nextInt(0xE000, 0x110000);
      case 5 -> ends[random.nextInt(4)] - 1;
      default -> random.nextInt('a', 'z' + 1);
    };
  }
}
