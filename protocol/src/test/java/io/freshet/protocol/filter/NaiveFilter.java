// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// What the filter languages mean, straight from the JSON and the row, as plainly as can be: for
/// each question a list of answers (null for unknown) that are then joined.
final class NaiveFilter {
  /// Fields and their types; fields that are not among them have none.
  private final Map<String, FieldType> types;

  private final JsonObject row;

  NaiveFilter(Map<String, FieldType> types, JsonObject row) {
    this.types = types;
    this.row = row;
  }

  static @Nullable Boolean and(List<@Nullable Boolean> answers) {
    return answers.contains(false) ? Boolean.FALSE : answers.contains(null) ? null : Boolean.TRUE;
  }

  static @Nullable Boolean or(List<@Nullable Boolean> answers) {
    return answers.contains(true) ? Boolean.TRUE : answers.contains(null) ? null : Boolean.FALSE;
  }

  static @Nullable Boolean not(@Nullable Boolean answer) {
    return answer == null ? null : !answer;
  }

  /// What Prisma's `where` says; without conditions it is true.
  @Nullable Boolean prisma(JsonObject where) {
    List<@Nullable Boolean> answers = answers(where, this::prismaEntry);
    return and(answers);
  }

  private static List<@Nullable Boolean> answers(
      JsonObject object, BiFunction<String, JsonValue, Optional<List<@Nullable Boolean>>> reader) {
    var answers = new ArrayList<@Nullable Boolean>();
    object.forEach((key, value) -> reader.apply(key, value).ifPresent(answers::addAll));
    return answers;
  }

  private Optional<List<@Nullable Boolean>> prismaEntry(String key, JsonValue value) {
    if (!key.equals("AND") && !key.equals("OR") && !key.equals("NOT")) {
      return value instanceof JsonObject operators
          ? conditions(key, operators, isFolded(operators))
          : one(equal(key, value, false));
    }
    var parts = new ArrayList<@Nullable Boolean>();
    for (JsonValue part : value instanceof JsonArray list ? list : JsonArray.of(List.of(value))) {
      List<@Nullable Boolean> answers = answers((JsonObject) part, this::prismaEntry);
      if (!answers.isEmpty()) {
        parts.add(and(answers));
      }
    }
    if (key.equals("OR")) {
      return one(or(parts));
    }
    if (parts.isEmpty()) {
      return Optional.empty();
    }
    return one(key.equals("AND") ? and(parts) : not(or(parts)));
  }

  private static Optional<List<@Nullable Boolean>> one(@Nullable Boolean answer) {
    return Optional.of(Arrays.asList(answer));
  }

  private static boolean isFolded(JsonObject operators) {
    return JsonString.of("insensitive").equals(operators.get("mode"));
  }

  private Optional<List<@Nullable Boolean>> conditions(
      String field, JsonObject operators, boolean folded) {
    List<@Nullable Boolean> answers =
        answers(operators, (name, operand) -> condition(field, name, operand, folded));
    return answers.isEmpty() ? Optional.empty() : Optional.of(answers);
  }

  private Optional<List<@Nullable Boolean>> condition(
      String field, String name, JsonValue operand, boolean folded) {
    return switch (name) {
      case "mode" -> Optional.empty();
      case "equals" -> one(equal(field, operand, folded));
      case "not" ->
          operand instanceof JsonObject nested
              ? conditions(field, nested, folded || isFolded(nested))
                  .map(answers -> Arrays.asList(not(and(answers))))
              : one(not(equal(field, operand, folded)));
      case "in" -> one(in(field, (JsonArray) operand, folded));
      case "notIn" -> one(not(in(field, (JsonArray) operand, folded)));
      case "isSet" -> one((find(field) != null) == (operand == JsonBoolean.TRUE));
      case "isEmpty" -> one(isEmpty(field, operand == JsonBoolean.TRUE));
      case "has" -> one(has(field, List.of(operand), false, folded));
      case "hasEvery" -> one(has(field, elements(operand), false, folded));
      case "hasSome" -> one(has(field, elements(operand), true, folded));
      default -> one(compared(field, name, operand, folded));
    };
  }

  private static List<JsonValue> elements(JsonValue list) {
    var elements = new ArrayList<JsonValue>();
    ((JsonArray) list).forEach(elements::add);
    return elements;
  }

  private @Nullable Boolean equal(String field, JsonValue operand, boolean folded) {
    if (operand instanceof JsonArray list) {
      List<JsonValue> elements = list(field);
      if (elements == null) {
        return null;
      }
      boolean equal = elements.size() == list.size();
      for (int i = 0; equal && i < list.size(); i++) {
        equal = same(elements.get(i), list.get(i), folded);
      }
      return equal;
    }
    JsonValue value = scalar(field);
    if (operand == JsonNull.NULL) {
      return value == null;
    }
    return value == null ? null : same(value, operand, folded);
  }

  private @Nullable Boolean in(String field, JsonArray operands, boolean folded) {
    JsonValue value = scalar(field);
    if (value == null) {
      return null;
    }
    boolean found = false;
    for (JsonValue operand : operands) {
      found |= same(value, operand, folded);
    }
    return found;
  }

  private @Nullable Boolean isEmpty(String field, boolean wanted) {
    List<JsonValue> elements = list(field);
    return elements == null ? null : elements.isEmpty() == wanted;
  }

