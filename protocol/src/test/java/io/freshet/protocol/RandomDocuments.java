// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.json.RandomJson;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// Documents that look for trouble in paths, and variations of them: few keys, so that two
/// documents have much in common, but all the awkward ones.
public final class RandomDocuments {
  public static final List<String> KEYS =
      List.of(
          "a",
          "b",
          "c",
          "",
          ".",
          "a.b",
          "a\\.b",
          "\\",
          "/",
          "/x",
          "a/b",
          "~",
          "~1",
          "m~n",
          "0",
          "1",
          "01",
          "-",
          "$inc",
          "$x",
          " ",
          "ключ",
          "🦊",
          "e\u0301",
          "\u00e9",
          "constructor",
          "toString",
          "\"",
          "\n",
          "__proto",
          "conflict");
  private static final List<JsonValue> SCALARS =
      List.of(
          JsonNull.NULL,
          JsonBoolean.TRUE,
          JsonBoolean.FALSE,
          JsonNumber.of(0),
          JsonNumber.of(1),
          Json.parse("-1.5"),
          Json.parse("1e308"),
          Json.parse("9007199254740993"),
          Json.parse("0.1"),
          JsonString.of(""),
          JsonString.of("1"),
          JsonString.of("null"),
          JsonString.of("𝔘𝔫𝔦\u0000"));
  private static final int DEPTH_MAX = 4;

  private final RandomGenerator random;
  private final RandomJson anything;

  public RandomDocuments(RandomGenerator random) {
    this.random = random;
    this.anything = new RandomJson(random);
  }

  public <T> T pick(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  public String key() {
    return random.nextInt(30) == 0 ? anything.text(random.nextInt(5)) : pick(KEYS);
  }

  /// A document; now and then a wide or a deep one.
  public JsonObject document() {
    return switch (random.nextInt(100)) {
      case 0 -> wide();
      case 1 -> nested(random.nextInt(20, 60));
      default -> object(0);
    };
  }

  /// On either side of the size where objects change their form.
  private JsonObject wide() {
    JsonObject object = object(0);
    for (int i = random.nextInt(100, 400); i > 0; i--) {
      object = object.with("wide" + random.nextInt(500), JsonNumber.of(i));
    }
    return object;
  }

  private JsonObject nested(int levels) {
    JsonValue value = value(DEPTH_MAX);
    for (int i = 0; i < levels; i++) {
      value = random.nextInt(5) == 0 ? JsonArray.of(List.of(value)) : JsonObject.of(key(), value);
    }
    return JsonObject.of(key(), value);
  }

  private JsonObject object(int depth) {
    JsonObject object = JsonObject.empty();
    for (int i = random.nextInt(5); i > 0; i--) {
      object = object.with(key(), value(depth + 1));
    }
    return object;
  }

  public JsonArray array(int depth) {
    var elements = new ArrayList<JsonValue>();
    for (int i = random.nextInt(5); i > 0; i--) {
      elements.add(value(depth + 1));
    }
    return JsonArray.of(elements);
  }

  public JsonValue value() {
    return value(2);
  }

  private JsonValue value(int depth) {
    return switch (random.nextInt(depth < DEPTH_MAX ? 10 : 6)) {
      case 0 -> anything.number();
      case 1 -> anything.value(0);
      case 2, 3, 4, 5 -> pick(SCALARS);
      case 6, 7 -> array(depth);
      default -> object(depth);
    };
  }

  /// What somebody may have made of the document: some parts are the same instances, some equal,
  /// some not.
  public JsonObject varied(JsonObject document) {
    return switch (random.nextInt(10)) {
      case 0 -> document();
      case 1 -> (JsonObject) Json.parse(Json.text(document));
      default -> variedObject(document);
    };
  }

  private JsonObject variedObject(JsonObject object) {
    JsonObject[] result = {object};
    object.forEach((key, value) -> {
      int choice = random.nextInt(12);
      if (choice == 0) {
        result[0] = result[0].without(key);
      } else if (choice < 6) {
        result[0] = result[0].with(key, variedValue(value));
      }
    });
    return random.nextInt(4) == 0 ? result[0].with(key(), value()) : result[0];
  }

  private JsonValue variedValue(JsonValue value) {
    if (random.nextInt(6) == 0) {
      return value();
    }
    return switch (value) {
      case JsonObject object -> variedObject(object);
      case JsonArray array -> variedArray(array);
      case JsonValue scalar -> Json.parse(Json.text(scalar));
    };
  }

  private JsonArray variedArray(JsonArray array) {
    var elements = new ArrayList<JsonValue>();
    for (JsonValue element : array) {
      switch (random.nextInt(8)) {
        case 0 -> {}
        case 1 -> {
          elements.add(value());
          elements.add(element);
        }
        case 2, 3 -> elements.add(variedValue(element));
        default -> elements.add(element);
      }
    }
    if (random.nextInt(4) == 0) {
      elements.add(value());
    }
    return JsonArray.of(elements);
  }
}
