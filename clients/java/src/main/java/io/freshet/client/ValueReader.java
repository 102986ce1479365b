// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.lang.reflect.Array;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Makes values of Java's own types and of records out of JSON.
final class ValueReader {
  private static final Type[] ANY = {Object.class, Object.class};

  private ValueReader() {}

  static @Nullable Object read(JsonValue value, Type type) {
    return switch (type) {
      case Class<?> simple -> readClass(value, simple, ANY);
      case ParameterizedType generic ->
          readClass(value, (Class<?>) generic.getRawType(), generic.getActualTypeArguments());
      case WildcardType wildcard -> read(value, wildcard.getUpperBounds()[0]);
      case Type other -> throw unknown(other);
    };
  }

  private static @Nullable Object readClass(JsonValue value, Class<?> type, Type[] parameters) {
    if (type == Object.class) {
      return PlainValues.of(value);
    } else if (type == Optional.class) {
      return value == JsonNull.NULL
          ? Optional.empty()
          : Optional.ofNullable(read(value, parameters[0]));
    } else if (JsonValue.class.isAssignableFrom(type)) {
      return type.cast(value);
    } else if (value == JsonNull.NULL) {
      return ofNothing(type);
    } else if (type.isRecord()) {
      return RecordShape.of(type).read(object(value, type));
    } else if (Map.class == type) {
      return readMap(object(value, type), parameters[1]);
    } else if (type.isAssignableFrom(List.class)) {
      return readElements(value, parameters[0], type);
    } else if (type == java.util.Set.class) {
      return new LinkedHashSet<>(readElements(value, parameters[0], type));
    } else if (type.isArray() && type != byte[].class) {
      return readArray(value, type.componentType());
    }
    return readScalar(value, type);
  }

  /// What stands for an absent or null value.
  static @Nullable Object ofNothing(Class<?> type) {
    if (type == Optional.class) {
      return Optional.empty();
    }
    return type.isPrimitive() ? Array.get(Array.newInstance(type, 1), 0) : null;
  }

  private static Map<String, @Nullable Object> readMap(JsonObject object, Type of) {
    var map = new LinkedHashMap<String, @Nullable Object>();
    object.forEach((key, member) -> map.put(key, read(member, of)));
    return map;
  }

  private static List<@Nullable Object> readElements(JsonValue value, Type of, Class<?> type) {
    if (!(value instanceof JsonArray array)) {
      throw mismatch(value, type);
    }
    var list = new ArrayList<@Nullable Object>(array.size());
    for (JsonValue each : array) {
      list.add(read(each, of));
    }
    return list;
  }

  private static Object readArray(JsonValue value, Class<?> of) {
    List<@Nullable Object> elements = readElements(value, of, of.arrayType());
    Object array = Array.newInstance(of, elements.size());
    for (int i = 0; i < elements.size(); i++) {
      Array.set(array, i, elements.get(i));
    }
    return array;
  }

  private static Object readScalar(JsonValue value, Class<?> type) {
    Object scalar =
        switch (value) {
          case JsonString text -> Scalars.ofText(text.value(), type);
          case JsonNumber number -> Scalars.ofNumber(number, type);
          case JsonBoolean bool when type == boolean.class || type == Boolean.class ->
              bool == JsonBoolean.TRUE;
          case JsonValue other -> null;
        };
    if (scalar == null) {
      throw Scalars.isKnown(type) || type.isEnum() ? mismatch(value, type) : unknown(type);
    }
    return scalar;
  }

  private static JsonObject object(JsonValue value, Class<?> type) {
    if (value instanceof JsonObject object) {
      return object;
    }
    throw mismatch(value, type);
  }

  private static FreshetClientException mismatch(JsonValue value, Class<?> type) {
    String text = Json.text(value);
    String shown = text.length() > 80 ? text.substring(0, 80) + "…" : text;
    return FreshetClientException.invalid(
        "what was received is no " + type.getSimpleName() + ": " + shown);
  }

  private static FreshetClientException unknown(Type type) {
    return FreshetClientException.invalid(
        type.getTypeName()
            + ": only records and Java's own types are mapped without a JsonMapping");
  }
}
