// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.server.gate.DoorReply;

/// What is to be done with the answer to one command of a session.
///
/// Threading: the session's event loop.
abstract class Reply extends DoorReply {
  private final DeepstreamSession session;

  /// @param bytes of the message that asked, held until the answer
  Reply(DeepstreamSession session, int bytes) {
    super(session, bytes);
    this.session = session;
  }

  final DeepstreamSession asker() {
    return session;
  }
}
