// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The members of an object that is being read: a key, its value, the next key and so on.
final class Members {
  private static final int KEY_BYTES_MAX = 1024;

  /// Up to here duplicates are found by comparing; above, with a set.
  private static final int COMPARE_MAX = 12;

  private String[] keys = new String[4];
  private JsonValue[] values = new JsonValue[4];
  private @Nullable Set<String> seen;
  private int size;
  private int encodedBytes = 1;
  private int members;

  /// @param keyBytes length of its canonical encoding, quotes included
  /// @throws FreshetException `FORBIDDEN_KEY`, or `INVALID_ARGUMENT` when it is too long
  /// @return false when the object has that key already
  boolean addKey(String key, int keyBytes) {
    if (key.equals("__proto__")) {
      throw new FreshetException(
          ErrorCode.FORBIDDEN_KEY, "The key \"__proto__\" is not allowed; rename it");
    }
    if (keyBytes > KEY_BYTES_MAX && key.getBytes(StandardCharsets.UTF_8).length > KEY_BYTES_MAX) {
      throw new FreshetException(
          ErrorCode.INVALID_ARGUMENT, "A key is longer than " + KEY_BYTES_MAX + " bytes");
    }
    if (!isNew(key)) {
      return false;
    }
    if (size == keys.length) {
      keys = Arrays.copyOf(keys, 2 * size);
      values = Arrays.copyOf(values, 2 * size);
    }
    keys[size] = key;
    encodedBytes += keyBytes + 1;
    return true;
  }

  private boolean isNew(String key) {
    if (size == COMPARE_MAX) {
      seen = new HashSet<>(Arrays.asList(keys).subList(0, size));
    }
    if (seen != null) {
      return seen.add(key);
    }
    int hash = key.hashCode();
    for (int i = 0; i < size; i++) {
      if (keys[i].hashCode() == hash && keys[i].equals(key)) {
        return false;
      }
    }
    return true;
  }

  void addValue(JsonValue value) {
    values[size++] = value;
    encodedBytes += value.encodedBytes() + 1;
    members += value.members() + 1;
  }

  /// The object. There is at least one member.
  JsonObject build() {
    boolean full = size == keys.length;
    SmallObject flat =
        SmallObject.own(
            full ? keys : Arrays.copyOf(keys, size),
            full ? values : Arrays.copyOf(values, size),
            encodedBytes,
            members);
    return size <= JsonObject.SMALL_MAX ? flat : LargeObject.of(flat);
  }
}
