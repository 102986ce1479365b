// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.spi.Authenticator.Verdict;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/// Threads for what must not run on event loops, with a bound on how much may wait for them. Over
/// the bound a login is told to try again.
///
/// Threading: any thread.
public final class BoundedWork implements AutoCloseable {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
  private static final Verdict BUSY =
      new Verdict.Later(reason("TRY_AGAIN", RETRY_AFTER), RETRY_AFTER);
  private static final int IDLE_SECONDS = 10;

  private final ThreadPoolExecutor threads;
  private final LongAdder refused = new LongAdder();

  /// @param waitingMax how many tasks may wait for a thread
  public BoundedWork(int threads, int waitingMax, ThreadFactory factory) {
    this.threads =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(waitingMax),
            factory);
    this.threads.allowCoreThreadTimeOut(true);
  }

  /// For work that keeps a processor busy, such as hashing passwords: half the processors, so that
  /// the other half goes on serving those who are in.
  public static BoundedWork hashing(int processors, int waitingMax) {
    return new BoundedWork(
        Math.max(1, processors / 2),
        waitingMax,
        Thread.ofPlatform().name("freshet-hash-", 0).daemon().factory());
  }

  /// For work that mostly waits for others.
  public static BoundedWork waiting(int atOnceMax, int waitingMax) {
    return new BoundedWork(
        atOnceMax, waitingMax, Thread.ofVirtual().name("freshet-ask-", 0).factory());
  }

  /// Judges on one of the threads, or says "later" when too many wait already.
  CompletionStage<Verdict> judge(Supplier<Verdict> judging) {
    var verdict = new CompletableFuture<Verdict>();
    try {
      threads.execute(() -> {
        try {
          verdict.complete(judging.get());
        } catch (RuntimeException | Error failure) {
          verdict.completeExceptionally(failure);
        }
      });
    } catch (RejectedExecutionException e) {
      refused.increment();
      verdict.complete(BUSY);
    }
    return verdict;
  }

  /// How many tasks wait for a thread.
  public int waiting() {
    return threads.getQueue().size();
  }

  /// How many tasks were told to try again.
  public long refused() {
    return refused.sum();
  }

  /// What a client is told that should try again.
  static JsonObject reason(String error, Duration retryAfter) {
    return JsonObject.of("error", JsonString.of(error))
        .with("retryAfterMs", JsonNumber.of(retryAfter.toMillis()));
  }

  /// Ends the threads. Logins under way are not answered any more.
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
