// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Models to read filters with.
final class Models {
  /// A field of each type, a list known to be one, a field known to be none, a mapped column and a
  /// relation.
  static final Model USER = user();

  private Models() {}

  private static Model user() {
    var fields = new ArrayList<Model.Field>();
    fields.add(field("id", FieldType.INT));
    fields.add(field("int", FieldType.INT));
    fields.add(field("big", FieldType.BIGINT));
    fields.add(field("float", FieldType.FLOAT));
    fields.add(field("dec", FieldType.DECIMAL));
    fields.add(field("bool", FieldType.BOOLEAN));
    fields.add(field("text", FieldType.STRING));
    fields.add(field("other", FieldType.STRING));
    fields.add(field("role", FieldType.ENUM));
    fields.add(field("at", FieldType.DATETIME));
    fields.add(field("bytes", FieldType.BYTES));
    fields.add(field("meta", FieldType.JSON));
    fields.add(new Model.Field("tags", "tags", FieldType.STRING, true));
    fields.add(new Model.Field("days", "days", FieldType.DATETIME, null));
    fields.add(new Model.Field("single", "single", FieldType.INT, false));
    fields.add(new Model.Field("fullName", "full_name", FieldType.STRING, null));
    return Model.of("User", fields, Set.of("posts"), "id");
  }

  static Model.Field field(String name, FieldType type) {
    return new Model.Field(name, name, type, null);
  }

  static Model of(Model.Field... fields) {
    return Model.of("Test", List.of(fields), Set.of(), Model.ID_FIELD);
  }

  static Filter where(String where, @Nullable Model model) {
    return PrismaFilter.where(Rows.object(where), model);
  }
}
