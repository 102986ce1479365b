// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// A JSON object with structural sharing. Up to [#SMALL_MAX] members it keeps insertion order in
/// flat arrays whose keys are shared between versions; above that, members live in hash buckets, so
/// that replacing or adding one copies a bucket, not the object, and order is no longer kept (key
/// order has no meaning in JSON).
public abstract sealed class JsonObject implements JsonValue
    permits SmallObject, LargeObject, UnreadObject {

  /// Largest number of members kept in insertion order.
  public static final int SMALL_MAX = 128;

  private final int encodedBytes;

  JsonObject(int encodedBytes) {
    this.encodedBytes = encodedBytes;
  }

  /// The object without members. A method, because a constant here would need the subclass first.
  public static JsonObject empty() {
    return SmallObject.NONE;
  }

  /// The object with this one member.
  public static JsonObject of(String key, JsonValue value) {
    return empty().with(key, value);
  }

  /// An object given as its canonical encoding ([Json#encode]), which is read when it is first
  /// looked into: passing it on costs nothing. Anything else fails then.
  ///
  /// @param canonical taken over
  public static JsonObject unread(byte[] canonical) {
    return new UnreadObject(canonical);
  }

  /// The same object, as a tree.
  JsonObject read() {
    return this;
  }

  /// Direct members.
  public abstract int size();

  public abstract @Nullable JsonValue get(String key);

  /// This object with the member added or replaced.
  public abstract JsonObject with(String key, JsonValue value);

  /// This object without the member; itself when it has none of that name.
  public abstract JsonObject without(String key);

  public abstract void forEach(BiConsumer<String, JsonValue> action);

  /// Takes the two values of a member, null where there is none.
  @FunctionalInterface
  public interface MemberPair {
    void accept(String key, @Nullable JsonValue mine, @Nullable JsonValue other);
  }

  /// Hands over every member that is not the same instance in both; they may be equal all the same.
  /// What two versions of one object share is passed over without going through its members.
  @SuppressWarnings("ReferenceEquality") // sharing is what is asked about
  public final void forEachDifference(JsonObject other, MemberPair action) {
    if (this == other) {
      return;
    }
    if (read() instanceof SmallObject mine && other.read() instanceof SmallObject others) {
      mine.compare(others, action);
    } else if (!(read() instanceof LargeObject mine
        && other.read() instanceof LargeObject others
        && mine.compareBuckets(others, action))) {
      compareMembers(other, action);
    }
  }

  private void compareMembers(JsonObject other, MemberPair action) {
    forEach((key, mine) -> handOver(key, mine, other.get(key), action));
    other.forEach((key, others) -> {
      if (get(key) == null) {
        action.accept(key, null, others);
      }
    });
  }

  @SuppressWarnings("ReferenceEquality") // sharing is what is asked about
  static void handOver(String key, JsonValue mine, @Nullable JsonValue other, MemberPair action) {
    if (mine != other) {
      action.accept(key, mine, other);
    }
  }

  /// Bytes of the canonical encoding that one member takes, without the comma.
  static int memberBytes(String key, JsonValue value) {
    return JsonText.encodedBytes(key) + 1 + value.encodedBytes();
  }

  @Override
  public final int encodedBytes() {
    return encodedBytes;
  }

  @Override
  public final int depth() {
    int[] deepest = {0};
    forEach((key, value) -> deepest[0] = Math.max(deepest[0], value.depth()));
    return deepest[0] + 1;
  }

  @Override
  public final boolean equals(Object other) {
    if (this == other) {
      return true;
    }
    if (!(other instanceof JsonObject that)
        || size() != that.size()
        || members() != that.members()) {
      return false;
    }
    boolean[] equal = {true};
    forEach((key, value) -> equal[0] = equal[0] && value.equals(that.get(key)));
    return equal[0];
  }

  @Override
  public final int hashCode() {
    int[] hash = {0};
    forEach((key, value) -> hash[0] += key.hashCode() * 31 ^ value.hashCode());
    return hash[0];
  }

  @Override
  public final String toString() {
    return Json.text(this);
  }
}
