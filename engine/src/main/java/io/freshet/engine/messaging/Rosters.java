// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.messaging;

import io.freshet.spi.Bus.Roster;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which nodes stand for which names, this node included: what the bus has told so far.
final class Rosters {
  private final Map<Roster, Map<String, List<String>>> nodes = new EnumMap<>(Roster.class);

  Rosters() {
    for (Roster roster : Roster.values()) {
      nodes.put(roster, new HashMap<>());
    }
  }

  private Map<String, List<String>> of(Roster roster) {
    Map<String, List<String>> names = nodes.get(roster);
    if (names == null) {
      throw new IllegalStateException("no roster " + roster);
    }
    return names;
  }

  /// @return whether it is the first node that stands for the name
  boolean add(Roster roster, String node, String name) {
    List<String> known = nodes(roster, name);
    if (!known.contains(node)) {
      var more = new ArrayList<>(known);
      more.add(node);
      of(roster).put(name, List.copyOf(more));
    }
    return known.isEmpty();
  }

  /// @return whether it was the last node that stood for the name
  boolean remove(Roster roster, String node, String name) {
    List<String> known = nodes(roster, name);
    if (!known.contains(node)) {
      return false;
    }
    List<String> left = known.stream().filter(each -> !each.equals(node)).toList();
    if (left.isEmpty()) {
      of(roster).remove(name);
    } else {
      of(roster).put(name, left);
    }
    return left.isEmpty();
  }

  /// The nodes that stand for the name.
  List<String> nodes(Roster roster, String name) {
    return of(roster).getOrDefault(name, List.of());
  }

  /// All names somebody stands for, as they change.
  Set<String> names(Roster roster) {
    return Collections.unmodifiableSet(of(roster).keySet());
  }
}
