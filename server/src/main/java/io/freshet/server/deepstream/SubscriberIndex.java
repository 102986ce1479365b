// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Who of one event loop is subscribed to which name of one topic.
///
/// @param <K> of the names
/// @param <T> of what a delivery brings
///
///   Threading: confined to that event loop.
final class SubscriberIndex<K, T> {
  private final Map<K, Subscribers<K, T>> byKey = new HashMap<>();

  @Nullable Subscribers<K, T> find(K key) {
    return byKey.get(key);
  }

  /// Does nothing when it is already in.
  void add(Subscription<K> subscription) {
    if (!subscription.isActive()) {
      byKey.computeIfAbsent(subscription.key, Subscribers::new).add(subscription);
    }
  }

  /// Does nothing when it is not in.
  void remove(Subscription<K> subscription) {
    Subscribers<K, ?> subscribers = subscription.subscribers;
    if (subscribers != null) {
      subscribers.remove(subscription);
      if (subscribers.first == null) {
        byKey.remove(subscribers.key);
      }
    }
  }
}
