// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.runtime;

import io.freshet.engine.listen.Timers;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Timers on one thread of their own; the engine carries each task over to its own thread.
public final class EngineTimers implements Timers, AutoCloseable {
  private final ScheduledThreadPoolExecutor executor;

  public EngineTimers() {
    executor =
        new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().name("freshet-timers").daemon().unstarted(task));
    executor.setRemoveOnCancelPolicy(true);
  }

  @Override
  public Runnable after(Duration delay, Runnable task) {
    ScheduledFuture<?> scheduled = executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    return () -> scheduled.cancel(false);
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
