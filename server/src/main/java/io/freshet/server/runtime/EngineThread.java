// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.runtime;

import io.freshet.engine.Engine;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that takes the engine's turns. It sleeps when a turn finds nothing to do and is
/// woken by [#wake].
public final class EngineThread {
  private static final Logger LOG = LoggerFactory.getLogger(EngineThread.class);

  private final Runnable died;
  private volatile boolean parked;
  private volatile boolean stopping;
  private volatile @Nullable Thread thread;

  /// @param died called on the engine's thread when it cannot go on: nothing will be decided any
  ///   more, and nobody else would notice
  public EngineThread(Runnable died) {
    this.died = died;
  }

  /// Makes a sleeping thread take a turn; any thread. Costs a read when it is awake.
  public void wake() {
    Thread sleeper = thread;
    if (parked && sleeper != null) {
      parked = false;
      LockSupport.unpark(sleeper);
    }
  }

  public void start(Engine engine) {
    Thread started = new Thread(() -> run(engine), "freshet-engine");
    thread = started;
    started.setDaemon(true);
    started.start();
  }

  private void run(Engine engine) {
    try {
      while (!(stopping && engine.isIdle())) {
        if (turn(engine) == 0) {
          sleep(engine);
        }
      }
    } catch (Error e) {
      LOG.error("The engine cannot go on", e);
      died.run();
    }
  }

  /// A defect in one command must not end the server: it is logged, and the next turn goes on.
  @SuppressWarnings("CatchingUnchecked")
  private static int turn(Engine engine) {
    try {
      return engine.turn();
    } catch (RuntimeException e) {
      LOG.error("The engine failed on a command; please report this", e);
      return 1;
    }
  }

  private void sleep(Engine engine) {
    parked = true;
    if (engine.hasWork() || stopping && engine.isIdle()) {
      parked = false;
      return;
    }
    LockSupport.park(this);
    parked = false;
  }

  /// Lets the engine finish what has been submitted and what is on its way, then ends the thread.
  ///
  /// @return whether it ended in time
  public boolean stop(Duration atMost) throws InterruptedException {
    stopping = true;
    Thread running = thread;
    if (running == null) {
      return true;
    }
    parked = false;
    LockSupport.unpark(running);
    return running.join(atMost);
  }
}
