// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.EventId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Up to where something has seen each log: the last event of each, told apart by the tag every id
/// carries.
///
/// Threading: guarded by the hub's lock.
final class Positions {
  private final Map<Integer, String> byTag = new LinkedHashMap<>(2);

  Positions(List<String> ids) {
    ids.forEach(this::advance);
  }

  /// Whether the event lies ahead; if so, it is now seen.
  boolean advance(String id) {
    EventId read = EventId.parse(id);
    if (read == null) {
      return true;
    }
    String seen = byTag.get(read.tag());
    if (seen != null && id.compareTo(seen) <= 0) {
      return false;
    }
    byTag.put(read.tag(), id);
    return true;
  }

  List<String> ids() {
    return List.copyOf(byTag.values());
  }
}
