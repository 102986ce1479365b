// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.stream;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.Session;

/// Who has which stream, and where the named ones stand.
///
/// Threading: the engine's thread only.
public final class Streams {
  private long open;

  /// Seam: to be filled.
  public void handle(Command.OfStreams command) {
    if (open++ >= 0) {
      throw new IllegalStateException("not yet: " + command);
    }
  }

  /// The session is gone: its streams are over.
  public void leave(Session session) {
    open--;
  }
}
