// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.server.sync.Delivery.Subject;
import java.util.Iterator;
import java.util.LinkedHashMap;

/// What is held back for a receiver: of each document only the newest state, in the order of the
/// newest changes. Nobody's last state is lost, and what waits is bounded by the number of
/// documents rather than of changes.
///
/// Threading: confined to one event loop.
final class NewestStates {
  private final LinkedHashMap<Subject, Held> held = new LinkedHashMap<>();
  private long bytes;

  /// @param skipped changes it stands for that are never told
  private record Held(Delivery delivery, int skipped) {}

  boolean isEmpty() {
    return held.isEmpty();
  }

  int size() {
    return held.size();
  }

  /// Roughly what it keeps in memory.
  long bytes() {
    return bytes;
  }

  void put(Delivery delivery) {
    Held older = held.remove(delivery.subject());
    if (older != null) {
      bytes -= older.delivery.heldBytes();
    }
    held.put(delivery.subject(), new Held(delivery, older == null ? 0 : older.skipped + 1));
    bytes += delivery.heldBytes();
  }

  /// Takes the oldest of what is held out, as a frame.
  ///
  /// @param skippedEvents told how many events it stands for
  byte[] take(JsonOutput scratch, java.util.function.LongConsumer skippedEvents) {
    Iterator<Held> all = held.values().iterator();
    Held oldest = all.next();
    all.remove();
    bytes -= oldest.delivery.heldBytes();
    if (oldest.skipped == 0) {
      return oldest.delivery.frame(scratch);
    }
    skippedEvents.accept(oldest.skipped);
    return oldest.delivery.resyncFrame(scratch);
  }
}
