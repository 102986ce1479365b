// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The operators a second time, on maps and lists that are changed in place: slow, without sharing,
/// and as close to the words of the contract as code can be.
final class NaiveDocument {
  private static final Object NOTHING = new Object();

  private final Map<String, Object> root;

  NaiveDocument(JsonObject document) {
    @SuppressWarnings("unchecked")
    var copy = (Map<String, Object>) mutable(document);
    this.root = copy;
  }

  private static Object mutable(JsonValue value) {
    return switch (value) {
      case JsonObject object -> {
        var map = new LinkedHashMap<String, Object>();
        object.forEach((key, member) -> map.put(key, mutable(member)));
        yield map;
      }
      case JsonArray array -> {
        var list = new ArrayList<Object>();
        array.forEach(element -> list.add(mutable(element)));
        yield list;
      }
      case JsonValue scalar -> scalar;
    };
  }

  private static JsonValue frozen(Object value) {
    if (value instanceof Map<?, ?> map) {
      JsonObject object = JsonObject.empty();
      for (Map.Entry<?, ?> member : map.entrySet()) {
        object = object.with((String) member.getKey(), frozen(member.getValue()));
      }
      return object;
    }
    if (value instanceof List<?> list) {
      return JsonArray.of(list.stream().map(NaiveDocument::frozen).toList());
    }
    return (JsonValue) value;
  }

  JsonValue value() {
    return frozen(root);
  }

  private static FreshetException refused(ErrorCode code) {
    return new FreshetException(code, code.name());
  }

  /// A place: what holds it, and the last step.
  private record At(Object container, String last) {
    @SuppressWarnings("unchecked")
    Map<String, Object> map() {
      return (Map<String, Object>) container;
    }

    @SuppressWarnings("unchecked")
    List<Object> list() {
      return (List<Object>) container;
    }

    int index() {
      if (last.equals("-")) {
        return list().size();
      }
      if (!last.matches("0|[1-9][0-9]*")) {
        throw refused(ErrorCode.TYPE_MISMATCH);
      }
      return last.length() > 9 ? Integer.MAX_VALUE : Integer.parseInt(last);
    }

    Object get() {
      if (container instanceof Map<?, ?>) {
        return map().getOrDefault(last, NOTHING);
      }
      if (container instanceof List<?>) {
        return index() < list().size() ? list().get(index()) : NOTHING;
      }
      if (container == NOTHING) {
        return NOTHING;
      }
      throw refused(ErrorCode.TYPE_MISMATCH);
    }

    void set(Object value) {
      if (container instanceof Map<?, ?>) {
        map().put(last, value);
      } else if (index() < list().size()) {
        list().set(index(), value);
      } else if (index() == list().size()) {
        list().add(value);
      } else {
        throw refused(ErrorCode.TYPE_MISMATCH);
      }
    }

    void remove() {
      if (container instanceof Map<?, ?>) {
        map().remove(last);
      } else {
        list().remove(index());
      }
    }
  }

  private At at(FieldPath path, boolean create) {
    Object node = root;
    for (String step : path.segments().subList(0, path.segments().size() - 1)) {
      var at = new At(node, step);
      Object child = at.get();
      if (child == NOTHING && create) {
        child = new LinkedHashMap<String, Object>();
        at.set(child);
      }
      node = child;
    }
    var at = new At(node, path.segments().getLast());
    at.get(); // refuses a way through a scalar
    return at;
  }

  void apply(Mutation mutation, long now) {
    boolean creates =
        !(mutation instanceof Mutation.Unset
            || mutation instanceof Mutation.Pull
            || mutation instanceof Mutation.Pop
            || mutation instanceof Mutation.Move
            || mutation instanceof Mutation.Test);
    if (mutation instanceof Mutation.Test(FieldPath path, JsonValue value)) {
      test(path, value);
      return;
    }
    if (mutation instanceof Mutation.Move(FieldPath from, FieldPath path)) {
      move(from, path);
      return;
    }
    At at = at(mutation.path(), creates);
    Object old = at.get();
    switch (mutation) {
      case Mutation.Set set -> at.set(mutable(set.value()));
      case Mutation.Add add -> {
        if (at.container() instanceof List<?> && old != NOTHING) {
          throw refused(ErrorCode.TYPE_MISMATCH);
        }
        at.set(mutable(add.value()));
      }
      case Mutation.Unset unset -> {
        if (old != NOTHING) {
          at.remove();
        }
      }
      case Mutation.Increment increment ->
          at.set(JsonNumber.of(number(old).add(increment.by().value())));
      case Mutation.Multiply multiply ->
          at.set(JsonNumber.of(number(old).multiply(multiply.by().value())));
      case Mutation.Min min -> keep(at, old, min.bound(), true);
      case Mutation.Max max -> keep(at, old, max.bound(), false);
      case Mutation.Push push -> applyToList(push, at, old);
      case Mutation.AddToSet add -> applyToList(add, at, old);
      case Mutation.Pull pull -> applyToList(pull, at, old);
      case Mutation.Pop pop -> applyToList(pop, at, old);
      case Mutation.Toggle toggle -> {
        if (old != NOTHING && !(old instanceof JsonBoolean)) {
          throw refused(ErrorCode.TYPE_MISMATCH);
        }
        at.set(JsonBoolean.of(old != JsonBoolean.TRUE));
      }
      case Mutation.SetIfAbsent set -> {
        if (old == NOTHING) {
          at.set(mutable(set.value()));
        }
      }
      case Mutation.Merge merge -> {
        Object target = old instanceof Map<?, ?> ? old : new LinkedHashMap<String, Object>();
        merge(target, merge.patch());
        at.set(target);
      }
      case Mutation.ServerTime time -> at.set(JsonNumber.of(now));
      case Mutation.Test test -> throw new AssertionError(test);
      case Mutation.Move move -> throw new AssertionError(move);
    }
  }

