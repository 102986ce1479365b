// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import io.freshet.protocol.filter.FieldType;
import io.freshet.protocol.filter.Model;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.server.stream.TaggedValue;
import java.util.ArrayList;
import java.util.List;

/// Writes documents as rows of a client's model: its fields, in their types, as [TaggedValue]s.
///
/// A member that is not there is null, and `[]` where the model says that it is a list. So is a
/// member whose value is not of its field's type; those are counted. What the document has besides
/// is not sent.
///
/// Immutable; any thread.
final class RowText {
  private final List<Column> columns;

  private static final class Column {
    /// The field's name as JSON, and a colon.
    private final byte[] start;

    private final Model.Field field;
    private final boolean isId;

    Column(byte[] start, Model.Field field, boolean isId) {
      this.start = start;
      this.field = field;
      this.isId = isId;
    }
  }

  RowText(Model model) {
    var all = new ArrayList<Column>();
    model
        .fields()
        .values()
        .forEach(field -> {
          byte[] name = Json.encode(JsonString.of(field.name()));
          boolean isId = field.name().equals(model.idField());
          var start = new FrameText().raw(name).raw(":").toBytes();
          all.add(new Column(start, field, isId));
        });
    this.columns = List.copyOf(all);
  }

  /// Writes one row.
  ///
  /// @param id of the document
  /// @return how many values were not of their field's type
  int write(FrameText out, String id, JsonObject data) {
    int mismatches = 0;
    String separator = "{";
    for (Column column : columns) {
      JsonValue value = data.get(column.field.key());
      out.raw(separator).raw(column.start);
      separator = ",";
      mismatches +=
          value == null && column.isId
              ? id(out, column.field, id)
              : field(out, column.field, value == null ? JsonNull.NULL : value);
    }
    out.raw(columns.isEmpty() ? "{}" : "}");
    return mismatches;
  }

  /// Writes what a source tells of a row; columns it does not know, or that are not there (any
  /// more), are left out.
  ///
  /// @return how many values were not of their field's type
  int writeKnown(FrameText out, JsonObject data) {
    int mismatches = 0;
    String separator = "";
    out.raw("{");
    for (Column column : columns) {
      JsonValue value = data.get(column.field.key());
      if (value != null) {
        out.raw(separator).raw(column.start);
        separator = ",";
        mismatches += field(out, column.field, value);
      }
    }
    out.raw("}");
    return mismatches;
  }

  /// The document's id as a value of the field's type: the number it spells, if that is one.
  private static int id(FrameText out, Model.Field field, String id) {
    JsonValue value = JsonString.of(id);
    boolean number = field.type() == FieldType.INT || field.type() == FieldType.FLOAT;
    if (number && FieldType.BIGINT.read(value) instanceof Long whole) {
      value = JsonNumber.of(whole);
    }
    return field(out, field, value);
  }

  private static int field(FrameText out, Model.Field field, JsonValue value) {
    boolean isList = Boolean.TRUE.equals(field.list());
    if (value == JsonNull.NULL) {
      out.raw(isList ? "[]" : "null");
      return 0;
    }
    boolean mayBeList = isList || field.list() == null && field.type() != FieldType.JSON;
    if (mayBeList && value instanceof JsonArray array) {
      return list(out, field.type(), array);
    }
    if (isList) {
      out.raw("[]");
      return 1;
    }
    return scalar(out, field.type(), value);
  }

  private static int list(FrameText out, FieldType type, JsonArray array) {
    int mismatches = 0;
    out.raw("[");
    for (int i = 0; i < array.size(); i++) {
      out.raw(i == 0 ? "" : ",");
      JsonValue element = array.get(i);
      if (element == JsonNull.NULL) {
        out.raw("null");
      } else {
        mismatches += scalar(out, type, element);
      }
    }
    out.raw("]");
    return mismatches;
  }

  private static int scalar(FrameText out, FieldType type, JsonValue value) {
    JsonValue tagged = TaggedValue.of(type, value);
    out.value(tagged == null ? JsonNull.NULL : tagged);
    return tagged == null ? 1 : 0;
  }
}
