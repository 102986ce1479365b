// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Many changes of one object, for the price of one copy: [JsonObject#with] copies a part of a
/// large object each time. Not safe to share between threads.
public final class ObjectEditor {
  private JsonObject object;

  /// The members while they are large and have been changed; `object` is out of date then.
  private JsonObject @Nullable [] buckets;

  private int level;
  private int size;
  private int bareBytes;
  private int members;

  public ObjectEditor(JsonObject object) {
    this.object = object;
  }

  public @Nullable JsonValue get(String key) {
    JsonObject[] open = buckets;
    return open == null
        ? object.get(key)
        : open[LargeObject.slot(key, level, open.length)].get(key);
  }

  /// Adds or replaces a member.
  public void put(String key, JsonValue value) {
    JsonObject[] open = opened();
    if (open == null) {
      object = object.with(key, value);
      return;
    }
    int slot = LargeObject.slot(key, level, open.length);
    set(open, slot, LargeObject.put(open[slot], key, value, level));
    if (LargeObject.isFull(size, open.length)) {
      object = LargeObject.filled(object(), level);
      buckets = null;
    }
  }

  /// Removes a member if there is one of that name.
  public void remove(String key) {
    JsonObject[] open = opened();
    if (open == null) {
      object = object.without(key);
      return;
    }
    int slot = LargeObject.slot(key, level, open.length);
    set(open, slot, open[slot].without(key));
  }

  /// The buckets of an object that has them, as a copy that may be written.
  private JsonObject @Nullable [] opened() {
    if (buckets == null && object.read() instanceof LargeObject large) {
      buckets = large.buckets().clone();
      level = large.level();
      size = large.size();
      bareBytes = LargeObject.bare(large);
      members = large.members();
    }
    return buckets;
  }

  private void set(JsonObject[] open, int slot, JsonObject next) {
    JsonObject old = open[slot];
    open[slot] = next;
    size += next.size() - old.size();
    bareBytes += LargeObject.bare(next) - LargeObject.bare(old);
    members += next.members() - old.members();
  }

  /// The object with all changes so far; the one given when there were none. The editor may be used
  /// on.
  public JsonObject object() {
    if (buckets != null) {
      object = LargeObject.of(buckets, size, level, bareBytes, members);
      buckets = null;
    }
    return object;
  }

  @Override
  public String toString() {
    return Objects.toString(object());
  }
}
