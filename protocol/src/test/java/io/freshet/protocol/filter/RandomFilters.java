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
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// Random filters and rows over few fields and values, so that they often match.
final class RandomFilters {
  /// Also those of [#MODEL].
  private static final List<String> FIELDS = List.of("a", "b", "c.d", "t");

  /// Types for the fields, `c.d` inside one of type Json.
  static final Model MODEL =
      Models.of(
          new Model.Field("a", "a", FieldType.INT, null),
          new Model.Field("b", "b", FieldType.STRING, null),
          new Model.Field("c", "c", FieldType.JSON, null),
          new Model.Field("t", "t", FieldType.STRING, null));

  private static final List<String> TEXTS =
      List.of("", "x", "X", "xy", "yx", "É", "é", "ς", "Σ", "\uffff", "\ud83d\ude00");

  private final RandomGenerator random;
  private final boolean typed;

  RandomFilters(RandomGenerator random, boolean typed) {
    this.random = random;
    this.typed = typed;
  }

  JsonObject row() {
    JsonObject row = JsonObject.empty();
    for (String field : List.of("a", "b", "t")) {
      row = random.nextInt(5) == 0 ? row : row.with(field, value());
    }
    return switch (random.nextInt(4)) {
      case 0 -> row;
      case 1 -> row.with("c", value());
      default -> row.with("c", JsonObject.of("d", value()));
    };
  }

  /// Any kind of value.
  private JsonValue value() {
    return switch (random.nextInt(8)) {
      case 0 -> JsonNull.NULL;
      case 1 -> JsonBoolean.of(random.nextBoolean());
      case 2, 3 -> number();
      case 4, 5 -> text();
      case 6 -> list(this::scalar);
      default -> JsonObject.of("k", scalar());
    };
  }

  private JsonValue scalar() {
    return switch (random.nextInt(7)) {
      case 0 -> JsonBoolean.of(random.nextBoolean());
      case 1, 2, 3 -> number();
      default -> text();
    };
  }

  private JsonValue number() {
    return random.nextInt(4) == 0
        ? JsonNumber.of(new BigDecimal("0.5"))
        : JsonNumber.of(random.nextInt(4));
  }

  private JsonValue text() {
    return JsonString.of(TEXTS.get(random.nextInt(TEXTS.size())));
  }

  private JsonArray list(Supplier<JsonValue> element) {
    var elements = new ArrayList<JsonValue>();
    for (int size = random.nextInt(4); size > 0; size--) {
      elements.add(element.get());
    }
    return JsonArray.of(elements);
  }

  /// Prisma's language.
  JsonObject where(int depth) {
    JsonObject where = JsonObject.empty();
    for (int size = random.nextInt(8) == 0 ? 0 : random.nextInt(1, 3); size > 0; size--) {
      int kind = depth == 0 ? 9 : random.nextInt(10);
      if (kind < 3) {
        String key = List.of("AND", "OR", "NOT").get(kind);
        where = where.with(key, random.nextInt(3) == 0 ? where(depth - 1) : parts(depth));
      } else {
        String field = FIELDS.get(random.nextInt(FIELDS.size()));
        where = where.with(field, condition(field, 2));
      }
    }
    return where;
  }

  private JsonArray parts(int depth) {
    return list(() -> where(depth - 1));
  }

  /// Literals of the kind the field takes.
  private JsonValue literal(String field) {
    if (!typed || field.equals("c.d")) {
      return scalar();
    }
    return field.equals("a") ? JsonNumber.of(random.nextInt(4)) : text();
  }

  private JsonValue condition(String field, int depth) {
    if (random.nextInt(3) == 0) {
      return random.nextInt(4) == 0
          ? JsonNull.NULL
          : random.nextInt(6) == 0 ? list(() -> literal(field)) : literal(field);
    }
    boolean isText = !field.equals("a") || !typed;
    JsonObject operators = JsonObject.empty();
    for (int size = random.nextInt(1, 3); size > 0; size--) {
      operators = operator(operators, field, isText, depth);
    }
    return isText && random.nextInt(4) == 0
        ? operators.with("mode", JsonString.of(random.nextInt(4) == 0 ? "default" : "insensitive"))
        : operators;
  }

