// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The keys of many objects that are made one after the other, such as the rows of a table: they
/// are checked and measured once, and shared. Immutable.
public final class JsonKeys {
  private final String[] keys;
  private final int[] bytes;

  private JsonKeys(String[] keys, int[] bytes) {
    this.keys = keys;
    this.bytes = bytes;
  }

  /// @param keys each once; their order is the order of the members
  /// @throws IllegalArgumentException if one comes twice or is `__proto__`
  public static JsonKeys of(List<String> keys) {
    if (new HashSet<>(keys).size() < keys.size() || keys.contains("__proto__")) {
      throw new IllegalArgumentException("Not keys of one object: " + keys);
    }
    var bytes = new int[keys.size()];
    Arrays.setAll(bytes, i -> JsonText.encodedBytes(keys.get(i)) + 1);
    return new JsonKeys(keys.toArray(new String[0]), bytes);
  }

  public int size() {
    return keys.length;
  }

  /// The object of these values.
  ///
  /// @param values as many as there are keys, taken over; null where the object lacks that key
  public JsonObject object(@Nullable JsonValue[] values) {
    if (values.length != keys.length) {
      throw new IllegalArgumentException(values.length + " values of " + keys.length + " keys");
    }
    int size = 0;
    int total = 1;
    int members = 0;
    for (int i = 0; i < values.length; i++) {
      JsonValue value = values[i];
      if (value != null) {
        size++;
        total += bytes[i] + value.encodedBytes() + 1;
        members += value.members() + 1;
      }
    }
    if (size == 0) {
      return JsonObject.empty();
    }
    JsonValue[] present = size == values.length ? full(values) : withoutNulls(values, size);
    String[] names = size == values.length ? keys : namesOf(values, size);
    SmallObject flat = SmallObject.own(names, present, total, members);
    return size <= JsonObject.SMALL_MAX ? flat : LargeObject.of(flat);
  }

  @SuppressWarnings("NullAway") // counted: there is no null among them
  private static JsonValue[] full(@Nullable JsonValue[] values) {
    return values;
  }

  private static JsonValue[] withoutNulls(@Nullable JsonValue[] values, int size) {
    var present = new JsonValue[size];
    int to = 0;
    for (JsonValue value : values) {
      if (value != null) {
        present[to++] = value;
      }
    }
    return present;
  }

  private String[] namesOf(@Nullable JsonValue[] values, int size) {
    var names = new String[size];
    int to = 0;
    for (int i = 0; i < values.length; i++) {
      if (values[i] != null) {
        names[to++] = keys[i];
      }
    }
    return names;
  }
}
