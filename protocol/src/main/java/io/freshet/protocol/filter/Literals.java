// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The values that stand in filters: plain JSON, or tagged as Prisma's clients send what JSON has
/// no type for (`{"$type":"DateTime","value":"…"}`).
final class Literals {
  private static final String TAG = "$type";
  private static final String TAGGED = "value";

  private Literals() {}

  /// A value and the type it is compared as.
  record Literal(FieldType type, Object value) {}

  static boolean isTagged(JsonValue value) {
    return value instanceof JsonObject object && object.get(TAG) != null;
  }

  /// Whether the value stands for null: JSON's, or one of the three nulls Prisma has for `Json`.
  static boolean isNull(JsonValue value) {
    if (value == JsonNull.NULL) {
      return true;
    }
    return "Enum".equals(tag(value))
        && tagged(value) instanceof JsonString name
        && (name.value().equals("DbNull")
            || name.value().equals("JsonNull")
            || name.value().equals("AnyNull"));
  }

  /// The tag's name; null when the value has none.
  static @Nullable String tag(JsonValue value) {
    return value instanceof JsonObject object && object.get(TAG) instanceof JsonString name
        ? name.value()
        : null;
  }

  private static @Nullable JsonValue tagged(JsonValue value) {
    return value instanceof JsonObject object && object.size() == 2 ? object.get(TAGGED) : null;
  }

  /// Reads a value to compare a field of that type with.
  ///
  /// @throws FreshetException `INVALID_FILTER` when it can never be equal to one of the field's
  static Literal read(JsonValue json, FieldType fieldType, Place place) {
    FieldType type = typeOf(json, fieldType, place);
    JsonValue plain = isTagged(json) ? contentOf(json, place) : json;
    Object value = type.read(plain);
    if (value == null) {
      throw place.refused("takes " + nameOf(type) + ", not " + nameOf(plain));
    }
    return new Literal(type, value);
  }

  private static FieldType typeOf(JsonValue json, FieldType fieldType, Place place) {
    if (!isTagged(json)) {
      return fieldType;
    }
    String tag = tag(json);
    if (tag == null) {
      throw place.refused("has a tagged value whose \"$type\" is not a text");
    }
    FieldType tagType = tag.equals("Enum") ? FieldType.ENUM : FieldType.ofPrismaName(tag);
    if (tagType == null) {
      throw place.refused("has a value of the unknown type \"" + shortened(tag) + "\"");
    }
    if (fieldType == FieldType.ANY || fieldType == tagType || bothNumbers(fieldType, tagType)) {
      return fieldType == FieldType.ANY ? tagType : fieldType;
    }
    throw place.refused(
        "compares " + nameOf(fieldType) + " with " + nameOf(tagType) + ", which is never equal");
  }

  private static boolean bothNumbers(FieldType one, FieldType other) {
    return isNumber(one) && isNumber(other);
  }

  static boolean isNumber(FieldType type) {
    return type == FieldType.INT
        || type == FieldType.BIGINT
        || type == FieldType.FLOAT
        || type == FieldType.DECIMAL;
  }

  private static JsonValue contentOf(JsonValue json, Place place) {
    JsonValue content = tagged(json);
    if (content == null) {
      throw place.refused("has a tagged value that is not {\"$type\": …, \"value\": …}");
    }
    return "Json".equals(tag(json)) ? jsonOf(json, place) : content;
  }

  /// What a `Json` tag holds: it is JSON once more, as text.
  ///
  /// @throws FreshetException `INVALID_FILTER`
  static JsonValue jsonOf(JsonValue tagged, Place place) {
    if (!(tagged(tagged) instanceof JsonString text)) {
      throw place.refused("has a Json value that is not a text of JSON");
    }
    try {
      return Json.parse(text.value().getBytes(StandardCharsets.UTF_8), JsonLimits.DEFAULT);
    } catch (FreshetException invalid) {
      throw place.refused("has a Json value that cannot be read: " + invalid.getMessage());
    }
  }

  private static String nameOf(FieldType type) {
    return type == FieldType.ANY ? "a value" : "a value of type " + type.prismaName();
  }

  /// What a value is, in words.
  static String nameOf(JsonValue value) {
    return switch (value) {
      case JsonNull nothing -> "null";
      case JsonBoolean bool -> "a boolean";
      case JsonNumber number -> "the number " + shortened(number.spelling());
      case JsonString text -> "the text \"" + shortened(text.value()) + "\"";
      case JsonArray list -> "a list";
      case JsonObject object -> "an object";
    };
  }

  static String shortened(String text) {
    return text.length() > 40 ? text.substring(0, 40) + "…" : text;
  }
}
