// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.json.ObjectEditor;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.PathToken;
import io.freshet.protocol.path.RecordPath;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One merge on its way through a patch: what has been edited so far, and where it is.
final class Merging {
  /// Up to here the members changed in one object are edits of their own; when there are more, and
  /// more than half of the object, the object is one edit.
  private static final int MEMBERS_MAX = 64;

  private final MergePatch.Nulls nulls;
  private final List<PathToken> at;
  private final int depth;
  private final List<FieldOperation> operations = new ArrayList<>();

  /// @param at the place of the object that is merged into
  Merging(MergePatch.Nulls nulls, List<PathToken> at) {
    this.nulls = nulls;
    this.at = new ArrayList<>(at);
    this.depth = at.size();
  }

  List<FieldOperation> operations() {
    return operations;
  }

  /// The object with the patch merged in; itself when that changes nothing.
  JsonObject merge(JsonObject target, JsonObject patch) {
    int mark = operations.size();
    var editor = new ObjectEditor(target);
    patch.forEach((key, value) -> {
      at.add(new PathToken.Key(key));
      merge(editor, key, target.get(key), value);
      at.removeLast();
    });
    JsonObject result = editor.object();
    int edits = operations.size() - mark;
    if (at.size() > depth && edits > MEMBERS_MAX && 2 * edits > result.size()) {
      operations.subList(mark, operations.size()).clear();
      operations.add(new FieldOperation.Set(new RecordPath(at), result));
    }
    return result;
  }

  private void merge(ObjectEditor editor, String key, @Nullable JsonValue old, JsonValue patch) {
    if (patch == JsonNull.NULL && nulls == MergePatch.Nulls.DELETE) {
      if (old != null) {
        operations.add(new FieldOperation.Erase(new RecordPath(at)));
        editor.remove(key);
      }
    } else if (old instanceof JsonObject member && patch instanceof JsonObject inner) {
      JsonObject merged = merge(member, inner);
      if (!isSame(merged, member)) {
        editor.put(key, merged);
      }
    } else {
      JsonValue value =
          nulls == MergePatch.Nulls.DELETE && patch instanceof JsonObject object
              ? withoutNulls(object)
              : patch;
      if (!value.equals(old)) {
        operations.add(new FieldOperation.Set(new RecordPath(at), value));
        editor.put(key, value);
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // a merge that changes nothing gives the object back
  private static boolean isSame(JsonObject one, JsonObject other) {
    return one == other;
  }

  /// The object without `null` members, inner objects likewise; arrays are left as they are.
  static JsonObject withoutNulls(JsonObject object) {
    var editor = new ObjectEditor(object);
    object.forEach((key, member) -> {
      if (member == JsonNull.NULL) {
        editor.remove(key);
      } else if (member instanceof JsonObject inner) {
        JsonObject kept = withoutNulls(inner);
        if (!isSame(kept, inner)) {
          editor.put(key, kept);
        }
      }
    });
    return editor.object();
  }
}
