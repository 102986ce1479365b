// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.engine.feed.Session;

/// What is to be done with the answer to one command of a session.
///
/// Threading: the session's event loop.
abstract class Reply implements ReplyTo {
  private final DeepstreamSession session;
  private final int bytes;

  /// @param bytes of the message that asked, held until the answer
  Reply(DeepstreamSession session, int bytes) {
    this.session = session;
    this.bytes = bytes;
  }

  @Override
  public final Session session() {
    return session;
  }

  final DeepstreamSession asker() {
    return session;
  }

  final int bytes() {
    return bytes;
  }

  @Override
  public final void reply(Outcome outcome) {
    session.answered(bytes);
    answer(outcome);
  }

  /// Called even if the connection is gone by now; then nothing is sent.
  abstract void answer(Outcome outcome);

  static IllegalStateException unexpected(Outcome outcome) {
    return new IllegalStateException("no answer to this command: " + outcome.getClass());
  }
}
