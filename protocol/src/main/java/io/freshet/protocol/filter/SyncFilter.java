// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import io.freshet.protocol.Operation;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.mutation.FieldPath;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads filters of the documents face (Sync contract 4.2): an object whose every entry must hold.
/// The keys `id` and `operation` are the document's id and what was done to it; any other is a path
/// into its data (`status`, `user.name`, `/id`). A value is what must be there, or an object of
/// operators: `gt`, `gte`, `lt`, `lte`, `ne`, `in`, `exists`, `prefix`, `contains` (part of a text,
/// or element of a list). It is sugar for Prisma's language: what is not there is null, and null is
/// not unequal to anything.
///
/// At most 256 KiB, 1 000 conditions (100 of them `contains`) and 10 000 values in lists.
public final class SyncFilter {
  private static final String OPERATORS =
      "there are gt, gte, lt, lte, ne, in, exists, prefix and contains (to ask for an object as"
          + " such, put it in a list: {\"in\": [{…}]})";

  private final Budget budget;

  private SyncFilter(Budget budget) {
    this.budget = budget;
  }

  /// @throws FreshetException `INVALID_FILTER`, its message naming the place
  public static Filter read(JsonObject filter) {
    Place root = Place.root("filter");
    var reader = new SyncFilter(Budget.of(filter, root));
    Node node =
        WhereReader.conjunction(filter, (key, value) -> reader.entry(key, value, root.at(key)));
    return node == null ? Filter.ALL : Filter.of(node);
  }

  private @Nullable Node entry(String key, JsonValue value, Place place) {
    Field field = field(key, place);
    if (!(value instanceof JsonObject operators)) {
      budget.takeCondition(place);
      return equal(field, value, place);
    }
    if (operators.size() == 0) {
      throw place.refused("has an object without operators; " + OPERATORS);
    }
    return WhereReader.conjunction(
        operators, (name, operand) -> condition(field, name, operand, place.at(name)));
  }

  private static Field field(String key, Place place) {
    try {
      return switch (key) {
        case "id" -> Field.documentId();
        case "operation" -> Field.operation();
        default -> Field.data(FieldPath.parse(key).segments(), FieldType.ANY);
      };
    } catch (FreshetException invalid) {
      throw place.refused("is no path: " + invalid.getMessage());
    }
  }

  private Node condition(Field field, String name, JsonValue operand, Place place) {
    budget.takeCondition(place);
    return switch (name) {
      case "ne" -> new Node.Not(equal(field, operand, place));
      case "in" -> in(field, operand, place);
      case "gt" -> ordered(field, Relation.GT, operand, place);
      case "gte" -> ordered(field, Relation.GTE, operand, place);
      case "lt" -> ordered(field, Relation.LT, operand, place);
      case "lte" -> ordered(field, Relation.LTE, operand, place);
      case "prefix" -> prefix(field, operand, place);
      case "contains" -> contains(field, operand, place);
      case "exists" -> exists(field, operand, place);
      default -> throw place.refused("is no operator; " + OPERATORS);
    };
  }

  private static Node equal(Field field, JsonValue value, Place place) {
    return value == JsonNull.NULL && isData(field)
        ? new Condition.IsNull(field)
        : Condition.OneOf.of(field, value(field, value, place));
  }

  private static boolean isData(Field field) {
    return field.source() == Field.Source.DATA;
  }

  private static Object value(Field field, JsonValue json, Place place) {
    Object value = field.type().read(json);
    if (value == null) {
      throw place.refused(
          "takes " + (isData(field) ? "a value" : "a text") + ", not " + Literals.nameOf(json));
    }
    if (field.source() == Field.Source.OPERATION && !operations().contains(value)) {
      throw place.refused("is one of " + String.join(", ", operations()));
    }
    return value;
  }

  /// Those that are shown to topics.
  private static List<String> operations() {
    var names = new ArrayList<String>();
    for (Operation operation : Operation.values()) {
      if (operation != Operation.OPEN) {
        names.add(Field.nameOf(operation));
      }
    }
    return names;
  }

  private Node in(Field field, JsonValue operand, Place place) {
    if (!(operand instanceof JsonArray list)) {
      throw place.refused("takes a list of values, not " + Literals.nameOf(operand));
    }
    budget.takeValues(list.size(), place);
    var values = new HashSet<Object>();
    boolean orNull = false;
    for (int i = 0; i < list.size(); i++) {
      if (list.get(i) == JsonNull.NULL && isData(field)) {
        orNull = true;
      } else {
        values.add(value(field, list.get(i), place.at(i)));
      }
    }
    Node oneOf = new Condition.OneOf(field, values);
    return orNull ? new Node.Any(List.of(oneOf, new Condition.IsNull(field))) : oneOf;
  }

  private static Node ordered(Field field, Relation relation, JsonValue operand, Place place) {
    requireNoOperation(field, place);
    Object value = value(field, operand, place);
    if (Values.compare(value, value) == Values.INCOMPARABLE) {
      throw place.refused("takes a number or a text, not " + Literals.nameOf(operand));
    }
    return new Condition.Compared(field, relation, value);
  }

  private static Node prefix(Field field, JsonValue operand, Place place) {
    requireNoOperation(field, place);
    if (!(operand instanceof JsonString text)) {
      throw place.refused("takes a text, not " + Literals.nameOf(operand));
    }
    return new Condition.Compared(field, Relation.STARTS_WITH, text.value());
  }

  private static void requireNoOperation(Field field, Place place) {
    if (field.source() == Field.Source.OPERATION) {
      throw place.refused("is not asked of an operation; give one or more: {\"in\": [\"create\"]}");
    }
  }

  private Node contains(Field field, JsonValue operand, Place place) {
    requireNoOperation(field, place);
    budget.takeSearch(place);
    Object value = value(field, operand, place);
    Node inList = new Condition.HasEvery(field, Set.of(value));
    if (!(value instanceof String text)) {
      return inList;
    }
    Node inText = new Condition.Compared(field, Relation.CONTAINS, text);
    return isData(field) ? new Node.Any(List.of(inText, inList)) : inText;
  }

  private static Node exists(Field field, JsonValue operand, Place place) {
    if (!isData(field)) {
      throw place.refused("is not asked of what every change has");
    }
    return FieldReader.when(new Condition.IsSet(field), operand, place);
  }
}
