// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.feed.Publication;
import io.freshet.engine.feed.Seen;
import io.freshet.engine.feed.Sight;
import io.freshet.protocol.Change;
import io.freshet.protocol.Operation;
import io.freshet.protocol.filter.Filter;
import io.freshet.protocol.filter.Transition;
import io.freshet.protocol.topic.TopicKind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One change for one group: which of its wishes it meets.
///
/// Threading: confined to one event loop.
final class Arrival {
  private final Publication publication;
  private final @Nullable Sight sight;
  private final Seen seen;
  private final List<Met> met = new ArrayList<>(1);

  private record Met(Hook hook, boolean left) {}

  /// @param sight who sees what of the change; null if all see the same
  /// @param seen what this one is for
  Arrival(Publication publication, @Nullable Sight sight, Seen seen) {
    this.publication = publication;
    this.sight = sight;
    this.seen = seen;
  }

  /// Whether it is for some receivers only.
  boolean isJudged() {
    return sight != null;
  }

  boolean isFor(Receiver receiver) {
    return sight == null || sight.of(receiver.principal()) == seen;
  }

  Publication publication() {
    return publication;
  }

  void add(Hook hook, boolean left) {
    met.add(new Met(hook, left));
  }

  /// Whether a subscriber with this wish is told of the change.
  static boolean isMet(Wish wish, Change change, Transition transition) {
    return wish.scope().delivers(transition)
        && wish.topic().matches(change.key().collection(), change.operation());
  }

  /// Whether it is told as the last word about a document. That one was deleted says enough by
  /// itself.
  static boolean leaves(Wish wish, Change change, Transition transition) {
    return transition == Transition.LEFT
        && !ChangeText.removes(change)
        && (ChangeText.hides(change) || !wish.filter().equals(Filter.ALL));
  }

  /// One event for all wishes that want the same of it.
  ///
  /// @param own whether the receiver wrote it
  void deliveries(Transport transport, boolean own, List<Delivery> into) {
    if (met.size() == 1) {
      Met only = met.getFirst();
      if (!own || only.hook.wish().echo()) {
        into.add(delivery(transport, only, only.hook.ids(), kind(only)));
      }
      return;
    }
    var rest = new ArrayList<Met>(met);
    if (own) {
      rest.removeIf(each -> !each.hook.wish().echo());
    }
    while (!rest.isEmpty()) {
      into.add(joined(transport, rest));
    }
  }

  private Delivery joined(Transport transport, List<Met> rest) {
    Met first = rest.removeFirst();
    TopicKind kind = kind(first);
    var ids = new StringBuilder("[\"").append(first.hook.id()).append('"');
    for (int i = 0; i < rest.size(); ) {
      Met other = rest.get(i);
      if (isAlike(first, other)) {
        ids.append(",\"").append(other.hook.id()).append('"');
        kind = kind.compareTo(kind(other)) <= 0 ? kind : kind(other);
        rest.remove(i);
      } else {
        i++;
      }
    }
    return delivery(transport, first, ids.append(']').toString(), kind);
  }

  private static boolean isAlike(Met one, Met other) {
    Wish wish = one.hook.wish();
    Wish its = other.hook.wish();
    return wish.mode() == its.mode()
        && wish.conflateMs() == its.conflateMs()
        && one.left == other.left;
  }

  private Delivery delivery(Transport transport, Met met, String ids, TopicKind kind) {
    Wish wish = met.hook.wish();
    boolean resync = ChangeText.reveals(publication.change());
    var shape = new EventShape(transport, kind, wish.mode(), met.left, resync);
    return new Delivery(publication, shape, ids, wish.conflateMs());
  }

  private TopicKind kind(Met met) {
    return kind(met.hook.wish(), publication.change().operation());
  }

  /// The kind of topic a subscriber is told of it under: the widest it asked for.
  static TopicKind kind(Wish wish, Operation operation) {
    for (TopicKind kind : TopicKind.values()) {
      if (wish.topic().kinds().contains(kind) && kind.carries(operation)) {
        return kind;
      }
    }
    throw new IllegalStateException(wish.topic() + " carries no " + operation);
  }
}
