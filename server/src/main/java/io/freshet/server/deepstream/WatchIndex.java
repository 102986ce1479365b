// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.protocol.DocumentKey;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Who of one event loop watches which record.
///
/// Threading: confined to that event loop.
final class WatchIndex {
  private final Map<DocumentKey, Watched> byKey = new HashMap<>();

  @Nullable Watched find(DocumentKey key) {
    return byKey.get(key);
  }

  /// Does nothing when it is already in.
  void add(Subscription subscription) {
    if (!subscription.isActive()) {
      byKey.computeIfAbsent(subscription.key, Watched::new).add(subscription);
    }
  }

  /// Does nothing when it is not in.
  void remove(Subscription subscription) {
    Watched watched = subscription.watched;
    if (watched != null) {
      watched.remove(subscription);
      if (watched.first == null) {
        byKey.remove(watched.key);
      }
    }
  }

  /// Records watched on this loop.
  int size() {
    return byKey.size();
  }
}
