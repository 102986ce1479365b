// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.path;

import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.json.ObjectEditor;
import java.util.ArrayList;
import java.util.List;

/// Many operations on one object: those in a row that lead into the same member are applied to it
/// together, so that a merge of thousands of members does not copy the object as often. The result
/// is that of applying them one by one.
final class ManyEdits {
  private ManyEdits() {}

  static JsonObject apply(JsonObject object, List<FieldOperation> operations) {
    var editor = new ObjectEditor(object);
    int at = 0;
    while (at < operations.size()) {
      FieldOperation first = operations.get(at);
      String key = PathEdit.keyOf(first.path().tokens().getFirst());
      if (first.path().tokens().size() == 1) {
        applyTo(editor, key, first);
        at++;
      } else {
        List<FieldOperation> inner = inner(operations, at, key);
        PathToken next = inner.getFirst().path().tokens().getFirst();
        JsonValue member = PathEdit.container(editor.get(key), next);
        editor.put(key, PathEdit.applyAll(member, inner));
        at += inner.size();
      }
    }
    return editor.object();
  }

  private static void applyTo(ObjectEditor editor, String key, FieldOperation operation) {
    switch (operation) {
      case FieldOperation.Set(RecordPath path, JsonValue value) -> editor.put(key, value);
      case FieldOperation.Erase erase -> editor.remove(key);
    }
  }

  /// The operations from `at` on that lead into that member, without the step to it.
  private static List<FieldOperation> inner(List<FieldOperation> operations, int at, String key) {
    var inner = new ArrayList<FieldOperation>();
    for (FieldOperation operation : operations.subList(at, operations.size())) {
      List<PathToken> tokens = operation.path().tokens();
      if (tokens.size() == 1 || !PathEdit.keyOf(tokens.getFirst()).equals(key)) {
        return inner;
      }
      var rest = new RecordPath(tokens.subList(1, tokens.size()));
      inner.add(
          switch (operation) {
            case FieldOperation.Set(RecordPath path, JsonValue value) ->
                new FieldOperation.Set(rest, value);
            case FieldOperation.Erase erase -> new FieldOperation.Erase(rest);
          });
    }
    return inner;
  }
}
