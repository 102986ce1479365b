// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.follow;

import io.freshet.engine.command.Interest;
import io.freshet.engine.feed.Audience;
import io.freshet.engine.feed.Ended;
import io.freshet.engine.feed.Outlet;
import io.freshet.engine.feed.Seen;
import io.freshet.engine.feed.Session;
import io.freshet.engine.feed.Sight;
import io.freshet.engine.guard.Face;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.Principal;
import io.freshet.engine.guard.Standing;
import io.freshet.engine.guard.Standings;
import io.freshet.engine.guard.Subject;
import io.freshet.protocol.Change;
import io.freshet.protocol.error.ErrorCode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Which sessions want the changes of which collections, and who of them may not see all of each.
///
/// Threading: the engine's thread only.
public final class Followers {
  private final Side documents = new Side();
  private final Side streams = new Side();
  private final Map<Session, Set<Interest>> interests = new HashMap<>();

  /// Those who follow by the rules of one face.
  private static final class Side {
    private @Nullable Place all;
    private final Map<String, Place> ofCollection = new HashMap<>();

    Place enter(@Nullable String collection) {
      if (collection != null) {
        return ofCollection.computeIfAbsent(collection, _ -> new Place());
      }
      Place known = all == null ? new Place() : all;
      all = known;
      return known;
    }

    @Nullable Place find(@Nullable String collection) {
      return collection == null ? all : ofCollection.get(collection);
    }

    void remove(@Nullable String collection) {
      if (collection == null) {
        all = null;
      } else {
        ofCollection.remove(collection);
      }
    }

    boolean follow(String collection) {
      return all != null || ofCollection.containsKey(collection);
    }

    /// Where those are who want the changes of this collection.
    List<Place> concerning(String collection) {
      Place one = ofCollection.get(collection);
      if (all == null) {
        return one == null ? List.of() : List.of(one);
      }
      return one == null ? List.of(all) : List.of(all, one);
    }

    List<Place> places() {
      var found = new ArrayList<>(ofCollection.values());
      if (all != null) {
        found.add(all);
      }
      return found;
    }
  }

  /// Those who follow the same.
  private static final class Place {
    private final Audience audience = new Audience();
    private final Map<Principal, Viewer> viewers = new HashMap<>();

    /// Of those for whom each document has to be judged.
    private int judged;

    void add(Session session, boolean each) {
      audience.add(session);
      Viewer viewer = viewers.computeIfAbsent(session.principal(), _ -> new Viewer());
      viewer.logins.merge(session.principal(), 1, Integer::sum);
      judge(viewer, each);
    }

    boolean remove(Session session) {
      boolean found = audience.remove(session);
      Viewer viewer = viewers.get(session.principal());
      if (found && viewer != null) {
        viewer.logins.computeIfPresent(
            session.principal(), (_, count) -> count == 1 ? null : count - 1);
        if (viewer.logins.isEmpty()) {
          judge(viewer, false);
          viewers.remove(session.principal());
        }
      }
      return found;
    }

    void judge(Viewer viewer, boolean each) {
      judged += each == viewer.judged ? 0 : each ? 1 : -1;
      viewer.judged = each;
    }
  }

  /// Logins that are alike: one user, perhaps through several connections.
  private static final class Viewer {
    private final IdentityHashMap<Principal, Integer> logins = new IdentityHashMap<>(1);
    private boolean judged;
  }

  /// A session has an interest or not; adding it again changes nothing but how it is judged.
  ///
  /// @param each whether each document has to be judged for it
  void add(Session session, Interest interest, boolean each) {
    Place place = side(interest.face()).enter(interest.collection());
    if (interests.computeIfAbsent(session, s -> new HashSet<>(2)).add(interest)) {
      place.add(session, each);
    } else {
      judge(session, interest, each);
    }
  }

  private Side side(Face face) {
    return switch (face) {
      case DOCUMENTS -> documents;
      case STREAMS -> streams;
      case RECORDS -> throw new IllegalArgumentException("records are watched one by one");
    };
  }

  private void judge(Session session, Interest interest, boolean each) {
    Place place = side(interest.face()).find(interest.collection());
    Viewer viewer = place == null ? null : place.viewers.get(session.principal());
    if (place != null && viewer != null) {
      place.judge(viewer, each);
    }
  }

