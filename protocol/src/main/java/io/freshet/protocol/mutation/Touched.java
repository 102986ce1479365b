// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.PathToken;
import io.freshet.protocol.path.RecordPath;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The places that edits have written, as a tree. Resolving the edits at the end, from the states
/// before and after, keeps the operations few and no larger than the result, however often one
/// place was written.
///
/// Everything on the way to a touched place was a container of the same kind before: an edit that
/// makes or replaces a container touches the container.
final class Touched {
  private final Map<PathToken, Touched> children = new LinkedHashMap<>();
  private boolean whole;

  /// Notes that something was written there.
  void add(List<PathToken> place) {
    Touched node = this;
    for (PathToken token : place) {
      if (node.whole) {
        return;
      }
      node = node.children.computeIfAbsent(token, step -> new Touched());
    }
    node.whole = true;
    node.children.clear();
  }

  /// The edits that lead from one state to the other.
  List<FieldOperation> resolve(JsonObject before, JsonObject after) {
    var operations = new ArrayList<FieldOperation>();
    if (whole) {
      before.forEachDifference(
          after,
          (key, old, value) -> emit(List.of(new PathToken.Key(key)), old, value, operations));
    } else {
      resolveChildren(before, after, new ArrayList<>(), operations);
    }
    return operations;
  }

  private void resolveChildren(
      @Nullable JsonValue before,
      @Nullable JsonValue after,
      List<PathToken> at,
      List<FieldOperation> operations) {
    children.forEach((token, child) -> {
      at.add(token);
      JsonValue old = member(before, token);
      JsonValue value = member(after, token);
      if (child.whole) {
        emit(at, old, value, operations);
      } else {
        child.resolveChildren(old, value, at, operations);
      }
      at.removeLast();
    });
  }

  private static void emit(
      List<PathToken> at,
      @Nullable JsonValue old,
      @Nullable JsonValue value,
      List<FieldOperation> operations) {
    if (value == null) {
      if (old != null) {
        operations.add(new FieldOperation.Erase(new RecordPath(at)));
      }
    } else if (!value.equals(old)) {
      operations.add(new FieldOperation.Set(new RecordPath(at), value));
    }
  }

  private static @Nullable JsonValue member(@Nullable JsonValue container, PathToken token) {
    return switch (token) {
      case PathToken.Key(String key) ->
          container instanceof JsonObject object ? object.get(key) : null;
      case PathToken.Index(int index) ->
          container instanceof JsonArray array && index < array.size() ? array.get(index) : null;
    };
  }
}
