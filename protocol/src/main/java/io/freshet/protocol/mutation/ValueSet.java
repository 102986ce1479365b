// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Distinct values, in the order in which they were given. Every comparison counts as work of the
/// draft, so that values made to collide reach the limit of the write and not a second's time.
final class ValueSet {
  private final Draft draft;
  private final @Nullable JsonValue[] values;
  private final long[] hashes;

  /// Numbers of values, from 1; 0 is free.
  private final int[] slots;

  private int size;

  ValueSet(List<JsonValue> source, Draft draft) {
    this.draft = draft;
    this.values = new JsonValue[source.size()];
    this.hashes = new long[source.size()];
    this.slots = new int[Math.max(2, Integer.highestOneBit(source.size()) * 4)];
    for (JsonValue value : source) {
      draft.countReading(value);
      add(value);
    }
  }

  private void add(JsonValue value) {
    long hash = hash(value);
    int slot = slot(value, hash);
    if (slots[slot] == 0) {
      values[size] = value;
      hashes[size] = hash;
      slots[slot] = ++size;
    }
  }

  /// The slot that holds an equal value, or the free one where it would stand.
  private int slot(JsonValue value, long hash) {
    int slot = (int) (hash >>> 32) & (slots.length - 1);
    while (slots[slot] != 0) {
      int number = slots[slot] - 1;
      if (hashes[number] == hash && isEqual(value, number)) {
        return slot;
      }
      draft.countWork(1);
      slot = (slot + 1) & (slots.length - 1);
    }
    return slot;
  }

  /// A value that was removed keeps its slot, where others may have walked past.
  private boolean isEqual(JsonValue value, int number) {
    JsonValue present = values[number];
    draft.countReading(value);
    return present != null && present.equals(value);
  }

  boolean contains(JsonValue value) {
    return number(value) != 0;
  }

  void remove(JsonValue value) {
    int number = number(value);
    if (number != 0) {
      values[number - 1] = null;
    }
  }

  /// The number of the equal value; 0 if there is none. A single one is not worth hashing for.
  private int number(JsonValue value) {
    return switch (size) {
      case 0 -> 0;
      case 1 -> value.equals(values[0]) ? 1 : 0;
      default -> slots[slot(value, hash(value))];
    };
  }

  /// Those not removed.
  List<JsonValue> values() {
    var left = new ArrayList<JsonValue>();
    for (int i = 0; i < size; i++) {
      JsonValue value = values[i];
      if (value != null) {
        left.add(value);
      }
    }
    return left;
  }

  /// Equal values have equal hashes. Better spread than [Object#hashCode] of the values, which adds
  /// up members: the points of a grid would share a few.
  private static long hash(JsonValue value) {
    return switch (value) {
      case JsonNull nothing -> 0x1B873593;
      case JsonBoolean bool -> bool == JsonBoolean.TRUE ? 0x2545F491 : 0x4F6CDD1D;
      case JsonNumber number ->
          mixed(1 + (number.isLong() ? number.longValue() : number.hashCode()));
      case JsonString string -> mixed(0x200000000L + string.value().hashCode());
      case JsonArray array -> {
        long hash = 0x3000000000L;
        for (JsonValue element : array) {
          hash = mixed(hash + hash(element));
        }
        yield hash;
      }
      case JsonObject object -> {
        long[] sum = {0x4000000000L};
        object.forEach(
            (key, member) -> sum[0] += mixed(key.hashCode() * 0x9E3779B97F4A7C15L + hash(member)));
        yield mixed(sum[0]);
      }
    };
  }

  private static long mixed(long bits) {
    long hash = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
    hash = (hash ^ hash >>> 27) * 0x94D049BB133111EBL;
    return hash ^ hash >>> 31;
  }
}
