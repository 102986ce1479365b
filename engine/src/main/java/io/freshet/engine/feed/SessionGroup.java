// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.feed;

/// Some sessions, each at most once.
public interface SessionGroup {
  /// @return whether it was not in it yet
  boolean add(Session session);

  /// @return whether it was in it
  boolean remove(Session session);

  boolean isEmpty();
}
