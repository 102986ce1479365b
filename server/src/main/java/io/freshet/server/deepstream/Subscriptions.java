// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one session is subscribed to in one topic.
///
/// @param <K> of the names
///
///   Threading: confined to one event loop.
final class Subscriptions<K> {
  private final DeepstreamSession session;
  private final SubscriberIndex<K, ?> index;

  /// Empty for most of a session's time before its first subscription.
  private Map<K, Subscription<K>> byKey = Map.of();

  Subscriptions(DeepstreamSession session, SubscriberIndex<K, ?> index) {
    this.session = session;
    this.index = index;
  }

  int size() {
    return byKey.size();
  }

  @Nullable Subscription<K> find(K key) {
    return byKey.get(key);
  }

  /// Whether what concerns the name is sent to this session.
  boolean isActive(K key) {
    Subscription<K> subscription = byKey.get(key);
    return subscription != null && subscription.isActive();
  }

  /// A new subscription, not active yet.
  Subscription<K> add(K key) {
    var subscription = new Subscription<K>(session, key);
    if (byKey.isEmpty()) {
      byKey = new HashMap<>(2);
    }
    byKey.put(key, subscription);
    session.loop().meter().subscriptions(1);
    return subscription;
  }

  void activate(Subscription<K> subscription) {
    index.add(subscription);
  }

  /// Ends it, active or not.
  void end(Subscription<K> subscription) {
    subscription.over = true;
    index.remove(subscription);
    forget(subscription);
  }

  /// The server ended it, or it could not be. What is still to be answered stays wanted.
  void dropped(Subscription<K> subscription) {
    index.remove(subscription);
    if (subscription.unanswered == 0) {
      forget(subscription);
    }
  }

  private void forget(Subscription<K> subscription) {
    if (byKey.remove(subscription.key, subscription)) {
      session.loop().meter().subscriptions(-1);
    }
  }

  /// Ends all.
  ///
  /// @return their names
  List<K> endAll() {
    var keys = new ArrayList<K>(byKey.size());
    for (Subscription<K> subscription : byKey.values()) {
      subscription.over = true;
      index.remove(subscription);
      keys.add(subscription.key);
    }
    byKey = Map.of();
    session.loop().meter().subscriptions(-keys.size());
    return keys;
  }
}
