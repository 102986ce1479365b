// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// Time that passes when a test says so. What falls due runs on the thread that lets it pass.
final class ManualTiming implements Timing {
  private static final long START_MS = 1_700_000_000_000L;

  private record Task(long atMs, long order, Runnable run) {}

  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(Comparator.comparingLong(Task::atMs).thenComparingLong(Task::order));

  volatile double chance = 1;
  private long nowMs = START_MS;
  private long order;

  @Override
  public synchronized long nanos() {
    return nowMs * 1_000_000;
  }

  @Override
  public synchronized long millis() {
    return nowMs;
  }

  @Override
  public double chance() {
    return chance;
  }

  @Override
  public synchronized @Nullable Runnable later(Runnable task, long delayMs) {
    var added = new Task(nowMs + delayMs, ++order, task);
    tasks.add(added);
    return () -> remove(added);
  }

  private synchronized void remove(Task task) {
    tasks.remove(task);
  }

  @Override
  public synchronized void close() {
    tasks.clear();
  }

  void pass(long delayMs) {
    long end = millis() + delayMs;
    for (Task next = due(end); next != null; next = due(end)) {
      next.run.run();
    }
    reach(end);
  }

  private synchronized void reach(long ms) {
    nowMs = ms;
  }

  private synchronized @Nullable Task due(long end) {
    Task next = tasks.peek();
    if (next == null || next.atMs > end) {
      return null;
    }
    nowMs = Math.max(nowMs, next.atMs);
    return tasks.poll();
  }

  synchronized int waiting() {
    return tasks.size();
  }
}
