// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.messaging;

import io.freshet.engine.feed.Session;
import io.freshet.engine.feed.SessionGroup;
import io.freshet.engine.guard.Standing;
import io.freshet.engine.guard.Standings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Which sessions stand under which name, both ways, so that a session that leaves is found under
/// each of its names.
final class SessionsByName<G extends SessionGroup> {
  private final Supplier<G> newGroup;
  private final Map<String, G> groups = new HashMap<>();
  private final Map<Session, Set<String>> names = new HashMap<>();

  SessionsByName(Supplier<G> newGroup) {
    this.newGroup = newGroup;
  }

  /// The sessions under the name; null when there are none.
  @Nullable G of(String name) {
    return groups.get(name);
  }

  boolean has(String name) {
    return groups.containsKey(name);
  }

  /// @return false when it was there already
  boolean add(String name, Session session) {
    G group = groups.get(name);
    if (group == null) {
      group = newGroup.get();
      groups.put(name, group);
    }
    return group.add(session) && names.computeIfAbsent(session, s -> new HashSet<>()).add(name);
  }

  /// @return false when it was not there
  boolean remove(String name, Session session) {
    Set<String> own = names.get(session);
    if (own == null || !own.remove(name)) {
      return false;
    }
    if (own.isEmpty()) {
      names.remove(session);
    }
    drop(name, session);
    return true;
  }

  private void drop(String name, Session session) {
    G group = groups.get(name);
    if (group != null && group.remove(session) && group.isEmpty()) {
      groups.remove(name);
    }
  }

  /// Removes the session everywhere.
  ///
  /// @return the names under which nobody is left
  List<String> leave(Session session) {
    Set<String> own = names.remove(session);
    if (own == null) {
      return List.of();
    }
    var abandoned = new ArrayList<String>();
    for (String name : own) {
      drop(name, session);
      if (!has(name)) {
        abandoned.add(name);
      }
    }
    return abandoned;
  }

  /// What every session is there for, at that moment.
  ///
  /// @param of one name
  Iterator<Standing> standings(BiFunction<Session, String, Standing> of) {
    return new Standings<>(
        names.keySet(),
        session ->
            names.getOrDefault(session, Set.of()).stream()
                .map(name -> of.apply(session, name))
                .toList());
  }

  /// Whether the session stands under the name.
  boolean has(Session session, String name) {
    return names.getOrDefault(session, Set.of()).contains(name);
  }

  /// How many names there are.
  int size() {
    return groups.size();
  }

  boolean isEmpty() {
    return groups.isEmpty() && names.isEmpty();
  }
}
