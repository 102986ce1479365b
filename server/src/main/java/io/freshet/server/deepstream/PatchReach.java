// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.PathToken;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How far along a path the official JavaScript client and the server agree on what a patch does.
///
/// They disagree in three places: an element put beyond the end of an array leaves holes in the
/// client's array where the document has null; an erased element leaves a hole; and an erasure
/// whose containers are missing makes them here, while the client is to be told with a value what
/// they look like. There the patch has to put the container.
final class PatchReach {
  private PatchReach() {}

  /// @param state the document the patch is applied to
  /// @param erases whether the last step is removed instead of put
  /// @return how many steps of the path may be patched: all of them, or those up to the container
  ///   that has to be put whole
  static int of(JsonValue state, List<PathToken> path, boolean erases) {
    JsonValue node = state;
    for (int i = 0; i < path.size(); i++) {
      boolean last = i == path.size() - 1;
      @Nullable JsonValue child;
      if (node instanceof JsonArray array) {
        int place = place(path.get(i));
        if (place > array.size() || (last && erases)) {
          return i;
        }
        child = place >= 0 && place < array.size() ? array.get(place) : null;
      } else if (node instanceof JsonObject object) {
        child = object.get(name(path.get(i)));
      } else {
        return i;
      }
      if (!last && (child == null || !child.isContainer())) {
        return erases ? i + 1 : path.size();
      }
      node = child == null ? state : child;
    }
    return path.size();
  }

  private static int place(PathToken token) {
    return switch (token) {
      case PathToken.Index(int place) -> place;
      case PathToken.Key(String name) -> digits(name);
    };
  }

  private static int digits(String name) {
    try {
      return Integer.parseInt(name);
    } catch (NumberFormatException _) {
      return -1;
    }
  }

  private static String name(PathToken token) {
    return switch (token) {
      case PathToken.Index(int place) -> Integer.toString(place);
      case PathToken.Key(String name) -> name;
    };
  }
}
