// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.stream;

import io.freshet.protocol.filter.FieldType;
import io.freshet.protocol.filter.Model;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Values with their types, in the tags of Pulse's clients (Pulse section 4): what JSON has no form
/// for is `{"$type":"BigInt","value":"1"}`, and so is every `Json`, or an object in it that looks
/// like a tag would be taken for one. Stateless.
public final class TaggedValue {
  private static final String TYPE = "$type";
  private static final String VALUE = "value";

  private TaggedValue() {}

  /// A value as one of this type.
  ///
  /// @param value not null
  /// @return null if it is none
  public static @Nullable JsonValue of(FieldType type, JsonValue value) {
    return switch (type) {
      case ANY, JSON -> tag(FieldType.JSON, Json.text(value));
      case INT, FLOAT, BOOLEAN, STRING, ENUM -> type.read(value) == null ? null : value;
      case BIGINT, DATETIME, BYTES -> {
        Object read = type.read(value);
        yield read == null ? null : tag(type, read.toString());
      }
      case DECIMAL -> type.read(value) == null ? null : tag(type, decimal(value));
    };
  }

  private static JsonValue tag(FieldType type, String text) {
    return JsonObject.of(TYPE, JsonString.of(type.prismaName())).with(VALUE, JsonString.of(text));
  }

  /// With the zeros it was written with: `12.50`. A large exponent stays one.
  private static String decimal(JsonValue value) {
    return value instanceof JsonString text
        ? new BigDecimal(text.value()).toString()
        : ((JsonNumber) value).spelling();
  }

  /// A row with its values tagged. What the model does not know, or what is not of the type it
  /// says, is tagged only if it is an object or a list: then as `Json`.
  ///
  /// @param model whose fields are called as the row's members; null if nothing is known of them
  public static JsonValue row(JsonValue row, @Nullable Model model) {
    if (!(row instanceof JsonObject object)) {
      return row;
    }
    Map<String, Model.Field> fields = model == null ? Map.of() : model.fields();
    var members = new Members(fields);
    object.forEach(members);
    return members.tagged;
  }

  private static final class Members implements BiConsumer<String, JsonValue> {
    private final Map<String, Model.Field> fields;
    private JsonObject tagged = JsonObject.empty();

    Members(Map<String, Model.Field> fields) {
      this.fields = fields;
    }

    @Override
    public void accept(String key, JsonValue value) {
      tagged = tagged.with(key, member(fields.get(key), value));
    }
  }

  private static JsonValue member(Model.@Nullable Field field, JsonValue value) {
    if (value == JsonNull.NULL) {
      return value;
    }
    if (field != null && Boolean.TRUE.equals(field.list()) && value instanceof JsonArray array) {
      return list(field.type(), array);
    }
    return element(field == null ? FieldType.ANY : field.type(), value);
  }

  private static JsonValue list(FieldType type, JsonArray array) {
    var tagged = new ArrayList<JsonValue>(array.size());
    for (JsonValue element : array) {
      tagged.add(element == JsonNull.NULL ? element : element(type, element));
    }
    return JsonArray.of(tagged);
  }

  private static JsonValue element(FieldType type, JsonValue value) {
    JsonValue tagged = type == FieldType.ANY ? null : of(type, value);
    if (tagged != null) {
      return tagged;
    }
    boolean isContainer = value instanceof JsonObject || value instanceof JsonArray;
    return isContainer ? tag(FieldType.JSON, Json.text(value)) : value;
  }
}
