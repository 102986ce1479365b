// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.filter.Literals.Literal;
import io.freshet.protocol.filter.WhereReader.Target;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads what Prisma's filters say of one field: a value, or an object of operators.
final class FieldReader {
  private final WhereReader where;
  private final Budget budget;
  private final JsonFieldReader json;

  FieldReader(WhereReader where, Budget budget) {
    this.where = where;
    this.budget = budget;
    this.json = new JsonFieldReader(budget);
  }

  /// @return null when there is no condition
  /// @throws FreshetException `INVALID_FILTER`
  @Nullable Node read(Target target, JsonValue value, Place place) {
    boolean isJson = target.field().type() == FieldType.JSON && !target.isSurelyList();
    if (isJson || "Json".equals(Literals.tag(value))) {
      return json.read(target.field(), value, place);
    }
    if (isOperators(value, place)) {
      return operators(target, (JsonObject) value, place);
    }
    budget.takeCondition(place);
    return equal(target, value, place);
  }

  private boolean isOperators(JsonValue value, Place place) {
    return value instanceof JsonObject
        && !Literals.isTagged(value)
        && where.reference(value, place) == null;
  }

  private @Nullable Node operators(Target target, JsonObject operators, Place place) {
    JsonValue mode = operators.get("mode");
    Target compared = mode == null ? target : inMode(target, mode, place.at("mode"));
    return WhereReader.conjunction(
        operators,
        (name, operand) ->
            name.equals("mode") ? null : condition(compared, name, operand, place.at(name)));
  }

  private static Target inMode(Target target, JsonValue mode, Place place) {
    FieldType type = target.field().type();
    if (type != FieldType.STRING && type != FieldType.ANY) {
      throw place.refused("is for fields of type String only");
    }
    if (!(mode instanceof JsonString name)
        || !name.value().equals("insensitive") && !name.value().equals("default")) {
      throw place.refused("is either \"default\" or \"insensitive\"");
    }
    return name.value().equals("default")
        ? target
        : new Target(target.field().withFolding(), target.list());
  }

  private @Nullable Node condition(Target target, String name, JsonValue operand, Place place) {
    budget.takeCondition(place);
    if (target.field().folded()) {
      budget.takeSearch(place);
    }
    return switch (name) {
      case "equals" -> equal(target, operand, place);
      case "not" -> unequal(target, operand, place);
      case "in" -> oneOf(target, operand, place);
      case "notIn" -> new Node.Not(oneOf(target, operand, place));
      case "lt" -> ordered(target, Relation.LT, operand, place);
      case "lte" -> ordered(target, Relation.LTE, operand, place);
      case "gt" -> ordered(target, Relation.GT, operand, place);
      case "gte" -> ordered(target, Relation.GTE, operand, place);
      case "contains" -> {
        budget.takeSearch(place);
        yield text(target, Relation.CONTAINS, operand, place);
      }
      case "startsWith" -> text(target, Relation.STARTS_WITH, operand, place);
      case "endsWith" -> text(target, Relation.ENDS_WITH, operand, place);
      case "has" -> hasEvery(target, JsonArray.of(List.of(operand)), place);
      case "hasEvery" -> hasEvery(target, operand, place);
      case "hasSome" -> hasSome(target, operand, place);
      case "isEmpty" -> isEmpty(target, operand, place);
      case "isSet" -> isSet(target, operand, place);
      default ->
          throw place.refused(
              "is no operator; there are equals, not, in, notIn, lt, lte, gt, gte, contains,"
                  + " startsWith, endsWith, mode, has, hasEvery, hasSome, isEmpty and isSet (a"
                  + " member of a nested object is written \"outer.inner\")");
    };
  }

  private Node equal(Target target, JsonValue value, Place place) {
    if (value instanceof JsonArray list && !target.isSurelyNoList()) {
      Elements elements = elements(target.field(), list, place);
      return new Condition.IsList(elements.field, elements.values);
    }
    if (target.isSurelyList()) {
      throw place.refused(
          "is asked of a list; use equals with a list, has, hasEvery, hasSome or isEmpty");
    }
    if (Literals.isNull(value)) {
      return new Condition.IsNull(target.field());
    }
    Target other = where.reference(value, place);
    if (other != null) {
      return compared(target, Relation.EQUALS, other, place);
    }
    Literal literal = Literals.read(value, target.field().type(), place);
    Field field = target.field().withType(literal.type());
    return Condition.OneOf.of(field, field.folded(literal.value()));
  }

  private @Nullable Node unequal(Target target, JsonValue value, Place place) {
    Node part =
        isOperators(value, place)
            ? operators(target, (JsonObject) value, place)
            : equal(target, value, place);
    return part == null ? null : new Node.Not(part);
  }

