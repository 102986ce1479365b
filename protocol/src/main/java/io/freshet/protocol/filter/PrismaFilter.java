// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import org.jspecify.annotations.Nullable;

/// Reads filters in Prisma's language (Pulse reference, section 6).
///
/// With a model, keys are its fields (after a `Json` field a path may go on: `meta.kind`), values
/// are read as their types, and comparisons that can never hold are refused. Without, keys are
/// paths into the data and values are compared as JSON has them, or as the type a tag (`$type`)
/// gives.
///
/// At most 256 KiB, 32 levels, 1 000 conditions (100 of them searching texts) and 10 000 values in
/// lists.
public final class PrismaFilter {
  private final @Nullable Model model;
  private final Budget budget;

  private PrismaFilter(@Nullable Model model, Budget budget) {
    this.model = model;
    this.budget = budget;
  }

  /// Reads the arguments of `stream()` and `subscribe()`: `create`, `update` (with `after` and
  /// `before`) and `delete`, each optional; without any of them all changes are meant. A `name`
  /// among them is left alone.
  ///
  /// @throws FreshetException `INVALID_FILTER`, its message naming the place
  public static StreamFilter read(JsonObject arguments, @Nullable Model model) {
    Place root = Place.root("");
    Budget budget = Budget.of(arguments, Place.root("filter"));
    arguments.forEach((key, value) -> {
      if (!isArgument(key)) {
        throw root.at(key).refused("is none of name, create, update and delete");
      }
    });
    return new PrismaFilter(model, budget).stream(arguments, root);
  }

  private static boolean isArgument(String key) {
    return key.equals("name")
        || key.equals("create")
        || key.equals("update")
        || key.equals("delete");
  }

  private StreamFilter stream(JsonObject arguments, Place root) {
    JsonValue create = arguments.get("create");
    JsonValue update = arguments.get("update");
    JsonValue delete = arguments.get("delete");
    if (create == null && update == null && delete == null) {
      return StreamFilter.ALL;
    }
    return new StreamFilter(
        create == null ? null : where(create, Field.Source.DATA, root.at("create")),
        update == null ? null : update(update, root.at("update")),
        delete == null ? null : where(delete, Field.Source.DATA, root.at("delete")));
  }

  private Filter update(JsonValue update, Place place) {
    if (!(update instanceof JsonObject states)) {
      throw place.refused("takes an object with after and before, not " + Literals.nameOf(update));
    }
    Filter[] both = {Filter.ALL};
    states.forEach((key, value) -> {
      Field.Source source =
          switch (key) {
            case "after" -> Field.Source.DATA;
            case "before" -> Field.Source.PREVIOUS;
            default ->
                throw place
                    .at(key)
                    .refused(
                        "is neither after nor before; put the filter of updated rows in"
                            + " update.after");
          };
      both[0] = both[0].and(where(value, source, place.at(key)));
    });
    return both[0];
  }

  private Filter where(JsonValue where, Field.Source source, Place place) {
    return new WhereReader(model, source, budget).filter(where, place);
  }

  /// Reads one filter object, a `where`.
  ///
  /// @throws FreshetException `INVALID_FILTER`, its message naming the place
  public static Filter where(JsonObject where, @Nullable Model model) {
    Place place = Place.root("where");
    Budget budget = Budget.of(where, place);
    return new PrismaFilter(model, budget).where(where, Field.Source.DATA, place);
  }
}
