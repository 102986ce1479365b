// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.command.Command;
import io.freshet.server.session.Commands;
import java.util.concurrent.atomic.AtomicInteger;

/// The way to the engine, closed while any event loop of this door is too far behind with what the
/// engine has handed it: no new work before the old is out. This is what bounds the loops' queues.
///
/// Threading: any thread.
final class CommandGate {
  private final Commands commands;
  private final AtomicInteger loopsBehind = new AtomicInteger();

  CommandGate(Commands commands) {
    this.commands = commands;
  }

  /// @return false when it was not taken and has to be tried again
  boolean submit(Command command) {
    return loopsBehind.get() == 0 && commands.submit(command);
  }

  void wake() {
    commands.wake();
  }

  void loopFellBehind() {
    loopsBehind.incrementAndGet();
  }

  void loopCaughtUp() {
    loopsBehind.decrementAndGet();
  }
}
