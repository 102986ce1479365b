// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.gate;

import io.freshet.engine.command.Interest;
import java.util.HashMap;
import java.util.Map;

/// How many subscriptions of a session need each interest to be followed.
///
/// Threading: confined to one event loop.
public final class Follows {
  private final Map<Interest, Integer> counts = new HashMap<>(2);

  public void add(Interest interest) {
    counts.merge(interest, 1, Integer::sum);
  }

  /// @return whether nobody needs it any more
  public boolean remove(Interest interest) {
    return counts.computeIfPresent(interest, (each, count) -> count == 1 ? null : count - 1)
        == null;
  }

  public Iterable<Interest> all() {
    return counts.keySet();
  }
}
