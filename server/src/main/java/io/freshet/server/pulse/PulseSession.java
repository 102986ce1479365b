// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import io.freshet.server.gate.DoorSession;
import io.freshet.server.gate.Follows;
import io.freshet.server.stream.ChangeStream;

/// A client that is there, and its stream.
///
/// Threading: confined to the connection's event loop, except what its superclass says.
final class PulseSession extends DoorSession {
  private final ChangeStream stream;

  PulseSession(PulseSocket socket, PulseLoop loop, PulseEntry entry, PulseSink sink) {
    super(socket, loop, entry.principal());
    this.stream =
        loop.streams().begin(this, new Follows(), entry.streamWish(), sink, entry.opened());
    entry.holder().attach(stream);
  }

  ChangeStream stream() {
    return stream;
  }

  @Override
  public void leave() {
    super.leave();
    stream.leave();
  }
}
