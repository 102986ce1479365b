// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.feed.Publication;
import io.freshet.protocol.DocumentKey;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A record that sessions of one event loop watch: its watchers, and what one delivery brings for
/// them.
///
/// Threading: confined to one event loop.
final class Watched {
  final DocumentKey key;
  @Nullable Subscription first;
  int count;

  private List<Publication> arrived = List.of();

  Watched(DocumentKey key) {
    this.key = key;
  }

  /// @return whether it is the first of this delivery
  boolean arrive(Publication publication) {
    boolean isFirst = arrived.isEmpty();
    if (isFirst) {
      arrived = new ArrayList<>(4);
    }
    arrived.add(publication);
    return isFirst;
  }

  /// Takes what has arrived, in order.
  List<Publication> takeArrived() {
    List<Publication> taken = arrived;
    arrived = List.of();
    return taken;
  }

  void add(Subscription subscription) {
    Subscription second = first;
    subscription.watched = this;
    subscription.next = second;
    if (second != null) {
      second.previous = subscription;
    }
    first = subscription;
    count++;
  }

  void remove(Subscription subscription) {
    Subscription before = subscription.previous;
    Subscription after = subscription.next;
    if (before == null) {
      first = after;
    } else {
      before.next = after;
    }
    if (after != null) {
      after.previous = before;
    }
    subscription.previous = null;
    subscription.next = null;
    subscription.watched = null;
    count--;
  }
}