  /// @return whether it was there
  boolean remove(Session session, Interest interest) {
    Set<Interest> held = interests.get(session);
    if (held == null || !held.remove(interest)) {
      return false;
    }
    drop(session, interest);
    if (held.isEmpty()) {
      interests.remove(session);
    }
    return true;
  }

  void leave(Session session) {
    Set<Interest> held = interests.remove(session);
    if (held != null) {
      held.forEach(interest -> drop(session, interest));
    }
  }

  private void drop(Session session, Interest interest) {
    Side side = side(interest.face());
    Place place = side.find(interest.collection());
    if (place != null && place.remove(session) && place.audience.isEmpty()) {
      side.remove(interest.collection());
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
    return documents.follow(collection) || streams.follow(collection);
  }

  /// Calls back for each outlet that wants the changes of this collection; perhaps more than once.
  public void forEachOutlet(String collection, Consumer<Outlet> action) {
    for (Place each : documents.concerning(collection)) {
      each.audience.forEachOutlet(action);
    }
    for (Place each : streams.concerning(collection)) {
      each.audience.forEachOutlet(action);
    }
  }

  // What they see.

  /// What the followers of one face may see of a change; null if that is all of it. The guard is
  /// asked once if it is the same for all, otherwise once for each user.
  public @Nullable Sight sight(Change change, Face face, Rows rows) {
    List<Place> followed = side(face).concerning(change.key().collection());
    Principal one = judged(followed);
    if (one == null) {
      return null;
    }
    if (rows.isSameForAll(face, change.key())) {
      return Sight.forAll(rows.seen(one, face, change));
    }
    var seen = new IdentityHashMap<Principal, Seen>();
    for (Place place : followed) {
      place.viewers.forEach((principal, viewer) -> {
        Seen of = viewer.judged ? rows.seen(principal, face, change) : Seen.WHOLE;
        viewer.logins.keySet().forEach(login -> seen.put(login, of));
      });
    }
    return Sight.of(seen);
  }

  /// One of those for whom each document has to be judged.
  private static @Nullable Principal judged(List<Place> followed) {
    for (Place place : followed) {
      if (place.judged > 0) {
        for (Map.Entry<Principal, Viewer> each : place.viewers.entrySet()) {
          if (each.getValue().judged) {
            return each.getKey();
          }
        }
      }
    }
    return null;
  }

  // When the rules change.

  /// From now on each document is judged for everybody, until it is known who need not be asked
  /// about.
  public void judgeAll() {
    for (Place place : places()) {
      place.viewers.values().forEach(viewer -> place.judge(viewer, true));
    }
  }

  private List<Place> places() {
    var all = documents.places();
    all.addAll(streams.places());
    return all;
  }

  /// All outlets of those who follow.
  public Set<Outlet> outlets() {
    Set<Outlet> all = Collections.newSetFromMap(new IdentityHashMap<>());
    places().forEach(place -> place.audience.forEachOutlet(all::add));
    return all;
  }

  /// How those are told who may not follow any more.
  public interface Farewell {
    void noMore(Session session, Ended what, ErrorCode code, String message);
  }

  public Iterator<Standing> standings(Farewell farewell) {
    return new Standings<>(
        interests.keySet(),
        session ->
            interests.getOrDefault(session, Set.of()).stream()
                .map(interest -> new Following(session, interest, farewell))
                .toList());
  }

  private final class Following implements Standing {
    private final Session session;
    private final Interest interest;
    private final Farewell farewell;

    Following(Session session, Interest interest, Farewell farewell) {
      this.session = session;
      this.interest = interest;
      this.farewell = farewell;
    }

    @Override
    public Principal principal() {
      return session.principal();
    }

    @Override
    public Face face() {
      return interest.face();
    }

    @Override
    public GuardAction action() {
      return Permission.actionOf(interest);
    }

    @Override
    public @Nullable Subject subject() {
      boolean follows = interests.getOrDefault(session, Set.of()).contains(interest);
      return follows ? new Subject.OfName(interest.collection(), null) : null;
    }

    @Override
    public void allowed(boolean each) {
      judge(session, interest, each);
    }

    @Override
    public void refused(ErrorCode code, String message) {
      if (remove(session, interest)) {
        farewell.noMore(
            session, new Ended.Follow(interest.collection(), interest.face()), code, message);
      }
    }
  }
}
