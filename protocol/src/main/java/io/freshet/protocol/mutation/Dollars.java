// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import io.freshet.protocol.json.JsonObject;

/// Which keys of an object begin with `$`.
final class Dollars {
  private Dollars() {}

  static boolean is(String key) {
    return key.startsWith("$");
  }

  private static int count(JsonObject object) {
    int[] count = {0};
    object.forEach((key, value) -> count[0] += is(key) ? 1 : 0);
    return count[0];
  }

  static boolean any(JsonObject object) {
    return count(object) > 0;
  }

  /// At least one, and no other.
  static boolean all(JsonObject object) {
    return object.size() > 0 && count(object) == object.size();
  }
}
