// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Makes sure that there is still somebody at the other end of one link: asks in every interval,
/// soon when something was sent and nothing comes, and after a while when something was received
/// and nothing follows.
///
/// The last two are for the JDK's WebSocket, which does not tell of a connection that ends while it
/// hands over a message: `TransportImpl.acknowledgeReception` fails then, and nothing is called any
/// more. But whoever writes to such a connection a few times is told.
///
/// Threading: guarded by the hub's lock.
final class Heartbeat {
  /// Looks so often in each interval.
  private static final int TURNS = 5;

  /// So many turns a ping may be found unanswered, with nothing else heard.
  private static final int ASKED_TURNS_MAX = 3;

  /// So often it is looked whether all is quiet, after something was sent or received.
  private static final long QUIET_MS = 1_000;

  /// So many looks in a row: whoever waits for nothing need not know at once, and one change that
  /// reaches many clients must not make all of them ask.
  private static final int QUIET_LOOKS = 5;

  /// So often it is asked then, until there is an answer.
  private static final long AGAIN_MS = 250;

  private final Hub hub;
  private final Runnable sendPing;
  private final BooleanSupplier isReadingHeld;
  private final Runnable fallenSilent;

  /// What waits for an answer to a ping each, in the order the pings were sent.
  private final ArrayDeque<Runnable> pinged = new ArrayDeque<>();

  /// Whether something was heard since the last turn, and since the last look.
  private boolean isHeardInTurn = true;

  private boolean isHeard;

  /// Whether something was sent since something was received.
  private boolean isOwed;

  private int quietLooks;
  private int turns;

  /// Of those that have passed in a row: nothing was heard, and there was a ping to answer.
  private int askedTurns;

  /// Counts what is sent and received; and up to where a ping that was answered had seen of that.
  private long moves;

  private long sureUpTo;
  private long intervalMs;
  private Hub.@Nullable Timer turn;
  private Hub.@Nullable Timer look;

  /// @param isReadingHeld whether nothing can be heard because nothing is listened to
  /// @param fallenSilent runs when nobody answers
  Heartbeat(Hub hub, Runnable sendPing, BooleanSupplier isReadingHeld, Runnable fallenSilent) {
    this.hub = hub;
    this.sendPing = sendPing;
    this.isReadingHeld = isReadingHeld;
    this.fallenSilent = fallenSilent;
  }

  void begin(long everyMs) {
    intervalMs = everyMs;
    turnLater();
    lookLater(QUIET_MS);
  }

  void end() {
    Hub.cancel(turn);
    Hub.cancel(look);
    intervalMs = 0;
    pinged.clear();
  }

  /// Calls back when everything the server sent before it saw this ping has been received.
  void ping(Runnable answered) {
    pinged.add(answered);
    sendPing.run();
  }

  /// A message has come.
  void heard() {
    isHeard = true;
    isHeardInTurn = true;
  }

  void answered() {
    Runnable waiting = pinged.poll();
    if (waiting != null) {
      waiting.run();
    }
  }

  /// Something was sent that is no ping.
  void sent() {
    isOwed = true;
    moved();
  }

  /// Something was received that answers no ping.
  void received() {
    isOwed = false;
    moved();
  }

  private void moved() {
    moves++;
    lookLater(QUIET_MS);
  }

  private void turnLater() {
    turn = hub.after(Math.max(1, intervalMs / TURNS), this::turn);
  }

  private void turn() {
    turns++;
    boolean isAsked = !isHeardInTurn && !pinged.isEmpty() && !isReadingHeld.getAsBoolean();
    askedTurns = isAsked ? askedTurns + 1 : 0;
    isHeardInTurn = false;
    if (askedTurns >= ASKED_TURNS_MAX) {
      fallenSilent.run();
      return;
    }
    if (turns % TURNS == 0) {
      ping(() -> {});
    }
    turnLater();
  }

  private void lookLater(long delayMs) {
    if (look == null && intervalMs > 0) {
      look = hub.after(delayMs, this::look);
    }
  }

  private void look() {
    look = null;
    quietLooks = isHeard || isReadingHeld.getAsBoolean() ? 0 : quietLooks + 1;
    isHeard = false;
    if (sureUpTo == moves) {
      return;
    }
    boolean isDoubtful = quietLooks >= (isOwed ? 1 : QUIET_LOOKS);
    if (isDoubtful) {
      long now = moves;
      ping(() -> sureUpTo = now);
    }
    lookLater(isDoubtful ? AGAIN_MS : QUIET_MS);
  }
}
