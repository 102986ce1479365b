// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.gate;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.Outlet;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A socket gateway's part on one event loop: the outlet through which everything for this loop's
/// sessions leaves the engine, and the way of their commands to it.
///
/// The engine's thread hands over one task per turn ([#deliver]). The loop handles its items in
/// order, gathers what each socket gets, and flushes every touched socket once at the end. How far
/// the loop is behind is counted; far behind, the door takes no further commands ([CommandGate]).
///
/// Threading: confined to the event loop, except [#deliver].
public abstract class DoorLoop implements Outlet {
  private static final Logger log = LoggerFactory.getLogger(DoorLoop.class);
  private static final int BACKLOG_HIGH = 32_000;
  private static final int BACKLOG_LOW = 8_000;
  private static final int IN_FLIGHT_BYTES_MAX = 32 << 20;
  private static final long RETRY_MILLIS = 2;

  private final EventLoop eventLoop;
  private final DoorBounds bounds;
  private final DoorMeter meter;
  private final CommandGate gate;

  private final AtomicInteger backlog = new AtomicInteger();
  private final AtomicBoolean behind = new AtomicBoolean();

  private final List<DoorSocket> touched = new ArrayList<>();
  private boolean delivering;

  private final ArrayDeque<DoorSession> stalled = new ArrayDeque<>();

  /// Commands nobody waits for that the engine had no room for: of a connection that comes or goes,
  /// a few each.
  private final ArrayDeque<Command> owed = new ArrayDeque<>();

  private boolean retryScheduled;
  private boolean wakeDue;
  private int inFlightBytes;

  protected DoorLoop(EventLoop eventLoop, DoorBounds bounds, DoorMeter meter, CommandGate gate) {
    this.eventLoop = eventLoop;
    this.bounds = bounds;
    this.meter = meter;
    this.gate = gate;
  }

  // From the engine.

  @Override
  public final void deliver(List<FeedItem> items) {
    int weight = weight(items);
    meter.backlog(weight);
    if (backlog.addAndGet(weight) > BACKLOG_HIGH && behind.compareAndSet(false, true)) {
      gate.loopFellBehind();
    }
    try {
      eventLoop.execute(() -> handle(items, weight));
    } catch (RejectedExecutionException e) {
      log.debug("the event loop has stopped; {} items are dropped", weight);
      settle(weight);
    }
  }

  private static int weight(List<FeedItem> items) {
    int weight = items.size();
    for (int i = 0; i < items.size(); i++) {
      weight +=
          switch (items.get(i)) {
            case FeedItem.Changes(var publications) -> publications.size();
            case FeedItem.Events(var emissions) -> emissions.size();
            case FeedItem.Answer _,
                FeedItem.NoMore _,
                FeedItem.RulesChanged _,
                FeedItem.Refreshed _,
                FeedItem.ProviderChanged _,
                FeedItem.ToListener _,
                FeedItem.ToProvider _,
                FeedItem.ToCaller _,
                FeedItem.PresenceChanged _ ->
                0;
          };
    }
    return weight;
  }

  private void settle(int weight) {
    meter.backlog(-weight);
    if (backlog.addAndGet(-weight) < BACKLOG_LOW && behind.compareAndSet(true, false)) {
      gate.loopCaughtUp();
    }
  }

  private void handle(List<FeedItem> items, int weight) {
    delivering = true;
    try {
      for (int i = 0; i < items.size(); i++) {
        if (items.get(i) instanceof FeedItem.Answer answer) {
          answer(answer);
        } else {
          handle(items.get(i));
        }
      }
    } finally {
      settle(weight);
      flushTouched();
      retry();
    }
  }

  /// Handles what is no answer.
  protected abstract void handle(FeedItem item);

  /// A session whose answer cannot be given is in a state nobody knows: it starts over. So with one
  /// there is no memory for.
  private void answer(FeedItem.Answer answer) {
    try {
      answer.replyTo().reply(answer.outcome());
    } catch (RuntimeException | OutOfMemoryError failure) {
      log.error("an answer could not be given; its connection is closed", failure);
      if (answer.replyTo().session() instanceof DoorSession session) {
        session.socket().close();
      }
    }
  }

  private void flushTouched() {
    for (int i = 0; i < touched.size(); i++) {
      touched.get(i).flush();
    }
    touched.clear();
    delivering = false;
  }

  /// Remembers to flush the socket at the end of the delivery. Outside of one, whoever calls the
  /// socket flushes it.
  final void touch(DoorSocket socket) {
    if (delivering && socket.touch()) {
      touched.add(socket);
    }
  }

  /// Runs a task on the loop: now if this is its thread, so that nothing overtakes it.
  public final void run(Runnable task) {
    if (!eventLoop.inEventLoop()) {
      eventLoop.execute(() -> run(task));
    } else if (delivering) {
      task.run();
    } else {
      delivering = true;
      try {
        task.run();
      } finally {
        flushTouched();
      }
    }
  }

  /// Runs a task on the loop later.
  public final void after(int delayMs, Runnable task) {
    var _ = eventLoop.schedule(() -> run(task), delayMs, TimeUnit.MILLISECONDS);
  }

  // To the engine.

  /// Passes a command of a session, behind what is owed: a session's first is that it is there.
  final boolean submit(Command command) {
    return owed.isEmpty() && pass(command);
  }

  private boolean pass(Command command) {
    boolean taken = gate.submit(command);
    wakeDue |= taken;
    return taken;
  }

  /// Passes a command that nobody waits for, later if need be.
  public final void submitSurely(Command command) {
    if (!submit(command)) {
      owed.add(command);
      scheduleRetry();
    }
    wakeEngine();
  }

  /// Lets the engine decide what has been passed since the last call.
  public final void wakeEngine() {
    if (wakeDue) {
      wakeDue = false;
      gate.wake();
    }
  }

  /// The session has commands that were not taken.
  final void stall(DoorSession session) {
    stalled.add(session);
    scheduleRetry();
  }

  private void scheduleRetry() {
    if (!retryScheduled) {
      retryScheduled = true;
      var _ =
          eventLoop.schedule(
              () -> {
                retryScheduled = false;
                retry();
              },
              RETRY_MILLIS,
              TimeUnit.MILLISECONDS);
    }
  }

  private void retry() {
    while (!owed.isEmpty() && pass(owed.element())) {
      owed.remove();
    }
    for (int turns = stalled.size(); turns > 0 && owed.isEmpty(); turns--) {
      int before = stalled.size();
      stalled.remove().retry();
      if (stalled.size() == before) {
        break;
      }
    }
    if (!stalled.isEmpty() || !owed.isEmpty()) {
      scheduleRetry();
    }
    wakeEngine();
  }

  final void addInFlightBytes(int change) {
    inFlightBytes += change;
  }

  /// Whether this loop's sessions together have too much under way.
  final boolean isOverInFlightBytes() {
    return inFlightBytes > IN_FLIGHT_BYTES_MAX;
  }

  public final CommandGate gate() {
    return gate;
  }

  public final DoorBounds bounds() {
    return bounds;
  }

  protected final EventLoop eventLoop() {
    return eventLoop;
  }
}
