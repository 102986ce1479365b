// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import org.jspecify.annotations.Nullable;

/// One subscription of a session. Joining from the subscribe frame on; live, meaning in its loop's
/// index, once nothing can be missed any more; over after an unsubscribe, whatever answers are
/// still to come.
///
/// Threading: confined to one event loop.
final class Subscription {
  private final String id;
  private final @Nullable String ref;
  private final Wish wish;
  private State state = State.JOINING;

  enum State {
    JOINING,
    LIVE,
    OVER
  }

  /// @param id unique on its connection
  /// @param ref the client's name for it; null for none
  Subscription(String id, @Nullable String ref, Wish wish) {
    this.id = id;
    this.ref = ref;
    this.wish = wish;
  }

  String id() {
    return id;
  }

  /// As events name those they are for.
  String ids() {
    return "[\"" + id + "\"]";
  }

  @Nullable String ref() {
    return ref;
  }

  Wish wish() {
    return wish;
  }

  State state() {
    return state;
  }

  boolean isOver() {
    return state == State.OVER;
  }

  void become(State next) {
    state = next;
  }
}
