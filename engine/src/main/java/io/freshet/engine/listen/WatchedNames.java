// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

import io.freshet.protocol.DocumentKey;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A set of names in the order they were added, at 10 to 25 bytes a name, that can be walked in
/// slices while names come and go.
///
/// Names stand in [#slots]; a removed one leaves a hole. [#table] finds them by hash (linear
/// probing, never more than half full). When the slots are used up, or nearly all holes, both are
/// built anew without the holes. The hash has a secret, because names come from clients.
final class WatchedNames {
  private static final int CAPACITY_MIN = 16;

  private final long secret;
  private final List<Walk> walks = new ArrayList<>();
  private @Nullable DocumentKey[] slots = new DocumentKey[CAPACITY_MIN];

  /// 0: free; otherwise the slot plus one. A slot that is a hole keeps its entry here, so that
  /// probing goes on past it.
  private int[] table = new int[2 * CAPACITY_MIN];

  private int used;
  private int size;

  WatchedNames(long secret) {
    this.secret = secret;
  }

  int size() {
    return size;
  }

  boolean contains(DocumentKey key) {
    return find(key, hash(key)) >= 0;
  }

  /// @return false when it was there already
  boolean add(DocumentKey key) {
    int hash = hash(key);
    if (find(key, hash) >= 0) {
      return false;
    }
    if (used == slots.length) {
      rebuild(size > slots.length / 2 ? slots.length * 2 : slots.length);
    }
    slots[used] = key;
    link(hash, used);
    used++;
    size++;
    return true;
  }

  /// @return false when it was not there
  boolean remove(DocumentKey key) {
    int slot = find(key, hash(key));
    if (slot < 0) {
      return false;
    }
    slots[slot] = null;
    size--;
    if (slots.length > CAPACITY_MIN && size < slots.length / 8) {
      rebuild(slots.length / 4);
    }
    return true;
  }

  /// Most places looked at for a name that is not there.
  int longestProbe() {
    int longest = 0;
    int length = 0;
    for (int at = 0; at < 2 * table.length; at++) {
      length = table[at & (table.length - 1)] == 0 ? 0 : length + 1;
      longest = Math.max(longest, length);
    }
    return longest;
  }

  List<DocumentKey> toList() {
    var list = new ArrayList<DocumentKey>(size);
    for (int i = 0; i < used; i++) {
      DocumentKey key = slots[i];
      if (key != null) {
        list.add(key);
      }
    }
    return list;
  }

  /// Starts a walk over the names that are in the set now. It skips those removed before it reaches
  /// them, also when they have been added again since. To be closed.
  Walk walk() {
    var walk = new Walk(used);
    walks.add(walk);
    return walk;
  }

  private int find(DocumentKey key, int hash) {
    int mask = table.length - 1;
    for (int at = hash & mask; table[at] != 0; at = (at + 1) & mask) {
      if (key.equals(slots[table[at] - 1])) {
        return table[at] - 1;
      }
    }
    return -1;
  }

  private void link(int hash, int slot) {
    int mask = table.length - 1;
    int at = hash & mask;
    while (table[at] != 0) {
      at = (at + 1) & mask;
    }
    table[at] = slot + 1;
  }

  private void rebuild(int capacity) {
    @Nullable DocumentKey[] old = slots;
    var moved = walks.isEmpty() ? null : new int[used + 1];
    slots = new DocumentKey[capacity];
    table = new int[2 * capacity];
    int to = 0;
    for (int from = 0; from < used; from++) {
      if (moved != null) {
        moved[from] = to;
      }
      DocumentKey key = old[from];
      if (key != null) {
        slots[to] = key;
        link(hash(key), to++);
      }
    }
    if (moved != null) {
      moved[used] = to;
      walks.forEach(walk -> walk.move(moved));
    }
    used = to;
  }

  private int hash(DocumentKey key) {
    long hash = mixed(secret, key.collection());
    hash = mixed(hash ^ '/', key.id());
    return (int) (hash >>> 32);
  }

  private static long mixed(long seed, String text) {
    long hash = seed;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x9E3779B97F4A7C15L;
      hash ^= hash >>> 29;
    }
    return hash;
  }

  /// A place in the set.
  final class Walk {
    private int at;
    private int end;

    private Walk(int end) {
      this.end = end;
    }

    /// The next name, or null at the end.
    @Nullable DocumentKey next() {
      while (at < end) {
        DocumentKey key = slots[at++];
        if (key != null) {
          return key;
        }
      }
      return null;
    }

    private void move(int[] moved) {
      at = moved[at];
      end = moved[end];
    }

    void close() {
      walks.remove(this);
    }
  }
}