  private @Nullable Boolean has(
      String field, List<JsonValue> operands, boolean some, boolean folded) {
    List<JsonValue> elements = list(field);
    if (elements == null) {
      return null;
    }
    int found = 0;
    for (JsonValue operand : operands) {
      found += elements.stream().anyMatch(element -> same(element, operand, folded)) ? 1 : 0;
    }
    return some ? found > 0 : found == operands.size();
  }

  private static boolean same(JsonValue one, JsonValue other, boolean folded) {
    return folded && one instanceof JsonString a && other instanceof JsonString b
        ? a.value().equalsIgnoreCase(b.value())
        : one.equals(other);
  }

  private @Nullable Boolean compared(String field, String name, JsonValue to, boolean folded) {
    JsonValue value = scalar(field);
    if (value instanceof JsonNumber a && to instanceof JsonNumber b) {
      return ordered(name, a.value().compareTo(b.value()));
    }
    if (value instanceof JsonString a && to instanceof JsonString b) {
      return texts(name, a.value(), b.value(), folded);
    }
    return null;
  }

  private static @Nullable Boolean ordered(String name, int comparison) {
    return switch (name) {
      case "lt" -> comparison < 0;
      case "lte" -> comparison <= 0;
      case "gt" -> comparison > 0;
      case "gte" -> comparison >= 0;
      default -> null;
    };
  }

  private static @Nullable Boolean texts(String name, String text, String part, boolean folded) {
    int last = text.length() - part.length();
    return switch (name) {
      case "startsWith", "prefix" -> text.regionMatches(folded, 0, part, 0, part.length());
      case "endsWith" -> text.regionMatches(folded, last, part, 0, part.length());
      case "contains" -> {
        boolean found = false;
        for (int i = 0; i <= last; i++) {
          found |= text.regionMatches(folded, i, part, 0, part.length());
        }
        yield found;
      }
      default ->
          ordered(
              name,
              folded
                  ? text.compareToIgnoreCase(part)
                  : Arrays.compare(text.codePoints().toArray(), part.codePoints().toArray()));
    };
  }

  /// What the Sync contract's filter says, for a document `d1` that was just merged into.
  @Nullable Boolean sync(JsonObject filter) {
    return and(
        answers(
            filter,
            (key, value) ->
                value instanceof JsonObject operators
                    ? Optional.of(
                        answers(operators, (name, operand) -> syncCondition(key, name, operand)))
                    : one(syncEqual(key, value))));
  }

  private @Nullable Boolean syncEqual(String key, JsonValue operand) {
    JsonValue value = syncValue(key);
    if (operand == JsonNull.NULL) {
      return value == null;
    }
    return value == null ? null : value.equals(operand);
  }

  private @Nullable JsonValue syncValue(String key) {
    return switch (key) {
      case "id" -> JsonString.of("d1");
      case "operation" -> JsonString.of("merge");
      default -> scalar(key);
    };
  }

  private Optional<List<@Nullable Boolean>> syncCondition(
      String key, String name, JsonValue operand) {
    return switch (name) {
      case "ne" -> one(not(syncEqual(key, operand)));
      case "in" -> {
        var answers = new ArrayList<@Nullable Boolean>();
        answers.add(syncValue(key) == null ? null : Boolean.FALSE);
        ((JsonArray) operand).forEach(each -> answers.add(syncEqual(key, each)));
        yield one(or(answers));
      }
      case "exists" -> one((find(key) != null) == (operand == JsonBoolean.TRUE));
      case "contains" -> {
        Boolean inList = has(key, List.of(operand), false, false);
        yield operand instanceof JsonString
            ? one(or(Arrays.asList(compared(key, name, operand, false), inList)))
            : one(inList);
      }
      default -> one(compared(key, name, operand, false));
    };
  }

  /// The field's value, null if it is null or not of its type.
  private @Nullable JsonValue scalar(String field) {
    return typed(field, find(field));
  }

  private @Nullable JsonValue typed(String field, @Nullable JsonValue value) {
    if (value == null || value == JsonNull.NULL) {
      return null;
    }
    FieldType type = types.getOrDefault(field, FieldType.ANY);
    boolean fits =
        switch (type) {
          case INT ->
              value instanceof JsonNumber number
                  && number.isLong()
                  && Math.abs(number.longValue()) < 1L << 31;
          case STRING -> value instanceof JsonString;
          case BOOLEAN -> value instanceof JsonBoolean;
          case FLOAT -> value instanceof JsonNumber;
          default -> type == FieldType.ANY;
        };
    return fits ? value : null;
  }

  /// The field's elements; null if it is no list. Elements not of its type stay in as nulls.
  private @Nullable List<JsonValue> list(String field) {
    JsonValue value = find(field);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof JsonArray array)) {
      return null;
    }
    var elements = new ArrayList<JsonValue>();
    for (JsonValue element : array) {
      JsonValue typed = typed(field, element);
      elements.add(typed == null ? JsonNull.NULL : typed);
    }
    return elements;
  }

  private @Nullable JsonValue find(String field) {
    JsonValue at = row;
    for (String key : field.split("\\.")) {
      at = at instanceof JsonObject object ? object.get(key) : null;
    }
    return at;
  }
}