  private JsonObject operator(JsonObject to, String field, boolean isText, int depth) {
    return switch (random.nextInt(isText ? 11 : 10)) {
      case 0 -> to.with("equals", condition0(field));
      case 1 -> to.with("not", depth > 0 ? condition(field, depth - 1) : condition0(field));
      case 2 -> to.with("in", list(() -> literal(field)));
      case 3 -> to.with("notIn", list(() -> literal(field)));
      case 4, 5 ->
          to.with(List.of("lt", "lte", "gt", "gte").get(random.nextInt(4)), ordered(field));
      case 6 -> to.with("has", literal(field));
      case 7 -> to.with(random.nextBoolean() ? "hasEvery" : "hasSome", list(() -> literal(field)));
      case 8 -> to.with("isEmpty", JsonBoolean.of(random.nextBoolean()));
      case 9 -> to.with("isSet", JsonBoolean.of(random.nextBoolean()));
      default ->
          to.with(List.of("contains", "startsWith", "endsWith").get(random.nextInt(3)), text());
    };
  }

  private JsonValue condition0(String field) {
    return random.nextInt(5) == 0 ? JsonNull.NULL : literal(field);
  }

  private JsonValue ordered(String field) {
    JsonValue literal = literal(field);
    return literal instanceof JsonBoolean ? number() : literal;
  }

  /// The Sync contract's language.
  JsonObject sync() {
    JsonObject filter = JsonObject.empty();
    for (int size = random.nextInt(1, 4); size > 0; size--) {
      String field = FIELDS.get(random.nextInt(FIELDS.size()));
      filter = filter.with(field, syncCondition());
    }
    return switch (random.nextInt(8)) {
      case 0 -> filter.with("id", JsonString.of(random.nextBoolean() ? "d1" : "d2"));
      case 1 -> filter.with("operation", JsonString.of(random.nextBoolean() ? "merge" : "create"));
      default -> filter;
    };
  }

  private JsonValue syncCondition() {
    if (random.nextInt(3) == 0) {
      JsonValue value = value();
      return value instanceof JsonObject ? scalar() : value;
    }
    JsonObject operators = JsonObject.empty();
    for (int size = random.nextInt(1, 3); size > 0; size--) {
      operators =
          switch (random.nextInt(7)) {
            case 0 -> operators.with("ne", value());
            case 1 -> operators.with("in", list(this::value));
            case 2 -> operators.with("exists", JsonBoolean.of(random.nextBoolean()));
            case 3 -> operators.with("prefix", text());
            case 4 -> operators.with("contains", scalar());
            default ->
                operators.with(
                    List.of("gt", "gte", "lt", "lte").get(random.nextInt(4)),
                    random.nextBoolean() ? number() : text());
          };
    }
    return operators;
  }

  /// The same object with its members, and those of its ANDs and ORs, in another order.
  JsonObject shuffled(JsonObject where) {
    var keys = new ArrayList<String>();
    where.forEach((key, value) -> keys.add(key));
    JsonObject shuffled = JsonObject.empty();
    while (!keys.isEmpty()) {
      String key = keys.remove(random.nextInt(keys.size()));
      JsonValue value = Objects.requireNonNull(where.get(key));
      boolean isParts = (key.equals("AND") || key.equals("OR")) && value instanceof JsonArray;
      shuffled = shuffled.with(key, isParts ? shuffled((JsonArray) value) : value);
    }
    return shuffled;
  }

  private JsonArray shuffled(JsonArray parts) {
    var rest = new ArrayList<JsonValue>();
    parts.forEach(rest::add);
    var shuffled = new ArrayList<JsonValue>();
    while (!rest.isEmpty()) {
      shuffled.add(shuffled((JsonObject) rest.remove(random.nextInt(rest.size()))));
    }
    return JsonArray.of(shuffled);
  }
}
