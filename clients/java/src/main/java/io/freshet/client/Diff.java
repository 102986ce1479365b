// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What changed between two revisions of a document, by path. Paths are those of [Mutations]; no
/// path is listed twice or inside another. Values are maps, lists, strings, booleans, numbers and
/// null; equal diffs are equal.
///
/// @param added with the new values
/// @param removed with the old values
public record Diff(
    Map<String, Object> added, Map<String, Object> removed, Map<String, FieldChange> changed) {
  public Diff {
    added = Collections.unmodifiableMap(new LinkedHashMap<>(added));
    removed = Collections.unmodifiableMap(new LinkedHashMap<>(removed));
    changed = Collections.unmodifiableMap(new LinkedHashMap<>(changed));
  }

  static Diff of(Frame frame) {
    var changed = new LinkedHashMap<String, FieldChange>();
    frame
        .object("changed")
        .json()
        .forEach((path, value) -> {
          if (value instanceof JsonObject object) {
            Map<String, Object> change = PlainValues.membersOf(object);
            boolean fromOmitted = Boolean.TRUE.equals(change.get("fromOmitted"));
            changed.put(path, new FieldChange(change.get("from"), change.get("to"), fromOmitted));
          }
        });
    return new Diff(
        PlainValues.membersOf(frame.object("added").json()),
        PlainValues.membersOf(frame.object("removed").json()),
        changed);
  }

  /// Whether nothing differs: a write need not change anything.
  public boolean isEmpty() {
    return added.isEmpty() && removed.isEmpty() && changed.isEmpty();
  }

  /// The data after this change, for those who keep copies. What is given is left as it is; what
  /// the change does not touch is shared.
  ///
  /// @param data at the revision the change was made on
  /// @throws FreshetClientException `INVALID_ARGUMENT` if the change is one of other data: read the
  ///   document again
  public Map<String, Object> applyTo(Map<String, Object> data) {
    Object result = data;
    for (String path : removed.keySet()) {
      result = edited(result, stepsOf(path), 0, null, true);
    }
    for (Map.Entry<String, Object> each : added.entrySet()) {
      result = edited(result, stepsOf(each.getKey()), 0, each.getValue(), false);
    }
    for (Map.Entry<String, FieldChange> each : changed.entrySet()) {
      result = edited(result, stepsOf(each.getKey()), 0, each.getValue().to(), false);
    }
    return members(result);
  }

  @SuppressWarnings("NullAway") // members may be null; the map's type cannot say so to its users
  private static Object edited(
      @Nullable Object target,
      List<String> steps,
      int at,
      @Nullable Object value,
      boolean removes) {
    if (at == steps.size()) {
      return value;
    }
    var copy = new LinkedHashMap<>(members(target));
    String step = steps.get(at);
    boolean isLast = at == steps.size() - 1;
    if (isLast && removes) {
      copy.remove(step);
    } else if (isLast) {
      copy.put(step, value);
    } else {
      copy.put(step, edited(copy.get(step), steps, at + 1, value, removes));
    }
    return copy;
  }

  @SuppressWarnings("unchecked") // JSON objects have string keys
  private static Map<String, Object> members(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      return (Map<String, Object>) map;
    }
    throw FreshetClientException.invalid("the change is one of other data");
  }

  /// A JSON Pointer if it begins with `/` or is empty, else keys separated by dots.
  private static List<String> stepsOf(String path) {
    var steps = new ArrayList<String>();
    if (path.startsWith("/")) {
      for (String step : path.substring(1).split("/", -1)) {
        steps.add(step.replace("~1", "/").replace("~0", "~"));
      }
      return steps;
    }
    var step = new StringBuilder();
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '.') {
        steps.add(step.toString());
        step.setLength(0);
      } else {
        step.append(c == '\\' && i + 1 < path.length() ? path.charAt(++i) : c);
      }
    }
    if (!path.isEmpty()) {
      steps.add(step.toString());
    }
    return steps;
  }
}
