// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Operations on fields, done in their order, all of them or none, in one revision.
///
/// Paths are dotted (`user.name`; a dot in a name is `\.`) or JSON Pointers (`/user/name`).
///
/// ```java
/// Mutations.begin().set("status", "ended").increment("participants", -1)
/// ```
///
/// Threading: immutable; each method returns another list of operations.
public final class Mutations {
  private static final Mutations NONE = new Mutations(List.of());

  private final List<Step> steps;

  private record Step(String op, String path, boolean hasValue, @Nullable Object value) {}

  private Mutations(List<Step> steps) {
    this.steps = List.copyOf(steps);
  }

  /// No operation yet: what others are added to.
  public static Mutations begin() {
    return NONE;
  }

  /// Sets a value, and makes the objects missing on the way.
  public Mutations set(String path, @Nullable Object value) {
    return step("set", path, value);
  }

  /// Sets a value unless something is there.
  public Mutations setIfAbsent(String path, @Nullable Object value) {
    return step("setIfAbsent", path, value);
  }

  /// In an array, what follows moves up.
  public Mutations unset(String path) {
    return with(new Step("unset", path, false, null));
  }

  /// Exact, also for decimals; a missing field counts as 0.
  public Mutations increment(String path, Number by) {
    return step("increment", path, by);
  }

  /// Exact, as [#increment].
  public Mutations multiply(String path, Number by) {
    return step("multiply", path, by);
  }

  /// Keeps the smaller one.
  public Mutations min(String path, Object value) {
    return step("min", path, value);
  }

  /// Keeps the larger one.
  public Mutations max(String path, Object value) {
    return step("max", path, value);
  }

  /// Appends to an array, which is made if there is none.
  public Mutations push(String path, @Nullable Object element) {
    return step("push", path, element);
  }

  /// Appends unless the array has an equal element.
  public Mutations addToSet(String path, @Nullable Object element) {
    return step("addToSet", path, element);
  }

  /// Removes all equal elements.
  public Mutations pull(String path, @Nullable Object element) {
    return step("pull", path, element);
  }

  /// Drops the last element of an array.
  public Mutations popLast(String path) {
    return step("pop", path, 1);
  }

  /// Drops the first element of an array.
  public Mutations popFirst(String path) {
    return step("pop", path, -1);
  }

  /// Turns true to false, and false to true.
  public Mutations toggle(String path) {
    return with(new Step("toggle", path, false, null));
  }

  /// Sets some members of the object there, as [DocumentCollection#merge(String, Object)].
  public Mutations merge(String path, Object partial) {
    return step("merge", path, partial);
  }

  /// Fails the whole with `TEST_FAILED` unless the value there is equal.
  public Mutations test(String path, @Nullable Object value) {
    return step("test", path, value);
  }

  /// Sets the time of the commit, in milliseconds since 1970.
  public Mutations serverTime(String path) {
    return with(new Step("serverTime", path, false, null));
  }

  /// Takes a value away from one path and sets it at another.
  public Mutations move(String from, String to) {
    return step("move", to, from);
  }

  private Mutations step(String op, String path, @Nullable Object value) {
    return with(new Step(op, path, true, value));
  }

  private Mutations with(Step step) {
    var more = new ArrayList<>(steps);
    more.add(step);
    return new Mutations(more);
  }

  JsonArray write(Mapper mapper) {
    var written = new ArrayList<JsonValue>();
    for (Step each : steps) {
      JsonObject step =
          JsonObject.of("op", JsonString.of(each.op)).with("path", JsonString.of(each.path));
      String member = each.op.equals("move") ? "from" : "value";
      written.add(each.hasValue ? step.with(member, mapper.write(each.value)) : step);
    }
    return JsonArray.of(written);
  }
}
