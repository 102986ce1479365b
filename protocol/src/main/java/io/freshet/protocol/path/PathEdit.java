// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.path;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Applies field operations with deepstream's semantics (protocol reference, section 13). The
/// result shares everything off the path with the original.
///
/// On the way to the last step, anything that is not an object or array (null included) is replaced
/// by a new array if the next step is a place and by a new object otherwise.
public final class PathEdit {
  /// Above this many, edits of one object are made together.
  private static final int SINGLY_MAX = 16;

  private PathEdit() {}

  /// @throws FreshetException `TYPE_MISMATCH` for a name on an array, `INVALID_PATH` for a place
  ///   far beyond the end of an array
  public static JsonValue apply(JsonValue root, FieldOperation operation) {
    return switch (operation) {
      case FieldOperation.Set(RecordPath path, JsonValue value) ->
          edit(root, path.tokens(), 0, value);
      case FieldOperation.Erase(RecordPath path) -> edit(root, path.tokens(), 0, null);
    };
  }

  /// Applies all of them in order.
  public static JsonValue applyAll(JsonValue root, List<FieldOperation> operations) {
    if (operations.size() > SINGLY_MAX && root instanceof JsonObject object) {
      return ManyEdits.apply(object, operations);
    }
    JsonValue result = root;
    for (FieldOperation operation : operations) {
      result = apply(result, operation);
    }
    return result;
  }

  /// The value at the path, or null when there is none.
  public static @Nullable JsonValue find(JsonValue root, RecordPath path) {
    JsonValue node = root;
    for (PathToken token : path.tokens()) {
      node =
          switch (node) {
            case JsonObject object -> object.get(keyOf(token));
            case JsonArray array -> element(array, token);
            case JsonValue scalar -> null;
          };
      if (node == null) {
        return null;
      }
    }
    return node;
  }

  private static @Nullable JsonValue element(JsonArray array, PathToken token) {
    int index = indexOf(token);
    return index >= 0 && index < array.size() ? array.get(index) : null;
  }

  /// `value` null means erase.
  private static JsonValue edit(
      JsonValue node, List<PathToken> tokens, int at, @Nullable JsonValue value) {
    return switch (node) {
      case JsonObject object -> editObject(object, tokens, at, value);
      case JsonArray array -> editArray(array, tokens, at, value);
      case JsonValue scalar ->
          throw new FreshetException(
              ErrorCode.TYPE_MISMATCH, "A document must be an object or an array");
    };
  }

  private static JsonValue editObject(
      JsonObject object, List<PathToken> tokens, int at, @Nullable JsonValue value) {
    String key = keyOf(tokens.get(at));
    if (at == tokens.size() - 1) {
      return value == null ? object.without(key) : object.with(key, value);
    }
    JsonValue child = container(object.get(key), tokens.get(at + 1));
    return object.with(key, edit(child, tokens, at + 1, value));
  }

  private static JsonValue editArray(
      JsonArray array, List<PathToken> tokens, int at, @Nullable JsonValue value) {
    int index = indexOf(tokens.get(at));
    if (index < 0) {
      throw new FreshetException(
          ErrorCode.TYPE_MISMATCH,
          "The path names a member \"" + keyOf(tokens.get(at)) + "\" of an array; use a place");
    }
    boolean last = at == tokens.size() - 1;
    if (last && value == null) {
      requireReachable(array, index);
      return index < array.size() ? array.with(index, JsonNull.NULL) : array;
    }
    JsonArray filled = filled(array, index);
    if (last) {
      return filled.with(index, value == null ? JsonNull.NULL : value);
    }
    JsonValue present = index < filled.size() ? filled.get(index) : null;
    return filled.with(index, edit(container(present, tokens.get(at + 1)), tokens, at + 1, value));
  }

  /// The gap between the end of the array and the place becomes null, as it does when JavaScript
  /// serialises a sparse array.
  private static JsonArray filled(JsonArray array, int index) {
    requireReachable(array, index);
    return array.padded(index);
  }

  private static void requireReachable(JsonArray array, int index) {
    if (index > array.size() && index > RecordPath.INDEX_MAX) {
      throw new FreshetException(
          ErrorCode.INVALID_PATH,
          "The path names array place "
              + index
              + "; beyond the end of an array at most "
              + RecordPath.INDEX_MAX
              + " is accepted");
    }
  }

  /// What is there if it can be gone into, or else something new. A new array has the places before
  /// the next step already, also when that step then erases: so do the clients.
  static JsonValue container(@Nullable JsonValue present, PathToken next) {
    if (present != null && present.isContainer()) {
      return present;
    }
    return switch (next) {
      case PathToken.Index(int place) -> filled(JsonArray.EMPTY, place);
      case PathToken.Key key -> JsonObject.empty();
    };
  }

  static String keyOf(PathToken token) {
    return switch (token) {
      case PathToken.Key(String name) -> name;
      case PathToken.Index(int place) -> Integer.toString(place);
    };
  }

  /// The array place a step addresses, or -1: a key does so when it is written like a place.
  private static int indexOf(PathToken token) {
    return switch (token) {
      case PathToken.Index(int place) -> place;
      case PathToken.Key(String name) -> canonicalIndex(name);
    };
  }

  private static int canonicalIndex(String name) {
    if (name.isEmpty() || name.length() > 9 || name.length() > 1 && name.charAt(0) == '0') {
      return -1;
    }
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) < '0' || name.charAt(i) > '9') {
        return -1;
      }
    }
    return Integer.parseInt(name);
  }
}
