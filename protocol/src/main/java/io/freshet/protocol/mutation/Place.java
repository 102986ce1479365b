// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.PathToken;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where a path leads in one state of a document.
///
/// @param tokens its steps, as keys or places by what is there; keys where nothing is
/// @param present how many of the steps exist
/// @param parent the container that holds the last step, null unless all before it exist
/// @param value what is there; null when the last step does not exist
/// @param beyond whether the first missing step is a place with a gap before it
record Place(
    FieldPath path,
    List<PathToken> tokens,
    int present,
    @Nullable JsonValue parent,
    @Nullable JsonValue value,
    boolean beyond) {
  private static final int PLACE_DIGITS_MAX = 9;
  static final String END = "-";

  /// @throws io.freshet.protocol.error.FreshetException `TYPE_MISMATCH` for a way through something
  ///   that has no members, or a name on an array
  static Place of(JsonValue root, FieldPath path) {
    List<String> segments = path.segments();
    var tokens = new ArrayList<PathToken>(segments.size());
    JsonValue parent = null;
    JsonValue node = root;
    boolean beyond = false;
    int present = 0;
    for (String segment : segments) {
      if (node == null) {
        tokens.add(new PathToken.Key(segment));
        parent = null;
        continue;
      }
      parent = node;
      PathToken token = token(node, segment, path, tokens.size());
      tokens.add(token);
      node = child(node, token);
      present += node == null ? 0 : 1;
      beyond = parent instanceof JsonArray array && isBeyond(array, token);
    }
    return new Place(path, tokens, present, parent, node, beyond);
  }

  /// The value there; null when there is none, whatever stands on the way.
  static @Nullable JsonValue find(JsonValue root, FieldPath path) {
    JsonValue node = root;
    for (String segment : path.segments()) {
      node =
          switch (node) {
            case JsonObject object -> object.get(segment);
            case JsonArray array -> {
              int index = index(array, segment);
              yield index >= 0 && index < array.size() ? array.get(index) : null;
            }
            case JsonValue scalar -> null;
          };
      if (node == null) {
        return null;
      }
    }
    return node;
  }

  private static PathToken token(JsonValue container, String segment, FieldPath path, int at) {
    return switch (container) {
      case JsonObject object -> new PathToken.Key(segment);
      case JsonArray array -> {
        int index = index(array, segment);
        if (index < 0) {
          throw Kinds.mismatch(
              named(path, at) + " is an array and has no member " + Quoted.of(segment));
        }
        yield new PathToken.Index(index);
      }
      case JsonValue scalar ->
          throw Kinds.mismatch(
              named(path, at)
                  + " is "
                  + Kinds.name(scalar)
                  + " and has no member "
                  + Quoted.of(segment));
    };
  }

  private static String named(FieldPath path, int steps) {
    return steps == 0
        ? "The document"
        : "The field " + Quoted.of(new FieldPath(path.segments().subList(0, steps)));
  }

  /// The place a segment names in that array, or -1. Digits too long to be one are far beyond.
  private static int index(JsonArray array, String segment) {
    if (segment.equals(END)) {
      return array.size();
    }
    if (!isIndex(segment)) {
      return -1;
    }
    return segment.length() > PLACE_DIGITS_MAX ? Integer.MAX_VALUE : Integer.parseInt(segment);
  }

  /// Whether it is spelled as a place: digits without leading zeros.
  static boolean isIndex(String segment) {
    if (segment.isEmpty() || segment.length() > 1 && segment.charAt(0) == '0') {
      return false;
    }
    for (int i = 0; i < segment.length(); i++) {
      if (segment.charAt(i) < '0' || segment.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  private static @Nullable JsonValue child(JsonValue container, PathToken token) {
    return switch (container) {
      case JsonObject object -> token instanceof PathToken.Key(String key) ? object.get(key) : null;
      case JsonArray array ->
          token instanceof PathToken.Index(int index) && index < array.size()
              ? array.get(index)
              : null;
      case JsonValue scalar -> null;
    };
  }

  private static boolean isBeyond(JsonArray array, PathToken token) {
    return token instanceof PathToken.Index(int index) && index > array.size();
  }

  boolean exists() {
    return present == tokens.size();
  }

  /// The steps to the container that holds the last one.
  List<PathToken> parentTokens() {
    return tokens.subList(0, tokens.size() - 1);
  }

  /// The place in the array [#parent].
  int index() {
    return tokens.getLast() instanceof PathToken.Index(int index) ? index : -1;
  }
}
