// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.lease;

import io.freshet.engine.feed.Session;
import io.freshet.engine.stream.StreamTicket;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The streams that are open, and how many of each collection are or are about to be.
final class OpenStreams {
  private final int perCollectionMax;
  private final Map<Long, Held> byNumber = new TreeMap<>();
  private final Map<Session, Set<Held>> bySession = new HashMap<>();
  private final Map<String, Integer> places = new HashMap<>();

  OpenStreams(int perCollectionMax) {
    this.perCollectionMax = perCollectionMax;
  }

  boolean hasRoom(String collection) {
    return places.getOrDefault(collection, 0) < perCollectionMax;
  }

  /// For a stream that is about to be opened, when there is room.
  void reserve(String collection) {
    places.merge(collection, 1, Integer::sum);
  }

  /// The reserved place is not needed any more.
  void release(String collection) {
    places.computeIfPresent(collection, (name, count) -> count == 1 ? null : count - 1);
  }

  /// Its place has been reserved.
  void add(Held held) {
    byNumber.put(held.ticket.number(), held);
    bySession.computeIfAbsent(held.session, session -> new LinkedHashSet<>(2)).add(held);
  }

  /// Null when it is over.
  @Nullable Held find(StreamTicket ticket) {
    Held held = byNumber.get(ticket.number());
    return held != null && held.ticket.equals(ticket) ? held : null;
  }

  void remove(Held held) {
    byNumber.remove(held.ticket.number());
    bySession.computeIfPresent(
        held.session, (session, all) -> all.remove(held) && all.isEmpty() ? null : all);
    release(held.ticket.collection());
  }

  List<Held> of(Session session) {
    return new ArrayList<>(bySession.getOrDefault(session, Set.of()));
  }

  /// In the order they were opened.
  Collection<Held> all() {
    return byNumber.values();
  }

  int count() {
    return byNumber.size();
  }
}
