// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import java.util.Arrays;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Members in insertion order. Replacing a value shares the keys with the version before.
final class SmallObject extends JsonObject {
  static final SmallObject NONE = new SmallObject(new String[0], new JsonValue[0], 2, 0);

  private final String[] keys;
  private final JsonValue[] values;
  private final int members;

  private SmallObject(String[] keys, JsonValue[] values, int encodedBytes, int members) {
    super(encodedBytes);
    this.members = members;
    this.keys = keys;
    this.values = values;
  }

  /// Takes the arrays over. Keys are distinct; the sums are those of the members.
  static SmallObject own(String[] keys, JsonValue[] values, int encodedBytes, int members) {
    return new SmallObject(keys, values, encodedBytes, members);
  }

  @Override
  public int members() {
    return members;
  }

  @Override
  public int size() {
    return keys.length;
  }

  /// Not to be changed.
  JsonValue[] values() {
    return values;
  }

  private int indexOf(String key) {
    int hash = key.hashCode();
    for (int i = 0; i < keys.length; i++) {
      String candidate = keys[i];
      if (candidate.hashCode() == hash && candidate.equals(key)) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public @Nullable JsonValue get(String key) {
    int index = indexOf(key);
    return index < 0 ? null : values[index];
  }

  @Override
  public JsonObject with(String key, JsonValue value) {
    return keys.length == SMALL_MAX && indexOf(key) < 0
        ? LargeObject.of(this).with(key, value)
        : withAnySize(key, value);
  }

  /// [#with] that stays small: for the last level of a large object.
  SmallObject withAnySize(String key, JsonValue value) {
    int index = indexOf(key);
    if (index < 0) {
      return append(key, value);
    }
    JsonValue old = values[index];
    JsonValue[] newValues = values.clone();
    newValues[index] = value;
    return new SmallObject(
        keys,
        newValues,
        encodedBytes() - old.encodedBytes() + value.encodedBytes(),
        members() - old.members() + value.members());
  }

  private SmallObject append(String key, JsonValue value) {
    int size = keys.length;
    String[] newKeys = Arrays.copyOf(keys, size + 1);
    JsonValue[] newValues = Arrays.copyOf(values, size + 1);
    newKeys[size] = key;
    newValues[size] = value;
    return new SmallObject(
        newKeys,
        newValues,
        encodedBytes() + (size == 0 ? 0 : 1) + memberBytes(key, value),
        members() + 1 + value.members());
  }

  @Override
  public JsonObject without(String key) {
    int index = indexOf(key);
    if (index < 0) {
      return this;
    }
    int size = keys.length;
    String[] newKeys = new String[size - 1];
    JsonValue[] newValues = new JsonValue[size - 1];
    System.arraycopy(keys, 0, newKeys, 0, index);
    System.arraycopy(values, 0, newValues, 0, index);
    System.arraycopy(keys, index + 1, newKeys, index, size - index - 1);
    System.arraycopy(values, index + 1, newValues, index, size - index - 1);
    JsonValue old = values[index];
    return new SmallObject(
        newKeys,
        newValues,
        encodedBytes() - (size == 1 ? 0 : 1) - memberBytes(key, old),
        members() - 1 - old.members());
  }

  /// Versions of one object mostly have the same keys, and at the same places: each is looked for
  /// where the one before it was found.
  @SuppressWarnings("ReferenceEquality") // versions share the array of keys
  void compare(SmallObject other, MemberPair action) {
    boolean sameKeys = keys == other.keys;
    int found = 0;
    int guess = 0;
    for (int i = 0; i < keys.length; i++) {
      boolean guessed = sameKeys || guess < other.keys.length && other.keys[guess].equals(keys[i]);
      int place = guessed ? guess : other.indexOf(keys[i]);
      if (place >= 0) {
        found++;
        guess = place + 1;
      }
      handOver(keys[i], values[i], place < 0 ? null : other.values[place], action);
    }
    for (int i = 0; found < other.keys.length && i < other.keys.length; i++) {
      if (indexOf(other.keys[i]) < 0) {
        found++;
        action.accept(other.keys[i], null, other.values[i]);
      }
    }
  }

  @Override
  public void forEach(BiConsumer<String, JsonValue> action) {
    for (int i = 0; i < keys.length; i++) {
      action.accept(keys[i], values[i]);
    }
  }
}
