// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import io.freshet.protocol.Operation;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Where in a row a condition looks, and what it reads there.
///
/// @param source which part of the row
/// @param path keys into `DATA` and `PREVIOUS`; empty for the others
/// @param type what values are read as
/// @param folded whether texts are compared without regard to case
/// @param orDocumentId whether the document's id stands in for a member that is not there
record Field(
    Source source, List<String> path, FieldType type, boolean folded, boolean orDocumentId) {

  /// The parts of a row.
  enum Source {
    DOCUMENT_ID,
    /// In lower case, as events name it.
    OPERATION,
    /// As streams name it.
    ACTION,
    DATA,
    PREVIOUS
  }

  private static final Map<Operation, String> NAMES = names();

  Field {
    path = List.copyOf(path);
  }

  private static Map<Operation, String> names() {
    var names = new EnumMap<Operation, String>(Operation.class);
    for (Operation operation : Operation.values()) {
      names.put(operation, operation.name().toLowerCase(Locale.ROOT));
    }
    return names;
  }

  /// What events call an operation.
  static String nameOf(Operation operation) {
    return Objects.requireNonNull(NAMES.get(operation));
  }

  static Field documentId() {
    return new Field(Source.DOCUMENT_ID, List.of(), FieldType.STRING, false, false);
  }

  static Field operation() {
    return new Field(Source.OPERATION, List.of(), FieldType.ENUM, false, false);
  }

  static Field action() {
    return new Field(Source.ACTION, List.of(), FieldType.ENUM, false, false);
  }

  static Field data(List<String> path, FieldType type) {
    return new Field(Source.DATA, path, type, false, false);
  }

  Field withType(FieldType other) {
    return new Field(source, path, other, folded, orDocumentId);
  }

  Field withFolding() {
    return new Field(source, path, type, true, orDocumentId);
  }

  /// The field's value as its type has it; null when it is null, of another type, absent or not
  /// known.
  @Nullable Object read(Row row) {
    return switch (source) {
      case DOCUMENT_ID -> folded(row.documentId());
      case OPERATION -> nameOf(row.operation());
      case ACTION -> {
        Action action = Action.of(row.operation());
        yield action == null ? null : action.text();
      }
      case DATA, PREVIOUS -> {
        JsonValue value = find(row);
        yield value == null ? null : readElement(value);
      }
    };
  }

  /// As [#read] does, of one element of the list that stands there.
  @Nullable Object readElement(JsonValue element) {
    Object value = type.read(element);
    return value == null ? null : folded(value);
  }

  /// The value as this field's values are compared.
  Object folded(Object value) {
    return folded && value instanceof String text ? Texts.fold(text) : value;
  }

  /// What stands in the row there; null when nothing does.
  @Nullable JsonValue find(Row row) {
    JsonValue at = source == Source.PREVIOUS ? row.previous() : row.data();
    for (int i = 0; i < path.size() && at != null; i++) {
      at = member(at, path.get(i));
    }
    return at == null && orDocumentId ? documentId(row) : at;
  }

  private static @Nullable JsonValue member(JsonValue container, String key) {
    if (container instanceof JsonObject object) {
      return object.get(key);
    }
    int place = container instanceof JsonArray ? place(key) : -1;
    return container instanceof JsonArray array && place >= 0 && place < array.size()
        ? array.get(place)
        : null;
  }

  /// Of an array's element, written without leading zeros; -1 for other keys.
  private static int place(String key) {
    if (key.isEmpty() || key.length() > 9 || key.length() > 1 && key.charAt(0) == '0') {
      return -1;
    }
    int place = 0;
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      place = place * 10 + c - '0';
    }
    return place;
  }

  /// The id as a value of this field's type: a number's spelling where that is an integer.
  private JsonValue documentId(Row row) {
    JsonString id = JsonString.of(row.documentId());
    Object number = type == FieldType.INT ? FieldType.BIGINT.read(id) : null;
    return number instanceof Long value ? JsonNumber.of(value) : id;
  }

  /// Whether nothing can be said of this field in that row, not even that it is null.
  boolean isUnknown(Row row) {
    return switch (source) {
      case DOCUMENT_ID, OPERATION, ACTION -> false;
      case DATA -> row.partial() && find(row) == null;
      case PREVIOUS -> row.previous() == null || row.partial() && find(row) == null;
    };
  }

  /// Unambiguous: equal texts are equal fields.
  void render(StringBuilder to) {
    to.append(source == Source.DATA ? "" : "$" + source.name().toLowerCase(Locale.ROOT));
    for (int i = 0; i < path.size(); i++) {
      to.append(i > 0 ? "." : "").append(Json.text(JsonString.of(path.get(i))));
    }
    to.append(type == FieldType.ANY ? "" : ":" + type.prismaName());
    to.append(folded ? "~" : "").append(orDocumentId ? "|id" : "");
  }
}
