// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads what Prisma's filters say of a field of type `Json`. Its clients send the whole of it as
/// one tagged text, in which an object of operators cannot be told from a value: it is taken for
/// operators when all of its keys are.
final class JsonFieldReader {
  private static final Set<String> OPERATORS =
      Set.of(
          "path",
          "equals",
          "not",
          "lt",
          "lte",
          "gt",
          "gte",
          "mode",
          "string_contains",
          "string_starts_with",
          "string_ends_with",
          "array_contains",
          "array_starts_with",
          "array_ends_with");

  private final Budget budget;

  JsonFieldReader(Budget budget) {
    this.budget = budget;
  }

  /// @return null when there is no condition
  /// @throws FreshetException `INVALID_FILTER`
  @Nullable Node read(Field of, JsonValue value, Place place) {
    Field field = of.withType(FieldType.JSON);
    boolean isJson = "Json".equals(Literals.tag(value));
    JsonValue content = isJson ? Literals.jsonOf(value, place) : value;
    if (!(content instanceof JsonObject object) || !isOperators(object)) {
      budget.takeCondition(place);
      return equal(field, content, place);
    }
    JsonValue path = object.get("path");
    JsonValue mode = object.get("mode");
    Field at = path == null ? field : along(field, path, place.at("path"));
    Field compared = mode == null ? at : inMode(at, mode, place.at("mode"));
    return WhereReader.conjunction(
        object, (name, operand) -> condition(compared, name, operand, place.at(name)));
  }

  private static boolean isOperators(JsonObject object) {
    int[] operators = {0};
    object.forEach((key, value) -> operators[0] += OPERATORS.contains(key) ? 1 : 0);
    return object.size() > 0 && operators[0] == object.size();
  }

  private static Field along(Field field, JsonValue path, Place place) {
    var keys = new ArrayList<String>(field.path());
    if (path instanceof JsonArray steps) {
      for (JsonValue step : steps) {
        if (step instanceof JsonString key) {
          keys.add(key.value());
        }
      }
      if (keys.size() == field.path().size() + steps.size() && steps.size() <= Budget.DEPTH_MAX) {
        return new Field(field.source(), keys, FieldType.JSON, false, false);
      }
    }
    throw place.refused("takes a list of at most " + Budget.DEPTH_MAX + " keys, as texts");
  }

  private static Field inMode(Field field, JsonValue mode, Place place) {
    String name = mode instanceof JsonString text ? text.value() : "";
    return switch (name) {
      case "default" -> field;
      case "insensitive" -> field.withFolding();
      default -> throw place.refused("is either \"default\" or \"insensitive\"");
    };
  }

  private @Nullable Node condition(Field field, String name, JsonValue operand, Place place) {
    if (name.equals("path") || name.equals("mode")) {
      return null;
    }
    budget.takeCondition(place);
    if (field.folded() || name.equals("string_contains")) {
      budget.takeSearch(place);
    }
    return switch (name) {
      case "equals" -> equal(field, operand, place);
      case "not" -> new Node.Not(equal(field, operand, place));
      case "lt" -> ordered(field, Relation.LT, operand, place);
      case "lte" -> ordered(field, Relation.LTE, operand, place);
      case "gt" -> ordered(field, Relation.GT, operand, place);
      case "gte" -> ordered(field, Relation.GTE, operand, place);
      case "string_contains" -> text(field, Relation.CONTAINS, operand, place);
      case "string_starts_with" -> text(field, Relation.STARTS_WITH, operand, place);
      case "string_ends_with" -> text(field, Relation.ENDS_WITH, operand, place);
      case "array_contains" -> hasEvery(field, operand, place);
      case "array_starts_with" ->
          new Condition.HasAtEnd(field, false, value(field, operand, place));
      case "array_ends_with" -> new Condition.HasAtEnd(field, true, value(field, operand, place));
      default -> throw place.refused("is no operator of a Json field");
    };
  }

  private static Node equal(Field field, JsonValue operand, Place place) {
    return Literals.isNull(operand)
        ? new Condition.IsNull(field)
        : Condition.OneOf.of(field, value(field, operand, place));
  }

  private static Object value(Field field, JsonValue operand, Place place) {
    Object value = FieldType.JSON.read(operand);
    if (value == null) {
      throw place.refused("takes a value, not null");
    }
    return field.folded(value);
  }

  private static Node ordered(Field field, Relation relation, JsonValue operand, Place place) {
    Object value = value(field, operand, place);
    if (Values.compare(value, value) == Values.INCOMPARABLE) {
      throw place.refused("takes a number or a text, not " + Literals.nameOf(operand));
    }
    return new Condition.Compared(field, relation, value);
  }

  private static Node text(Field field, Relation relation, JsonValue operand, Place place) {
    if (!(operand instanceof JsonString)) {
      throw place.refused("takes a text, not " + Literals.nameOf(operand));
    }
    return new Condition.Compared(field, relation, value(field, operand, place));
  }

  private Node hasEvery(Field field, JsonValue operand, Place place) {
    JsonArray list = operand instanceof JsonArray array ? array : JsonArray.of(List.of(operand));
    budget.takeValues(list.size(), place);
    var values = new HashSet<Object>();
    for (JsonValue element : list) {
      values.add(value(field, element, place));
    }
    return new Condition.HasEvery(field, values);
  }
}
