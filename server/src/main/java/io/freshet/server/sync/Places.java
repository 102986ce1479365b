// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.server.sync.EventFanOut.Likeness;
import io.freshet.server.sync.EventFanOut.Named;
import io.freshet.server.sync.EventFanOut.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where the live subscriptions of one receiver stand in its loop's index: by collection, or, as
/// soon as one of them is about all collections, all together, because a change is told once
/// however many of them want it.
///
/// Few subscriptions in one place share a group with those of receivers who are alike. Many have a
/// group of their own, which changes as they do.
///
/// Threading: confined to one event loop.
final class Places {
  /// Subscriptions of one receiver in one place that share a group with others'.
  private static final int SHARED_MAX = 4;

  private final Receiver receiver;
  private final EventFanOut fanOut;
  private final Transport transport;
  private final Set<Named> live = new LinkedHashSet<>(2);
  private final Map<String, Standing> standings = new HashMap<>(2);

  /// Whether all are together; they stay so while there are any.
  private boolean together;

  /// What it has in one place.
  ///
  /// @param likeness under which the group is shared; null if it is the receiver's own
  private record Standing(Group group, @Nullable Likeness likeness) {}

  Places(Receiver receiver, EventFanOut fanOut, Transport transport) {
    this.receiver = receiver;
    this.fanOut = fanOut;
    this.transport = transport;
  }

  void add(Named wanted) {
    live.add(wanted);
    if (together || wanted.wish().topic().collection() != null) {
      enter(placeOf(wanted), wanted);
      return;
    }
    clear();
    together = true;
    live.forEach(each -> enter(EventFanOut.EVERYWHERE, each));
  }

  /// Nothing happens if it is not there.
  void remove(Named wanted) {
    if (live.remove(wanted)) {
      exit(placeOf(wanted), wanted);
      together &= !live.isEmpty();
    }
  }

  void removeAll() {
    clear();
    live.clear();
  }

  private String placeOf(Named wanted) {
    String collection = wanted.wish().topic().collection();
    return together || collection == null ? EventFanOut.EVERYWHERE : collection;
  }

  private void clear() {
    Map<String, Standing> all = Map.copyOf(standings);
    standings.clear();
    all.forEach(this::leave);
  }

  private void enter(String name, Named wanted) {
    Standing before = standings.get(name);
    Likeness likeness = before == null ? new Likeness(transport, List.of()) : before.likeness;
    if (before != null && likeness == null) {
      before.group.add(wanted.id(), wanted.wish());
    } else if (likeness != null) {
      var wishes = new ArrayList<>(likeness.wishes());
      wishes.add(wanted);
      stand(name, wishes);
    }
  }

  private void exit(String name, Named wanted) {
    Standing before = standings.get(name);
    if (before == null) {
      return;
    }
    Likeness likeness = before.likeness;
    if (likeness != null) {
      var wishes = new ArrayList<>(likeness.wishes());
      wishes.remove(wanted);
      stand(name, wishes);
      return;
    }
    before.group.remove(wanted.id(), wanted.wish());
    if (before.group.wantsNothing()) {
      standings.remove(name);
      leave(name, before);
    }
  }

  /// Changes what it has in one place.
  private void stand(String name, List<Named> wishes) {
    Standing before = standings.remove(name);
    if (!wishes.isEmpty()) {
      Place place = fanOut.place(name);
      boolean alone = wishes.size() > SHARED_MAX;
      Likeness likeness = alone ? null : new Likeness(transport, List.copyOf(wishes));
      Group group = likeness == null ? place.alone(transport) : place.shared(likeness);
      if (alone) {
        wishes.forEach(each -> group.add(each.id(), each.wish()));
      }
      group.members().add(receiver);
      standings.put(name, new Standing(group, likeness));
    }
    if (before != null) {
      leave(name, before);
    }
  }

  private void leave(String name, Standing before) {
    before.group.members().remove(receiver);
    if (before.likeness == null) {
      before.group.removeAll();
    } else {
      fanOut.place(name).left(before.likeness, before.group);
    }
    fanOut.cleanUp(name);
  }
}
