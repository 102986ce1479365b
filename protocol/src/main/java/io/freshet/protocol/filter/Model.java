// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The types of a collection's fields: from the header of a Prisma client, or from a catalog.
///
/// @param name of the model, for messages
/// @param fields its scalar fields by name, in their order
/// @param relations names of its relation fields, which no filter may use
/// @param idField name of the field the document's id fills where the data has none
public record Model(String name, Map<String, Field> fields, Set<String> relations, String idField) {

  /// The field the document's id fills unless a mapping says otherwise.
  public static final String ID_FIELD = "id";

  public Model {
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    relations = Set.copyOf(relations);
  }

  public static Model of(String name, List<Field> fields, Set<String> relations, String idField) {
    var byName = new LinkedHashMap<String, Field>();
    fields.forEach(field -> byName.put(field.name(), field));
    return new Model(name, byName, relations, idField);
  }

  /// One scalar field.
  ///
  /// @param name as filters and events have it
  /// @param key of the member of the row that holds it (a column's name)
  /// @param type of its value, or of its elements
  /// @param list whether it is a list; null when that is not known, as with Prisma's clients
  public record Field(String name, String key, FieldType type, @Nullable Boolean list) {}
}
