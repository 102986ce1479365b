// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import java.util.Arrays;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Members in hash buckets, each bucket a [SmallObject] of about [#BUCKET_TARGET] members. A change
/// copies one bucket and the array of buckets. The number of buckets doubles when they fill up, so
/// an overfull bucket can only come from colliding hashes; it then nests a further large object
/// with another view of the hash, which bounds the work a crafted set of keys can cause.
final class LargeObject extends JsonObject {
  private static final int BUCKET_TARGET = 24;
  private static final int NESTING_MAX = 6;

  private final JsonObject[] buckets;
  private final int size;
  private final int level;
  private final int members;

  private LargeObject(JsonObject[] buckets, int size, int level, int encodedBytes, int members) {
    super(encodedBytes);
    this.members = members;
    this.buckets = buckets;
    this.size = size;
    this.level = level;
  }

  static LargeObject of(JsonObject source) {
    return filled(source, 0);
  }

  /// Takes the buckets over.
  ///
  /// @param bareBytes the sum of [#bare] of the buckets
  static LargeObject of(JsonObject[] buckets, int size, int level, int bareBytes, int members) {
    return new LargeObject(buckets, size, level, 2 + commas(size) + bareBytes, members);
  }

  int level() {
    return level;
  }

  /// Not to be changed.
  JsonObject[] buckets() {
    return buckets;
  }

  static LargeObject filled(JsonObject source, int level) {
    int count = Integer.highestOneBit(Math.max(8, source.size() * 2 / BUCKET_TARGET));
    var buckets = new JsonObject[count];
    Arrays.fill(buckets, SmallObject.NONE);
    source.forEach((key, value) -> {
      int slot = slot(key, level, count);
      buckets[slot] = put(buckets[slot], key, value, level);
    });
    return new LargeObject(buckets, source.size(), level, source.encodedBytes(), source.members());
  }

  /// A bucket that outgrows a small object nests one level deeper, with another hash. Keys that
  /// still share a bucket at the last level stay in one flat object, however many they are.
  static JsonObject put(JsonObject bucket, String key, JsonValue value, int level) {
    if (bucket instanceof SmallObject small && level == NESTING_MAX) {
      return small.withAnySize(key, value);
    }
    return bucket instanceof SmallObject && bucket.size() == SMALL_MAX && bucket.get(key) == null
        ? filled(bucket, level + 1).with(key, value)
        : bucket.with(key, value);
  }

  static int slot(String key, int level, int count) {
    int hash = key.hashCode() * 0x9E3779B9 + level * 0x85EBCA6B;
    for (int i = 0; i < level; i++) {
      hash = (hash ^ secondHash(key, i)) * 0xC2B2AE35;
    }
    return (hash ^ hash >>> 15) & (count - 1);
  }

  /// Independent of [String#hashCode], whose collisions are easy to make.
  private static int secondHash(String key, int seed) {
    int hash = 0x811C9DC5 ^ seed;
    for (int i = 0; i < key.length(); i++) {
      hash = (hash ^ key.charAt(i)) * 0x01000193;
    }
    return hash;
  }

  @Override
  public int members() {
    return members;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public @Nullable JsonValue get(String key) {
    return buckets[slot(key, level, buckets.length)].get(key);
  }

  @Override
  public JsonObject with(String key, JsonValue value) {
    if (isFull(size, buckets.length) && get(key) == null) {
      return filled(this, level).with(key, value);
    }
    int slot = slot(key, level, buckets.length);
    JsonObject old = buckets[slot];
    return withBucket(slot, old, put(old, key, value, level));
  }

  /// Whether so many members want more buckets.
  static boolean isFull(int size, int buckets) {
    return size >= buckets * BUCKET_TARGET * 2;
  }

  @Override
  public JsonObject without(String key) {
    int slot = slot(key, level, buckets.length);
    JsonObject old = buckets[slot];
    JsonObject next = old.without(key);
    return next.size() == old.size() ? this : withBucket(slot, old, next);
  }

  /// Buckets carry the sizes: an object's encoding is two braces, the members and the commas
  /// between them, so the difference of two buckets needs only its own commas corrected.
  private JsonObject withBucket(int slot, JsonObject old, JsonObject next) {
    JsonObject[] newBuckets = buckets.clone();
    newBuckets[slot] = next;
    int newSize = size - old.size() + next.size();
    int bytes = encodedBytes() - commas(size) + commas(newSize) - bare(old) + bare(next);
    return new LargeObject(
        newBuckets, newSize, level, bytes, members() - old.members() + next.members());
  }

  private static int commas(int size) {
    return Math.max(0, size - 1);
  }

  /// Bytes of the members alone: without braces and commas.
  static int bare(JsonObject bucket) {
    return bucket.encodedBytes() - 2 - commas(bucket.size());
  }

  /// Compares bucket by bucket, which works while both have as many; false when they have not.
  boolean compareBuckets(LargeObject other, MemberPair action) {
    if (buckets.length != other.buckets.length || level != other.level) {
      return false;
    }
    for (int i = 0; i < buckets.length; i++) {
      buckets[i].forEachDifference(other.buckets[i], action);
    }
    return true;
  }

  @Override
  public void forEach(BiConsumer<String, JsonValue> action) {
    for (JsonObject bucket : buckets) {
      bucket.forEach(action);
    }
  }
}
