// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/// Time that stands still until it is told to pass. Tasks run in order of their time; tasks of the
/// same time in the order they were given.
public final class VirtualTimers implements Timers {
  private record Due(long nanos, long order) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      return nanos != other.nanos
          ? Long.compare(nanos, other.nanos)
          : Long.compare(order, other.order);
    }
  }

  private final TreeMap<Due, Runnable> tasks = new TreeMap<>();
  private long now;
  private long order;

  @Override
  public Runnable after(Duration delay, Runnable task) {
    var due = new Due(now + delay.toNanos(), order++);
    tasks.put(due, task);
    return () -> tasks.remove(due);
  }

  /// Runs everything due within the time, tasks added on the way included.
  public void pass(Duration time) {
    pass(time, now -> {});
  }

  /// As the other, telling the time before each task and at the end.
  void pass(Duration time, LongConsumer clock) {
    long until = now + time.toNanos();
    while (!tasks.isEmpty() && tasks.firstKey().nanos() <= until) {
      Map.Entry<Due, Runnable> first = tasks.pollFirstEntry();
      now = first.getKey().nanos();
      clock.accept(now);
      first.getValue().run();
    }
    now = until;
    clock.accept(now);
  }

  /// Runs what is due now, without letting time pass, however many turns it takes.
  void settle() {
    pass(Duration.ZERO);
  }

  /// Runs the one next task if it is due now.
  public boolean turn() {
    if (tasks.isEmpty() || tasks.firstKey().nanos() > now) {
      return false;
    }
    tasks.pollFirstEntry().getValue().run();
    return true;
  }

  long now() {
    return now;
  }

  public int pending() {
    return tasks.size();
  }
}
