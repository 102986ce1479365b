// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.protocol.DocumentKey;
import org.jspecify.annotations.Nullable;

/// That one session watches one record. Links into the list of the record's watchers on its loop
/// ([WatchIndex]), so that a record with one watcher costs no more than this.
///
/// Wanted from the subscribe message on; active, meaning in the index, from the engine's answer on;
/// over after an unsubscribe, whatever answers are still to come.
///
/// Threading: confined to one event loop.
final class Subscription {
  final DeepstreamSession session;
  final DocumentKey key;

  /// Watch commands for it that the engine has not answered yet.
  int unanswered;

  /// Unsubscribed.
  boolean over;

  /// Where it is in the index, while it is active.
  @Nullable Watched watched;

  @Nullable Subscription next;
  @Nullable Subscription previous;

  Subscription(DeepstreamSession session, DocumentKey key) {
    this.session = session;
    this.key = key;
  }

  boolean isActive() {
    return watched != null;
  }
}
