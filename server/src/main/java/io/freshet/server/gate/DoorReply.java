// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.gate;

import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.engine.feed.Session;

/// What is to be done with the answer to one command of a session.
///
/// Threading: the session's event loop.
public abstract class DoorReply implements ReplyTo {
  private final DoorSession session;
  private final int bytes;

  /// @param bytes of the message that asked, held until the answer
  protected DoorReply(DoorSession session, int bytes) {
    this.session = session;
    this.bytes = bytes;
  }

  @Override
  public final Session session() {
    return session;
  }

  public final int bytes() {
    return bytes;
  }

  @Override
  public final void reply(Outcome outcome) {
    session.answered(bytes);
    answer(outcome);
  }

  /// Called even if the connection is gone by now; then nothing is sent.
  protected abstract void answer(Outcome outcome);

  public static IllegalStateException unexpected(Outcome outcome) {
    return new IllegalStateException("no answer to this command: " + outcome.getClass());
  }
}
