// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.session;

import io.freshet.engine.command.Command;

/// The engine's way in, as gateways see it.
///
/// Threading: any thread.
public interface Commands {
  /// Hands over one command.
  ///
  /// @return false when the engine's inbox is full: the command was not taken; keep it, read no
  ///   more from its session and try again
  boolean submit(Command command);

  /// Says that a burst of commands is complete and may be decided. Cheap when there is nothing.
  void wake();
}
