// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

import io.freshet.engine.feed.ListenSignal;
import io.freshet.engine.feed.Session;
import io.freshet.protocol.DocumentKey;
import java.util.List;

/// Which session provides which watched name.
///
/// Threading: everything on the engine's thread.
public interface Listening {
  /// How the answers get out, in feed order.
  interface Signals {
    void toListener(Session session, ListenSignal signal);

    /// To every session that watches the name.
    void providerChanged(DocumentKey key, boolean hasProvider);
  }

  /// The name has its first watcher.
  void watched(DocumentKey key);

  /// The name has lost its last watcher. A provider is told.
  void unwatched(DocumentKey key);

  boolean hasProvider(DocumentKey key);

  /// @throws io.freshet.protocol.error.FreshetException `INVALID_PATTERN` or `LIMIT_REACHED`
  void listen(Session session, String pattern);

  void unlisten(Session session, String pattern);

  void answer(Session session, String pattern, String name, boolean accept);

  /// The session is gone.
  void leave(Session session);

  /// The names this instance knows to be watched, for tests and metrics.
  List<DocumentKey> watchedKeys();
}
