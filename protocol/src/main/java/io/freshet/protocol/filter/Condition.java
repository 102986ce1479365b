// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonValue;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One question about one field. Values are as [FieldType#read] makes them.
///
/// Sets of values are hash sets of comparable things, so that values crafted to share a hash stay
/// cheap to look up.
sealed interface Condition extends Node {
  Field field();

  /// The field is one of these values; of none of them when there are none.
  record OneOf(Field field, Set<Object> values) implements Condition {
    public OneOf {
      values = values.size() == 1 ? Set.copyOf(values) : copied(values);
    }

    static OneOf of(Field field, Object value) {
      return new OneOf(field, Set.of(value));
    }

    @Override
    public Ternary test(Row row) {
      Object value = field.read(row);
      return value == null ? Ternary.UNKNOWN : Ternary.of(values.contains(value));
    }
  }

  /// The field is null: absent, JSON's null, or not of its type.
  record IsNull(Field field) implements Condition {
    @Override
    public Ternary test(Row row) {
      return field.isUnknown(row) ? Ternary.UNKNOWN : Ternary.of(field.read(row) == null);
    }
  }

  /// Something stands there, if only a null.
  record IsSet(Field field) implements Condition {
    @Override
    public Ternary test(Row row) {
      return field.isUnknown(row) ? Ternary.UNKNOWN : Ternary.of(field.find(row) != null);
    }
  }

  /// The field stands in a relation to a value.
  record Compared(Field field, Relation relation, Object to) implements Condition {
    @Override
    public Ternary test(Row row) {
      Object value = field.read(row);
      return value == null ? Ternary.UNKNOWN : relation.between(value, to);
    }
  }

  /// The field stands in a relation to another of the same row.
  record ComparedFields(Field field, Relation relation, Field to) implements Condition {
    @Override
    public Ternary test(Row row) {
      Object value = field.read(row);
      Object other = value == null ? null : to.read(row);
      return value == null || other == null ? Ternary.UNKNOWN : relation.between(value, other);
    }
  }

  /// The field is a list that holds each of these values.
  record HasEvery(Field field, Set<Object> values) implements Condition {
    public HasEvery {
      values = copied(values);
    }

    @Override
    public Ternary test(Row row) {
      Iterable<JsonValue> elements = elements(field, row);
      if (elements == null) {
        return Ternary.UNKNOWN;
      }
      var missing = new HashSet<Object>(values);
      for (JsonValue element : elements) {
        if (missing.isEmpty()) {
          return Ternary.TRUE;
        }
        Object value = field.readElement(element);
        if (value != null) {
          missing.remove(value);
        }
      }
      return Ternary.of(missing.isEmpty());
    }
  }

  /// The field is a list that holds one of these values.
  record HasSome(Field field, Set<Object> values) implements Condition {
    public HasSome {
      values = copied(values);
    }

    @Override
    public Ternary test(Row row) {
      Iterable<JsonValue> elements = elements(field, row);
      if (elements == null) {
        return Ternary.UNKNOWN;
      }
      for (JsonValue element : elements) {
        Object value = field.readElement(element);
        if (value != null && values.contains(value)) {
          return Ternary.TRUE;
        }
      }
      return Ternary.FALSE;
    }
  }

  /// The field is exactly this list.
  record IsList(Field field, List<Object> values) implements Condition {
    public IsList {
      values = List.copyOf(values);
    }

    @Override
    public Ternary test(Row row) {
      Iterable<JsonValue> elements = elements(field, row);
      if (elements == null) {
        return Ternary.UNKNOWN;
      }
      int at = 0;
      for (JsonValue element : elements) {
        if (at == values.size() || !values.get(at).equals(field.readElement(element))) {
          return Ternary.FALSE;
        }
        at++;
      }
      return Ternary.of(at == values.size());
    }
  }

  /// The field is a list that begins (or ends) with this value.
  record HasAtEnd(Field field, boolean last, Object value) implements Condition {
    @Override
    public Ternary test(Row row) {
      if (!(field.find(row) instanceof JsonArray array)) {
        return Ternary.UNKNOWN;
      }
      return Ternary.of(
          array.size() > 0
              && value.equals(field.readElement(array.get(last ? array.size() - 1 : 0))));
    }
  }

  private static Set<Object> copied(Collection<Object> values) {
    return Collections.unmodifiableSet(new HashSet<>(values));
  }

  /// The elements of a list. One that is not there is empty, except inside a `Json` field, where it
  /// is null.
  ///
  /// @return null when the field is null, no list, or not known
  private static @Nullable Iterable<JsonValue> elements(Field field, Row row) {
    JsonValue value = field.find(row);
    if (value == null) {
      boolean isNull = field.isUnknown(row) || field.type() == FieldType.JSON;
      return isNull ? null : List.of();
    }
    return value instanceof JsonArray array ? array : null;
  }
}
