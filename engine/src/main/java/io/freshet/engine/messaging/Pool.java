// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.messaging;

import io.freshet.engine.feed.Session;
import io.freshet.engine.feed.SessionGroup;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Sessions of which any may be picked.
final class Pool implements SessionGroup {
  /// Draws before all sessions are looked through.
  private static final int DRAWS = 4;

  private final List<Session> sessions = new ArrayList<>(1);
  private final Map<Session, Integer> places = new HashMap<>(2);

  @Override
  public boolean add(Session session) {
    if (places.putIfAbsent(session, sessions.size()) != null) {
      return false;
    }
    return sessions.add(session);
  }

  @Override
  public boolean remove(Session session) {
    Integer place = places.remove(session);
    if (place == null) {
      return false;
    }
    Session last = sessions.removeLast();
    if (place < sessions.size()) {
      sessions.set(place, last);
      places.put(last, place);
    }
    return true;
  }

  @Override
  public boolean isEmpty() {
    return sessions.isEmpty();
  }

  /// A random one of the eligible, each as likely as the others; null when there is none.
  @Nullable Session pick(RandomGenerator random, Predicate<Session> eligible) {
    for (int i = 0; i < DRAWS; i++) {
      Session drawn = sessions.get(random.nextInt(sessions.size()));
      if (eligible.test(drawn)) {
        return drawn;
      }
    }
    List<Session> left = sessions.stream().filter(eligible).toList();
    return left.isEmpty() ? null : left.get(random.nextInt(left.size()));
  }
}
