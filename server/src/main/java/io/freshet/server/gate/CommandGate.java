// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.gate;

import io.freshet.engine.command.Command;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.server.session.Commands;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// The way to the engine, closed while any event loop of its door is too far behind with what the
/// engine has handed it: no new work before the old is out. This is what bounds the loops' queues.
///
/// It also knows how many bytes of messages wait here or are under way, of all connections
/// together. A document of many small objects takes about twenty times its text, so that many
/// clients who each keep to their own bound could use up the heap between them.
///
/// Threading: any thread.
public final class CommandGate {
  /// Of the heap's size, the part that messages may have: with what becomes of them, a quarter.
  private static final int HEAP_PER_BYTE = 80;

  private static final long BYTES_MAX =
      Math.max(3L << 20, Runtime.getRuntime().maxMemory() / HEAP_PER_BYTE);

  private final Commands commands;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicInteger loopsBehind = new AtomicInteger();

  public CommandGate(Commands commands) {
    this.commands = commands;
  }

  /// @return false when it was not taken and has to be tried again
  boolean submit(Command command) {
    return loopsBehind.get() == 0 && commands.submit(command);
  }

  /// Whether a message of this size may be read and passed on. The less room there is, the smaller
  /// it has to be: most clients go on while the large ones are turned away.
  public boolean hasRoom(int messageBytes) {
    return messageBytes <= (BYTES_MAX - bytes.get()) / 2;
  }

  /// A message was read, or (negative) is done with.
  void addBytes(int change) {
    bytes.addAndGet(change);
  }

  public static FreshetException overloaded() {
    return new FreshetException(
        ErrorCode.OVERLOADED,
        "The server has too many large messages at hand; try again, or send smaller ones");
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
