// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The subscribers one event loop has for one name, and what one delivery brings for them.
///
/// @param <K> of the name
/// @param <T> of what a delivery brings
///
///   Threading: confined to one event loop.
final class Subscribers<K, T> {
  final K key;
  @Nullable Subscription<K> first;
  int count;

  private List<T> arrived = List.of();

  Subscribers(K key) {
    this.key = key;
  }

  /// @return whether it is the first of this delivery
  boolean arrive(T item) {
    boolean isFirst = arrived.isEmpty();
    if (isFirst) {
      arrived = new ArrayList<>(4);
    }
    arrived.add(item);
    return isFirst;
  }

  /// Takes what has arrived, in order.
  List<T> takeArrived() {
    List<T> taken = arrived;
    arrived = List.of();
    return taken;
  }

  void add(Subscription<K> subscription) {
    Subscription<K> second = first;
    subscription.subscribers = this;
    subscription.next = second;
    if (second != null) {
      second.previous = subscription;
    }
    first = subscription;
    count++;
  }

  void remove(Subscription<K> subscription) {
    Subscription<K> before = subscription.previous;
    Subscription<K> after = subscription.next;
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
    subscription.subscribers = null;
    count--;
  }
}
