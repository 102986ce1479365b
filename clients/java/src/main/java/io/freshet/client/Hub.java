// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What all parts of one client share: the lock that guards its state, timers, and the threads that
/// call the program back.
///
/// Nothing of the program runs while the lock is held. Listeners are called one after the other, in
/// the order of what they are told of; futures are completed each on a virtual thread of its own,
/// so that what a program does next may wait for the client again.
///
/// Threading: any thread.
final class Hub {
  private final ReentrantLock lock = new ReentrantLock();
  private final Timing timing;
  private final Runnable released;
  private final Consumer<FreshetClientException> failed;
  private final int callbacksMax;

  private final ThreadFactory threads = Thread.ofVirtual().name("freshet-client-", 0).factory();

  /// Guarded by the lock.
  private final ArrayDeque<Runnable> callbacks = new ArrayDeque<>();

  private volatile int waiting;
  private boolean isCalling;

  /// @param callbacksMax so many may wait before the server is not listened to any more
  /// @param released runs after the lock was given back, without it
  /// @param failed told what a listener threw
  Hub(Timing timing, int callbacksMax, Runnable released, Consumer<FreshetClientException> failed) {
    this.timing = timing;
    this.callbacksMax = callbacksMax;
    this.released = released;
    this.failed = failed;
  }

  // The lock.

  void locked(Runnable task) {
    lock.lock();
    try {
      task.run();
    } finally {
      unlock();
    }
  }

  /// As the other, for what is done because the lock was given back.
  <T> T quietly(Supplier<T> task) {
    lock.lock();
    try {
      return task.get();
    } finally {
      lock.unlock();
    }
  }

  <T> T locked(Supplier<T> task) {
    lock.lock();
    try {
      return task.get();
    } finally {
      unlock();
    }
  }

  private void unlock() {
    boolean isLast = lock.getHoldCount() == 1;
    lock.unlock();
    if (isLast) {
      released.run();
    }
  }

  Condition condition() {
    return lock.newCondition();
  }

  // Time.

  Timing timing() {
    return timing;
  }

  /// Something to be done later, under the lock.
  static final class Timer {
    private boolean isCancelled;
    private @Nullable Runnable taking;

    void cancel() {
      isCancelled = true;
      if (taking != null) {
        taking.run();
      }
    }
  }

  /// To be called, and cancelled, under the lock.
  Timer after(long delayMs, Runnable task) {
    var timer = new Timer();
    timer.taking =
        timing.later(
            () ->
                locked(() -> {
                  if (!timer.isCancelled) {
                    task.run();
                  }
                }),
            delayMs);
    return timer;
  }

  static void cancel(@Nullable Timer timer) {
    if (timer != null) {
      timer.cancel();
    }
  }

  // The program.

  /// Runs something that may block, on a thread of its own.
  void start(Runnable task) {
    threads.newThread(task).start();
  }

  <T> void complete(CompletableFuture<T> future, T value) {
    start(() -> future.complete(value));
  }

  void complete(CompletableFuture<Void> future) {
    start(() -> future.complete(null));
  }

  void fail(CompletableFuture<?> future, FreshetClientException why) {
    start(() -> future.completeExceptionally(why));
  }

  /// Has a listener called, behind those that wait already. To be called under the lock.
  void tell(Runnable listener) {
    callbacks.add(listener);
    waiting = callbacks.size();
    if (!isCalling) {
      isCalling = true;
      start(this::call);
    }
  }

  /// Whether the program keeps up with what it is told.
  boolean hasRoom() {
    return waiting < callbacksMax;
  }

  private void call() {
    while (true) {
      Runnable next = locked(this::nextCallback);
      if (next == null) {
        return;
      }
      try {
        next.run();
      } catch (Throwable e) {
        failed.accept(FreshetClientException.causeOf(e));
      }
    }
  }

  private @Nullable Runnable nextCallback() {
    Runnable next = callbacks.poll();
    waiting = callbacks.size();
    isCalling = next != null;
    return next;
  }

  /// Ends the timers. What the program is being told of still is.
  void close() {
    timing.close();
  }
}
