// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.follow;

import io.freshet.engine.command.Interest;
import io.freshet.engine.feed.Audience;
import io.freshet.engine.feed.Outlet;
import io.freshet.engine.feed.Session;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// Which sessions want the changes of which collections.
///
/// Threading: the engine's thread only.
public final class Followers {
  private final Audience ofAll = new Audience();
  private final Map<String, Audience> ofCollection = new HashMap<>();
  private final Map<Session, Set<Interest>> interests = new IdentityHashMap<>();

  /// A session has an interest or not; adding it again changes nothing.
  void add(Session session, Interest interest) {
    if (interests.computeIfAbsent(session, s -> new HashSet<>(2)).add(interest)) {
      String collection = interest.collection();
      Audience audience =
          collection == null
              ? ofAll
              : ofCollection.computeIfAbsent(collection, c -> new Audience());
      audience.add(session);
    }
  }

  void remove(Session session, Interest interest) {
    Set<Interest> held = interests.get(session);
    if (held != null && held.remove(interest)) {
      drop(session, interest);
      if (held.isEmpty()) {
        interests.remove(session);
      }
    }
  }

  void leave(Session session) {
    Set<Interest> held = interests.remove(session);
    if (held != null) {
      held.forEach(interest -> drop(session, interest));
    }
  }

  private void drop(Session session, Interest interest) {
    String collection = interest.collection();
    if (collection == null) {
      ofAll.remove(session);
      return;
    }
    Audience audience = ofCollection.get(collection);
    if (audience != null && audience.remove(session) && audience.isEmpty()) {
      ofCollection.remove(collection);
    }
  }

  /// How many sessions follow anything.
  public int sessions() {
    return interests.size();
  }

  public boolean isEmpty() {
    return interests.isEmpty();
  }

  /// Whether anybody wants the changes of this collection.
  public boolean follow(String collection) {
    return !ofAll.isEmpty() || ofCollection.containsKey(collection);
  }

  /// Calls back for each outlet that wants the changes of this collection; perhaps more than once.
  public void forEachOutlet(String collection, Consumer<Outlet> action) {
    ofAll.forEachOutlet(action);
    Audience audience = ofCollection.get(collection);
    if (audience != null) {
      audience.forEachOutlet(action);
    }
  }
}
