// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// A condition on the rows of a change stream, checked by the server.
///
/// ```java
/// Filter.text(User::email).endsWith("@example.com").and(Filter.ordered(User::age).atLeast(18))
/// ```
///
/// Fields are named by a method reference to the record's component, or by a path.
///
/// Threading: immutable.
///
/// @param <T> what rows are read as
public final class Filter<T> {
  private final JsonObject json;

  Filter(JsonObject json) {
    this.json = json;
  }

  JsonObject json() {
    return json;
  }

  /// Every row.
  public static <T> Filter<T> any() {
    return new Filter<>(JsonObject.empty());
  }

  /// A field of any kind.
  public static <T, V> FieldFilter<T, V> where(Getter<T, V> field) {
    return new FieldFilter<>(FieldNames.of(field));
  }

  /// A field whose values have an order: numbers, times.
  public static <T, V extends Comparable<? super V>> OrderedFilter<T, V> ordered(
      Getter<T, V> field) {
    return new OrderedFilter<>(FieldNames.of(field));
  }

  /// A field that holds a text.
  public static <T> TextFilter<T> text(Getter<T, String> field) {
    return new TextFilter<>(FieldNames.of(field), false);
  }

  /// A field that holds a list.
  public static <T, E> ListFilter<T, E> list(Getter<T, ? extends Collection<E>> field) {
    return new ListFilter<>(FieldNames.of(field));
  }

  /// A member of a nested object, or one that the record has no component for: `address.city`.
  public static <T> TextFilter<T> path(String path) {
    return new TextFilter<>(path, false);
  }

  /// As [#path], of a number, a time or anything else that has an order.
  public static <T, V> OrderedFilter<T, V> orderedPath(String path) {
    return new OrderedFilter<>(path);
  }

  /// Both hold.
  public Filter<T> and(Filter<T> other) {
    return both("AND", other);
  }

  /// At least one holds.
  public Filter<T> or(Filter<T> other) {
    return both("OR", other);
  }

  private Filter<T> both(String operator, Filter<T> other) {
    return new Filter<>(JsonObject.of(operator, JsonArray.of(List.of(json, other.json))));
  }

  /// It does not hold.
  public Filter<T> negated() {
    return new Filter<>(JsonObject.of("NOT", json));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Filter<?> that && json.equals(that.json);
  }

  @Override
  public int hashCode() {
    return json.hashCode();
  }

  /// As the server reads it.
  @Override
  public String toString() {
    return json.toString();
  }

  /// Conditions on one field.
  public static class FieldFilter<T, V> {
    private final String path;

    FieldFilter(String path) {
      this.path = path;
    }

    /// Equal: numbers by value, lists element by element. What is null or not there never is.
    public final Filter<T> equalTo(V value) {
      return operator("equals", ValueWriter.write(value));
    }

    /// There, and not equal. A field that is null or not there is passed over.
    public final Filter<T> notEqualTo(V value) {
      return operator("not", ValueWriter.write(value));
    }

    /// Equal to one of these.
    public final Filter<T> in(Collection<? extends V> values) {
      return operator("in", array(values));
    }

    /// There, and equal to none of these.
    public final Filter<T> notIn(Collection<? extends V> values) {
      return operator("notIn", array(values));
    }

    /// Null, or not there.
    public final Filter<T> isNull() {
      return operator("equals", JsonNull.NULL);
    }

    /// There, and not null.
    public final Filter<T> isNotNull() {
      return operator("not", JsonNull.NULL);
    }

    /// Whether the row has the field at all.
    public final Filter<T> isSet(boolean set) {
      return operator("isSet", set ? JsonBoolean.TRUE : JsonBoolean.FALSE);
    }

    final Filter<T> operator(String name, JsonValue value) {
      return new Filter<>(JsonObject.of(path, operators(JsonObject.of(name, value))));
    }

    JsonObject operators(JsonObject one) {
      return one;
    }

    static JsonArray array(Collection<?> values) {
      var written = new ArrayList<JsonValue>();
      values.forEach(each -> written.add(ValueWriter.write(each)));
      return JsonArray.of(written);
    }
  }

  /// Conditions on a field whose values have an order.
  public static class OrderedFilter<T, V> extends FieldFilter<T, V> {
    OrderedFilter(String path) {
      super(path);
    }

    /// Below it. Values of another kind have no order, and are passed over.
    public final Filter<T> lessThan(V value) {
      return operator("lt", ValueWriter.write(value));
    }

    /// Below it, or equal.
    public final Filter<T> atMost(V value) {
      return operator("lte", ValueWriter.write(value));
    }

    /// Above it. Values of another kind have no order, and are passed over.
    public final Filter<T> greaterThan(V value) {
      return operator("gt", ValueWriter.write(value));
    }

    /// Above it, or equal.
    public final Filter<T> atLeast(V value) {
      return operator("gte", ValueWriter.write(value));
    }
  }

  /// Conditions on a text.
  public static final class TextFilter<T> extends OrderedFilter<T, String> {
    private final String path;
    private final boolean isCaseIgnored;

    TextFilter(String path, boolean isCaseIgnored) {
      super(path);
      this.path = path;
      this.isCaseIgnored = isCaseIgnored;
    }

    /// The same field, with upper and lower case being the same in all conditions on it.
    public TextFilter<T> ignoringCase() {
      return new TextFilter<>(path, true);
    }

    /// Holds this part anywhere. All characters stand for themselves.
    public Filter<T> contains(String part) {
      return operator("contains", JsonString.of(part));
    }

    /// Begins so.
    public Filter<T> startsWith(String part) {
      return operator("startsWith", JsonString.of(part));
    }

    /// Ends so.
    public Filter<T> endsWith(String part) {
      return operator("endsWith", JsonString.of(part));
    }

    @Override
    JsonObject operators(JsonObject one) {
      return isCaseIgnored ? one.with("mode", JsonString.of("insensitive")) : one;
    }
  }

  /// Conditions on a list.
  public static final class ListFilter<T, E> extends FieldFilter<T, Collection<E>> {
    ListFilter(String path) {
      super(path);
    }

    /// Has an equal element.
    public Filter<T> has(E element) {
      return operator("has", ValueWriter.write(element));
    }

    /// Has an equal element for each of these.
    public Filter<T> hasEvery(Collection<? extends E> elements) {
      return operator("hasEvery", array(elements));
    }

    /// Has an equal element for at least one of these.
    public Filter<T> hasSome(Collection<? extends E> elements) {
      return operator("hasSome", array(elements));
    }

    /// Has no elements, or is not there; with false: has some.
    public Filter<T> isEmpty(boolean empty) {
      return operator("isEmpty", empty ? JsonBoolean.TRUE : JsonBoolean.FALSE);
    }
  }
}
