// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.session;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.CallSignal;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Outlet;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.Principal;
import io.freshet.protocol.error.ErrorCode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where HTTP requests ask the engine: one outlet for all of them, with one thread that takes the
/// answers in the feed's order. What it does with an answer must be short.
///
/// Commands under way are bounded; over the bound, as when the engine's inbox is full, whoever
/// wants to ask waits a little and is then refused.
///
/// Threading: any thread, unless a method says otherwise.
public final class Desk implements Outlet, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Desk.class);
  private static final int IN_FLIGHT_MAX = 65_536;
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final Commands commands;
  private final Executor blocking;
  private final String idPrefix;
  private final AtomicLong lastId = new AtomicLong();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final ScheduledThreadPoolExecutor thread;

  /// @param blocking runs tasks that may wait
  /// @param seed makes this desk's ids different from those of others
  public Desk(Commands commands, Executor blocking, long seed) {
    this.commands = commands;
    this.blocking = blocking;
    this.idPrefix = Long.toHexString(seed) + "-";
    this.thread =
        new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().name("freshet-desk").daemon().unstarted(task));
    thread.setRemoveOnCancelPolicy(true);
  }

  /// Runs tasks that may wait.
  public Executor blocking() {
    return blocking;
  }

  /// Unlike any other.
  public String nextId() {
    return idPrefix + lastId.incrementAndGet();
  }

  /// Commands that have not been answered.
  public int inFlight() {
    return inFlight.get();
  }

  // To the engine.

  /// Hands over a command that will be answered, without [#wake]. May wait for up to a second, so
  /// it is called on a thread that may.
  ///
  /// @return false when it was not taken, because the server has too much to do
  public boolean submit(Command command) {
    long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
    while (!offer(command)) {
      if (System.nanoTime() - deadlineNanos > 0 || thread.isShutdown()) {
        return false;
      }
      commands.wake();
      LockSupport.parkNanos(RETRY_NANOS);
    }
    return true;
  }

  private boolean offer(Command command) {
    if (inFlight.incrementAndGet() <= IN_FLIGHT_MAX && commands.submit(command)) {
      return true;
    }
    inFlight.decrementAndGet();
    return false;
  }

  /// Lets the engine decide what has been submitted.
  public void wake() {
    commands.wake();
  }

  /// Says that a session is gone that has calls under way.
  public void leave(Session session) {
    if (commands.submit(new Command.Leave(session))) {
      commands.wake();
    } else {
      var _ = after(Duration.ofMillis(2), () -> leave(session));
    }
  }

  /// Asks one thing, as this user. Does not wait: what the engine does not take at once is offered
  /// again by a thread that may.
  ///
  /// @return the answer; `Refused` with `OVERLOADED` when the server has too much to do. Completed
  ///   on a thread that may wait
  public CompletionStage<Outcome> ask(Principal principal, Function<ReplyTo, Command> command) {
    return ask(principal, command, blocking);
  }

  /// As the other, for answers that are dealt with in little time.
  ///
  /// @return completed on the desk's thread, which must not be held up
  public CompletionStage<Outcome> askShortly(
      Principal principal, Function<ReplyTo, Command> command) {
    return ask(principal, command, Runnable::run);
  }

  private CompletionStage<Outcome> ask(
      Principal principal, Function<ReplyTo, Command> command, Executor answers) {
    var answer = new CompletableFuture<Outcome>();
    Command asked = command.apply(new Errand(principal, answer, answers));
    if (offer(asked)) {
      wake();
      return answer;
    }
    blocking.execute(() -> {
      if (submit(asked)) {
        wake();
      } else {
        answer.complete(overloaded());
      }
    });
    return answer;
  }

  /// What a command that was not taken gets.
  public static Outcome.Refused overloaded() {
    return new Outcome.Refused(
        ErrorCode.OVERLOADED, "The server has too much to do; slow down and try again");
  }

  /// A session that asks once.
  private final class Errand implements Session, ReplyTo {
    private final Principal principal;
    private final CompletableFuture<Outcome> answer;
    private final Executor answers;

    Errand(Principal principal, CompletableFuture<Outcome> answer, Executor answers) {
      this.principal = principal;
      this.answer = answer;
      this.answers = answers;
    }

    @Override
    public Principal principal() {
      return principal;
    }

    @Override
    public Outlet outlet() {
      return Desk.this;
    }

    @Override
    public Session session() {
      return this;
    }

    @Override
    public void reply(Outcome outcome) {
      var _ = answer.completeAsync(() -> outcome, answers);
    }
  }

  // On the desk's thread.

  /// Runs a task on the desk's thread, behind everything handed to it so far.
  public void run(Runnable task) {
    try {
      thread.execute(task);
    } catch (RejectedExecutionException e) {
      log.debug("the desk is closed; a task is dropped");
    }
  }

  /// Runs a task on the desk's thread later.
  ///
  /// @return cancels it
  public Runnable after(Duration delay, Runnable task) {
    try {
      ScheduledFuture<?> scheduled = thread.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
      return () -> scheduled.cancel(false);
    } catch (RejectedExecutionException e) {
      return () -> {};
    }
  }

  @Override
  public void deliver(List<FeedItem> items) {
    run(() -> items.forEach(this::handle));
  }

  private void handle(FeedItem item) {
    try {
      switch (item) {
        case FeedItem.Answer(ReplyTo replyTo, Outcome outcome) -> {
          inFlight.decrementAndGet();
          replyTo.reply(outcome);
        }
        case FeedItem.ToCaller(
                Session session,
                String name,
                String correlationId,
                CallSignal signal) -> {
          if (session instanceof Caller caller) {
            caller.onCall(correlationId, signal);
          }
        }
        case FeedItem.RulesChanged _,
            FeedItem.NoMore _,
            FeedItem.Changes _,
            FeedItem.Refreshed _,
            FeedItem.ProviderChanged _,
            FeedItem.ToListener _,
            FeedItem.Events _,
            FeedItem.ToProvider _,
            FeedItem.PresenceChanged _ ->
            throw new IllegalStateException("nobody here watches, listens or provides");
      }
    } catch (RuntimeException failure) {
      log.error("an answer could not be taken; please report this", failure);
    }
  }

  /// Ends the thread. Requests under way are not answered any more.
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