  private Node oneOf(Target target, JsonValue operand, Place place) {
    requireScalar(target, place);
    Elements elements = elements(target.field(), operand, place);
    return new Condition.OneOf(elements.field, elements.set());
  }

  private Node ordered(Target target, Relation relation, JsonValue operand, Place place) {
    requireScalar(target, place);
    FieldType type = target.field().type();
    if (!type.isOrdered()) {
      throw place.refused(
          "is asked of a value of type " + type.prismaName() + ", which has no order");
    }
    Target other = where.reference(operand, place);
    if (other != null) {
      return compared(target, relation, other, place);
    }
    Literal literal = Literals.read(operand, type, place);
    if (!literal.type().isOrdered() || !isOrdered(literal.value())) {
      throw place.refused("takes a number, a text or a time, not " + Literals.nameOf(operand));
    }
    Field field = target.field().withType(literal.type());
    return new Condition.Compared(field, relation, field.folded(literal.value()));
  }

  private static boolean isOrdered(Object value) {
    return Values.compare(value, value) != Values.INCOMPARABLE;
  }

  private Node text(Target target, Relation relation, JsonValue operand, Place place) {
    requireScalar(target, place);
    if (!target.field().type().isText()) {
      throw place.refused(
          "is asked of a value of type "
              + target.field().type().prismaName()
              + "; it is for texts");
    }
    Target other = where.reference(operand, place);
    if (other != null) {
      return compared(target, relation, other, place);
    }
    if (!(operand instanceof JsonString text)) {
      throw place.refused("takes a text, not " + Literals.nameOf(operand));
    }
    return new Condition.Compared(target.field(), relation, target.field().folded(text.value()));
  }

  private static Node compared(Target target, Relation relation, Target other, Place place) {
    requireScalar(other, place);
    if (!isComparable(target.field().type(), other.field().type())) {
      throw place.refused("compares fields of different types, which are never equal");
    }
    Field right = target.field().folded() ? other.field().withFolding() : other.field();
    return new Condition.ComparedFields(target.field(), relation, right);
  }

  private static boolean isComparable(FieldType one, FieldType other) {
    return one == other || Literals.isNumber(one) && Literals.isNumber(other);
  }

  private static void requireScalar(Target target, Place place) {
    if (target.isSurelyList()) {
      throw place.refused("is asked of a list; use has, hasEvery, hasSome or isEmpty");
    }
  }

  private static void requireList(Target target, Place place) {
    if (target.isSurelyNoList()) {
      throw place.refused("is for lists, and this field is none");
    }
  }

  private Node hasEvery(Target target, JsonValue operand, Place place) {
    requireList(target, place);
    Elements elements = elements(target.field(), operand, place);
    return new Condition.HasEvery(elements.field, elements.set());
  }

  private Node hasSome(Target target, JsonValue operand, Place place) {
    requireList(target, place);
    Elements elements = elements(target.field(), operand, place);
    return new Condition.HasSome(elements.field, elements.set());
  }

  private static Node isEmpty(Target target, JsonValue operand, Place place) {
    requireList(target, place);
    return when(new Condition.IsList(target.field(), List.of()), operand, place);
  }

  private static Node isSet(Target target, JsonValue operand, Place place) {
    return when(new Condition.IsSet(target.field()), operand, place);
  }

  /// The condition, or its negation, as the boolean says.
  static Node when(Condition condition, JsonValue operand, Place place) {
    if (!(operand instanceof JsonBoolean bool)) {
      throw place.refused("takes true or false, not " + Literals.nameOf(operand));
    }
    return bool == JsonBoolean.TRUE ? condition : new Node.Not(condition);
  }

  /// Values of a list in a filter, and the field as the values are to be compared with it.
  private record Elements(Field field, List<Object> values) {
    Set<Object> set() {
      return new HashSet<>(values);
    }
  }

  private Elements elements(Field of, JsonValue operand, Place place) {
    if (!(operand instanceof JsonArray list)) {
      throw place.refused("takes a list of values, not " + Literals.nameOf(operand));
    }
    budget.takeValues(list.size(), place);
    FieldType type = of.type();
    var values = new ArrayList<Object>(list.size());
    for (int i = 0; i < list.size(); i++) {
      Literal literal = Literals.read(list.get(i), of.type(), place.at(i));
      if (i > 0 && literal.type() != type) {
        throw place.at(i).refused("is of another type than the values before it");
      }
      type = literal.type();
      values.add(of.folded(literal.value()));
    }
    return new Elements(of.withType(type), values);
  }
}
