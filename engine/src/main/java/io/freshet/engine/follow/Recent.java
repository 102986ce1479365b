// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.follow;

import io.freshet.protocol.Change;
import io.freshet.protocol.json.JsonValue;
import org.jspecify.annotations.Nullable;

/// The newest changes of one log without a gap, as many as the bounds allow.
///
/// Threading: the engine's thread only.
final class Recent {
  /// What a change takes besides its data, roughly, in bytes.
  private static final long CHANGE_BYTES = 300;

  private final FollowOptions options;

  /// The change at offset `o` stands at `o` modulo the length; the others are null.
  private @Nullable Change[] ring = new @Nullable Change[64];

  private long first = 1;
  private long next = 1;
  private long bytes;

  Recent(FollowOptions options) {
    this.options = options;
  }

  /// Takes the newest change. After a gap, or with a new epoch, the older ones go.
  void add(Change change) {
    long offset = change.position().offset();
    boolean follows =
        holds(offset - 1) && get(offset - 1).position().epoch() == change.position().epoch();
    if (!follows) {
      clear(offset);
    }
    if (next - first == ring.length) {
      grow();
    }
    ring[place(offset)] = change;
    next++;
    bytes += bytesOf(change);
    while (next - first > options.recentChangesMax() || bytes > options.recentBytesMax()) {
      bytes -= bytesOf(get(first));
      ring[place(first)] = null;
      first++;
    }
  }

  private void clear(long offset) {
    for (; first < next; first++) {
      ring[place(first)] = null;
    }
    first = offset;
    next = offset;
    bytes = 0;
  }

  private void grow() {
    var larger = new @Nullable Change[ring.length * 2];
    for (long offset = first; offset < next; offset++) {
      larger[(int) (offset % larger.length)] = get(offset);
    }
    ring = larger;
  }

  private int place(long offset) {
    return (int) (offset % ring.length);
  }

  /// Whether this change is here, and with it all that came after it.
  boolean holds(long offset) {
    return offset >= first && offset < next;
  }

  /// One that it [#holds].
  Change get(long offset) {
    Change change = ring[place(offset)];
    if (change == null) {
      throw new IllegalStateException("change " + offset + " is not held");
    }
    return change;
  }

  private static long bytesOf(Change change) {
    JsonValue data = change.after().data();
    return CHANGE_BYTES + 2L * data.encodedBytes() + 32L * data.members();
  }
}
