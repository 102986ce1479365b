// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.gate;

import io.freshet.protocol.EventId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How far each log has been seen: the last event of each, told apart by the tag every id carries.
///
/// Threading: one thread at a time.
public final class Positions {
  private final Map<Integer, EventId> byTag = new HashMap<>(2);

  public Positions() {}

  public Positions(List<EventId> ids) {
    ids.forEach(this::advance);
  }

  /// The last event seen of the log of this one; null if none was.
  public @Nullable EventId find(EventId id) {
    return byTag.get(id.tag());
  }

  /// Goes on to an event; nothing happens if that one has been seen.
  public void advance(EventId id) {
    EventId known = byTag.get(id.tag());
    if (known == null || id.compareTo(known) > 0) {
      byTag.put(id.tag(), id);
    }
  }

  /// Whether the event has been seen.
  public boolean covers(EventId id) {
    EventId known = byTag.get(id.tag());
    return known != null && id.compareTo(known) <= 0;
  }

  /// In no order.
  public List<EventId> ids() {
    return List.copyOf(byTag.values());
  }

  public Positions copy() {
    return new Positions(ids());
  }

  /// Whether a change at this offset of some log may not have been seen.
  public boolean mayMiss(long offset) {
    for (EventId each : byTag.values()) {
      if (offset > each.offset()) {
        return true;
      }
    }
    return byTag.isEmpty();
  }
}
