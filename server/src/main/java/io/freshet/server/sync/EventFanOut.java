// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.feed.Publication;
import io.freshet.engine.feed.Seen;
import io.freshet.engine.feed.Sight;
import io.freshet.engine.guard.Face;
import io.freshet.protocol.Change;
import io.freshet.protocol.filter.FilterIndex;
import io.freshet.server.gate.Positions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes changes to those of one event loop who subscribe to them. A change is tested once per
/// different filter, and made into bytes once per different kind of event.
///
/// Threading: confined to the event loop.
final class EventFanOut {
  private static final Logger log = LoggerFactory.getLogger(EventFanOut.class);

  /// The place of receivers with a subscription to all collections.
  static final String EVERYWHERE = "*";

  private static final List<Seen> SHOWN = List.of(Seen.WHOLE, Seen.ENTERING, Seen.LEAVING);

  private final SyncLoop loop;
  private final Map<String, Place> places = new HashMap<>();
  private final List<Group> reached = new ArrayList<>();

  /// How far the logs have been handed over here.
  private final Positions seen = new Positions();

  /// Those who subscribe to one collection, or to all.
  static final class Place {
    private final FilterIndex<Hook> index = new FilterIndex<>();
    private final Map<Likeness, Group> shared = new HashMap<>();

    /// A group of its own, which may want what it likes.
    Group alone(Transport transport) {
      return new Group(index, transport);
    }

    /// The group of all who are alike.
    Group shared(Likeness likeness) {
      return shared.computeIfAbsent(likeness, this::group);
    }

    private Group group(Likeness likeness) {
      var group = new Group(index, likeness.transport);
      likeness.wishes.forEach(each -> group.add(each.id, each.wish));
      return group;
    }

    /// Somebody has left it.
    void left(Likeness likeness, Group group) {
      if (group.members().isEmpty()) {
        shared.remove(likeness);
        group.removeAll();
      }
    }

    boolean isEmpty() {
      return index.isEmpty();
    }
  }

  /// In what receivers have to be alike to be sent the same bytes.
  record Likeness(Transport transport, List<Named> wishes) {}

  record Named(String id, Wish wish) {}

  EventFanOut(SyncLoop loop) {
    this.loop = loop;
  }

  /// @param name of the collection, or [#EVERYWHERE]
  Place place(String name) {
    return places.computeIfAbsent(name, each -> new Place());
  }

  void cleanUp(String name) {
    Place place = places.get(name);
    if (place != null && place.isEmpty()) {
      places.remove(name);
    }
  }

  Positions seen() {
    return seen;
  }

  void changes(List<Publication> publications) {
    Place everywhere = places.get(EVERYWHERE);
    for (int i = 0; i < publications.size(); i++) {
      Publication publication = publications.get(i);
      Place place = places.get(publication.change().key().collection());
      if (place != null || everywhere != null) {
        arrive(publication, place, everywhere);
      }
      seen.advance(publication.change().id());
    }
    for (int i = 0; i < reached.size(); i++) {
      send(reached.get(i));
    }
    reached.clear();
  }

  /// To each as it sees it: those who see the same of a change share its events.
  private void arrive(Publication publication, @Nullable Place place, @Nullable Place everywhere) {
    Sight sight = publication.sight(Face.DOCUMENTS);
    if (sight == null) {
      arrive(publication, place, null, Seen.WHOLE);
      arrive(publication, everywhere, null, Seen.WHOLE);
      return;
    }
    for (Seen seen : SHOWN) {
      Publication shown = sight.has(seen) ? publication.as(Face.DOCUMENTS, seen) : null;
      if (shown != null) {
        Sight judged = sight.forAll() == null ? sight : null;
        arrive(shown, place, judged, seen);
        arrive(shown, everywhere, judged, seen);
      }
    }
  }

  private void arrive(
      Publication publication, @Nullable Place place, @Nullable Sight sight, Seen seen) {
    if (place == null) {
      return;
    }
    Change change = publication.change();
    place.index.transitions(
        change,
        (transition, hook) -> {
          if (Arrival.isMet(hook.wish(), change, transition)
              && hook.group().arrive(publication, sight, seen, hook, transition)) {
            reached.add(hook.group());
          }
        });
  }

  /// Subscribers who cannot be told of a change would have a gap: they start over.
  private void send(Group group) {
    try {
      group.send(loop);
    } catch (RuntimeException | OutOfMemoryError failure) {
      log.error("changes could not be sent; their subscribers are disconnected", failure);
      group.members().forEach(member -> member.socket().close());
    }
  }
}
