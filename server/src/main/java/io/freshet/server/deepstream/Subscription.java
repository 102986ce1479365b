// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import org.jspecify.annotations.Nullable;

/// That one session is subscribed to one name: watches a record, receives an event, is told of a
/// user, provides a procedure. Links into the list of the name's subscribers on its loop
/// ([SubscriberIndex]), so that a name with one subscriber costs no more than this.
///
/// Wanted from the subscribe message on; active, meaning in the index, from the engine's answer on;
/// over after an unsubscribe, whatever answers are still to come.
///
/// Threading: confined to one event loop.
final class Subscription<K> {
  final DeepstreamSession session;
  final K key;

  /// Commands for it that the engine has not answered yet.
  int unanswered;

  /// Unsubscribed.
  boolean over;

  /// Where it is in the index, while it is active.
  @Nullable Subscribers<K, ?> subscribers;

  @Nullable Subscription<K> next;
  @Nullable Subscription<K> previous;

  Subscription(DeepstreamSession session, K key) {
    this.session = session;
    this.key = key;
  }

  boolean isActive() {
    return subscribers != null;
  }
}
