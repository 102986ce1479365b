// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

import io.freshet.engine.feed.Session;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One session's registration for one pattern.
final class Listener {
  final Party party;
  final PatternEntry entry;

  /// Orders registrations and the beginnings of searches: a search knows every listener with a
  /// lower number.
  final long number;

  /// The searches in which it is asked, waits to be asked, or provides.
  final LinkedHashSet<Search> engaged = new LinkedHashSet<>();

  /// Stops offering it the names that were watched before it came, while that goes on.
  @Nullable Runnable stopReplay;

  boolean gone;

  Listener(Party party, PatternEntry entry, long number) {
    this.party = party;
    this.entry = entry;
    this.number = number;
  }

  /// A session with all its listeners.
  static final class Party {
    final Session session;
    final Map<String, Listener> listeners = new HashMap<>();
    final LinkedHashSet<Search> waiting = new LinkedHashSet<>();
    int questions;

    Party(Session session) {
      this.session = session;
    }
  }
}
