// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.stream;

import io.freshet.protocol.EventId;
import java.util.ArrayDeque;

/// Events that were sent and not acknowledged.
///
/// Threading: confined to one event loop.
final class Window {
  private final int eventsMax;
  private final int bytesMax;
  private final ArrayDeque<Sent> sent = new ArrayDeque<>();
  private long bytes;

  private record Sent(EventId id, int bytes) {}

  Window(int eventsMax, int bytesMax) {
    this.eventsMax = eventsMax;
    this.bytesMax = bytesMax;
  }

  /// One event always fits, however large.
  boolean hasRoom() {
    return sent.isEmpty() || sent.size() < eventsMax && bytes < bytesMax;
  }

  void add(EventId id, int eventBytes) {
    sent.add(new Sent(id, eventBytes));
    bytes += eventBytes;
  }

  /// Forgets everything up to an event.
  void acknowledge(EventId id) {
    for (Sent first = sent.peek(); first != null && first.id.compareTo(id) <= 0; ) {
      bytes -= first.bytes;
      sent.remove();
      first = sent.peek();
    }
  }

  boolean isEmpty() {
    return sent.isEmpty();
  }

  int size() {
    return sent.size();
  }
}
