// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.mutation.FieldPath;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// Reads Prisma's `where` objects: AND, OR, NOT and fields, whose conditions [FieldReader] reads.
///
/// As Prisma has it, an object without conditions is none at all: AND and OR pass over it, and its
/// negation is none either.
final class WhereReader {
  private static final int NAMES_MAX = 20;

  private final @Nullable Model model;
  private final Field.Source source;
  private final Budget budget;
  private final FieldReader fields;

  /// @param source the state of the row that is asked about
  WhereReader(@Nullable Model model, Field.Source source, Budget budget) {
    this.model = model;
    this.source = source;
    this.budget = budget;
    this.fields = new FieldReader(this, budget);
  }

  /// @throws FreshetException `INVALID_FILTER`
  Filter filter(JsonValue where, Place place) {
    Node node = where(where, place);
    return node == null ? Filter.ALL : Filter.of(node);
  }

  /// @return null when there is no condition
  private @Nullable Node where(JsonValue value, Place place) {
    if (!(value instanceof JsonObject where)) {
      throw place.refused("takes an object of fields, not " + Literals.nameOf(value));
    }
    return conjunction(where, (key, part) -> entry(key, part, place.at(key)));
  }

  /// All members of an object together.
  ///
  /// @return null when no member has a condition
  static @Nullable Node conjunction(
      JsonObject members, BiFunction<String, JsonValue, @Nullable Node> reader) {
    var parts = new ArrayList<Node>();
    members.forEach((key, value) -> {
      Node part = reader.apply(key, value);
      if (part != null) {
        parts.add(part);
      }
    });
    return parts.isEmpty() ? null : new Node.All(parts);
  }

  private @Nullable Node entry(String key, JsonValue value, Place place) {
    return switch (key) {
      case "AND" -> {
        List<Node> parts = parts(value, place);
        yield parts.isEmpty() ? null : new Node.All(parts);
      }
      case "OR" -> new Node.Any(parts(value, place));
      case "NOT" -> {
        List<Node> parts = parts(value, place);
        yield parts.isEmpty() ? null : new Node.Not(new Node.Any(parts));
      }
      default -> fields.read(target(key, place), value, place);
    };
  }

  private List<Node> parts(JsonValue value, Place place) {
    var parts = new ArrayList<Node>();
    if (value instanceof JsonArray list) {
      budget.takeValues(list.size(), place);
      for (int i = 0; i < list.size(); i++) {
        add(where(list.get(i), place.at(i)), parts);
      }
    } else {
      add(where(value, place), parts);
    }
    return parts;
  }

  private static void add(@Nullable Node part, List<Node> to) {
    if (part != null) {
      to.add(part);
    }
  }

  /// A field of a filter.
  ///
  /// @param list whether it is a list; null when that is not known
  record Target(Field field, @Nullable Boolean list) {
    boolean isSurelyList() {
      return Boolean.TRUE.equals(list);
    }

    boolean isSurelyNoList() {
      return Boolean.FALSE.equals(list);
    }
  }

  /// The field of that name.
  ///
  /// @throws FreshetException `INVALID_FILTER` when there is none
  Target target(String name, Place place) {
    if (model == null) {
      List<String> path = path(name, place);
      boolean isId = path.equals(List.of(Model.ID_FIELD));
      return new Target(new Field(source, path, FieldType.ANY, false, isId), null);
    }
    Model.Field known = model.fields().get(name);
    if (known != null) {
      boolean isId = name.equals(model.idField());
      return new Target(
          new Field(source, List.of(known.key()), known.type(), false, isId), known.list());
    }
    if (model.relations().contains(name)) {
      throw place.refused("is a relation; a change can be filtered by its own fields only");
    }
    return pathIntoJson(model, name, place);
  }

  /// A path that goes on inside a field of type `Json`.
  private Target pathIntoJson(Model of, String name, Place place) {
    List<String> path = path(name, place);
    Model.Field first = of.fields().get(path.getFirst());
    if (path.size() == 1 || first == null || first.type() != FieldType.JSON) {
      throw place.refused("is no field of " + of.name() + "; it has " + names(of));
    }
    var keys = new ArrayList<String>(path);
    keys.set(0, first.key());
    return new Target(new Field(source, keys, FieldType.ANY, false, false), null);
  }

  private static String names(Model of) {
    List<String> names = of.fields().keySet().stream().limit(NAMES_MAX).toList();
    String more = of.fields().size() > NAMES_MAX ? ", …" : "";
    return String.join(", ", names) + more;
  }

  private static List<String> path(String name, Place place) {
    try {
      return FieldPath.parse(name).segments();
    } catch (FreshetException invalid) {
      throw place.refused("is no path: " + invalid.getMessage());
    }
  }

  /// The field another field is compared with, if that is what the value says: Prisma's clients
  /// write `prisma.user.fields.email` as an object that names model and field.
  ///
  /// @throws FreshetException `INVALID_FILTER` when it is a field of another model
  @Nullable Target reference(JsonValue value, Place place) {
    if (model == null
        || !(value instanceof JsonObject object)
        || !(object.get("modelName") instanceof JsonString ofModel)
        || !(object.get("name") instanceof JsonString name)
        || object.get("typeName") == null) {
      return null;
    }
    if (!ofModel.value().equals(model.name())) {
      throw place.refused("refers to another model; only fields of " + model.name() + " can be");
    }
    return target(name.value(), place);
  }
}
