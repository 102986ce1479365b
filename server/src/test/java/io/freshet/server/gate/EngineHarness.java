// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.gate;

import io.freshet.engine.Engine;
import io.freshet.engine.EngineMeter;
import io.freshet.engine.EngineOptions;
import io.freshet.engine.command.Command;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.messaging.LocalBus;
import io.freshet.server.session.Commands;
import io.freshet.server.session.Connections;
import io.freshet.server.session.Revocations;
import io.freshet.testkit.FaultyStore;
import io.freshet.testkit.MemoryStore;
import io.freshet.testkit.VirtualClock;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/// A real engine and an in-memory store behind a door, whose threads are the test: nothing happens
/// until [#settle], and then everything does.
public class EngineHarness {
  public final VirtualClock clock = VirtualClock.atNoon();
  public final FaultyStore store = new FaultyStore(new MemoryStore(clock));
  public final ArrayDeque<Runnable> commits = new ArrayDeque<>();
  public final ArrayDeque<Runnable> timers = new ArrayDeque<>();
  public final List<EmbeddedChannel> loops = new ArrayList<>();
  public final Revocations revocations = new Revocations();
  public final Connections connections = new Connections(clock, this::later, revocations);
  public final Engine engine;
  public long nowNanos = -5_000_000_000L;

  /// Whether the engine takes commands.
  public boolean inboxOpen = true;

  private long lastId;

  protected EngineHarness(Guard guard) {
    engine =
        new Engine(
            new Engine.Surroundings(
                store,
                new LocalBus("here"),
                guard,
                clock,
                () -> nowNanos,
                commits::add,
                Runnable::run,
                this::later,
                new Random(1),
                () -> {},
                EngineMeter.NONE),
            EngineOptions.DEFAULT);
    loops.add(new EmbeddedChannel());
  }

  /// The engine's way in.
  public final Commands inbox() {
    return new Commands() {
      @Override
      public boolean submit(Command command) {
        return inboxOpen && engine.submit(command);
      }

      @Override
      public void wake() {
        engine.wake();
      }
    };
  }

  private Runnable later(Duration delay, Runnable task) {
    timers.add(task);
    return () -> timers.remove(task);
  }

  /// Lets everything happen that can.
  public final void settle() {
    for (int quiet = 0; quiet < 2; ) {
      int done = engine.turn();
      for (Runnable commit = commits.poll(); commit != null; commit = commits.poll()) {
        commit.run();
        done++;
      }
      for (EmbeddedChannel loop : loops) {
        loop.advanceTimeBy(10, TimeUnit.MILLISECONDS);
        loop.runPendingTasks();
        loop.runScheduledPendingTasks();
      }
      quiet = done == 0 ? quiet + 1 : 0;
    }
  }

  /// Runs every timer of the engine that has been set so far, then settles.
  public final void timersRing() {
    var due = List.copyOf(timers);
    timers.clear();
    due.forEach(Runnable::run);
    settle();
  }

  public final EmbeddedChannel anotherLoop() {
    var loop = new EmbeddedChannel();
    loops.add(loop);
    return loop;
  }

  /// For a new connection.
  public final long nextId() {
    return ++lastId;
  }
}