  private void applyToList(Mutation mutation, At at, Object old) {
    switch (mutation) {
      case Mutation.Push push -> push(list(at, old), push);
      case Mutation.AddToSet add -> {
        List<Object> list = list(at, old);
        for (JsonValue value : add.values()) {
          if (list.stream().noneMatch(element -> frozen(element).equals(value))) {
            list.add(mutable(value));
          }
        }
      }
      case Mutation.Pull pull -> {
        if (old != NOTHING) {
          list(at, old).removeIf(element -> pull.values().contains(frozen(element)));
        }
      }
      case Mutation.Pop pop -> {
        if (old != NOTHING && !list(at, old).isEmpty()) {
          list(at, old).remove(pop.last() ? list(at, old).size() - 1 : 0);
        }
      }
      case Mutation other -> throw new AssertionError(other);
    }
  }

  private static BigDecimal number(Object old) {
    if (old == NOTHING) {
      return BigDecimal.ZERO;
    }
    if (old instanceof JsonNumber number) {
      return number.value();
    }
    throw refused(ErrorCode.TYPE_MISMATCH);
  }

  private static void keep(At at, Object old, JsonValue bound, boolean smaller) {
    int order;
    if (old == NOTHING) {
      at.set(bound);
      return;
    } else if (old instanceof JsonNumber one && bound instanceof JsonNumber other) {
      order = other.value().compareTo(one.value());
    } else if (old instanceof JsonString one && bound instanceof JsonString other) {
      order = other.value().compareTo(one.value());
    } else {
      throw refused(ErrorCode.TYPE_MISMATCH);
    }
    if (smaller ? order < 0 : order > 0) {
      at.set(bound);
    }
  }

  private static List<Object> list(At at, Object old) {
    if (old == NOTHING) {
      var list = new ArrayList<Object>();
      at.set(list);
      return list;
    }
    if (old instanceof List<?>) {
      @SuppressWarnings("unchecked")
      var list = (List<Object>) old;
      return list;
    }
    throw refused(ErrorCode.TYPE_MISMATCH);
  }

  private static void push(List<Object> list, Mutation.Push push) {
    int from = push.at() == null ? list.size() : push.at();
    if (from > list.size()) {
      throw refused(ErrorCode.TYPE_MISMATCH);
    }
    list.addAll(from, push.values().stream().map(NaiveDocument::mutable).toList());
    while (push.keepLast() != null && list.size() > push.keepLast()) {
      list.removeFirst();
    }
  }

  @SuppressWarnings("unchecked")
  private static void merge(Object target, JsonObject patch) {
    var map = (Map<String, Object>) target;
    patch.forEach((key, value) -> {
      if (value == JsonNull.NULL) {
        map.remove(key);
      } else if (value instanceof JsonObject inner) {
        if (!(map.get(key) instanceof Map<?, ?>)) {
          map.put(key, new LinkedHashMap<String, Object>());
        }
        merge(map.get(key), inner);
      } else {
        map.put(key, mutable(value));
      }
    });
  }

  private void test(FieldPath path, JsonValue value) {
    Object found;
    try {
      found = at(path, false).get();
    } catch (FreshetException scalarOnTheWay) {
      found = NOTHING;
    }
    if (found == NOTHING || !frozen(found).equals(value)) {
      throw refused(ErrorCode.TEST_FAILED);
    }
  }

  private void move(FieldPath from, FieldPath path) {
    At source = at(from, false);
    Object value = source.get();
    if (value == NOTHING) {
      throw refused(ErrorCode.PATH_NOT_FOUND);
    }
    if (!from.equals(path)) {
      source.remove();
      At target = at(path, true);
      if (target.container() instanceof List<?> && target.index() < target.list().size()) {
        target.list().add(target.index(), value);
      } else {
        target.set(value);
      }
    }
  }
}
