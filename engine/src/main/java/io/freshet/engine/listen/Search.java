// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

import io.freshet.engine.listen.Backlog.Job;
import io.freshet.protocol.DocumentKey;
import java.util.ArrayDeque;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/// A watched name for which there is, or was lately, a matching listener. Names without one have no
/// such object.
final class Search {
  /// The stages of a search.
  enum Phase {
    /// Patterns are being tried on the name.
    GATHERING,
    /// The next candidate has too many open questions.
    WAITING,
    /// A candidate is asked.
    ASKED,
    /// A candidate accepted: it is the provider.
    PROVIDED,
    /// Nobody wanted it; it is offered again later.
    EXHAUSTED,
    /// Nobody watches the name any more.
    OVER
  }

  final DocumentKey key;
  Phase phase = Phase.GATHERING;

  /// See [Listener#number].
  long number;

  /// Those not yet asked.
  ArrayDeque<Listener> candidates = new ArrayDeque<>(0);

  /// Whom [#phase] is about while waiting, asked or provided.
  @Nullable Listener current;

  /// Ends the time for the answer.
  @Nullable Runnable timer;

  /// Tells a question from earlier ones.
  int question;

  @Nullable Job gathering;

  /// The names it is offered again with.
  @Nullable SequencedSet<Search> batch;

  Search(DocumentKey key) {
    this.key = key;
  }

  Listener current() {
    Listener listener = current;
    if (listener == null) {
      throw new IllegalStateException("nobody is concerned in phase " + phase);
    }
    return listener;
  }
}
