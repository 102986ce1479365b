// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.command.Command;
import io.freshet.engine.decide.Decider;
import io.freshet.engine.decide.Decision;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.ListenSignal;
import io.freshet.engine.feed.ListenTopic;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Publication;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.Subject;
import io.freshet.engine.listen.Listening;
import io.freshet.engine.listen.Timers;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.Operation;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.CommitResult;
import io.freshet.spi.Feed;
import io.freshet.spi.LogState;
import io.freshet.spi.Store;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jctools.queues.MpscArrayQueue;
import org.jctools.queues.MpscUnboundedArrayQueue;
import org.jspecify.annotations.Nullable;

/// Command → guard → decision → commit → feed.
///
/// One thread owns everything in here: it calls [#turn] again and again. Event loops hand commands
/// over with [#submit] and, once per burst, [#wake]. A turn takes what has arrived, decides writes
/// against pending state and reads against committed state, hands one batch to the committing
/// thread if none is on its way, and gives every outlet what the turn has for it.
///
/// ```
/// submit ─► inbox ─► decide ─► chain of the document ─► Commits ─► Store.commit
///                      │                                              │ feed, answers
///                      └► answers ─► Outbox ◄── changes, answers ◄────┘
/// ```
///
/// Because one thread puts changes, answers and snapshots into the outbox, their order there is the
/// order of the log: an answer that depends on state at position p stands after all changes up to p
/// and before all later ones (design, invariant 5).
public final class Engine implements AutoCloseable {
  private static final int TURN_MAX = 4096;

  private final MpscArrayQueue<Command> inbox;

  /// Bounded by what is under way: one commit, the loads of waiting documents, timers.
  private final MpscUnboundedArrayQueue<Runnable> internal = new MpscUnboundedArrayQueue<>(256);

  private final Runnable wake;
  private final EngineMeter meter;
  private final Slots slots;
  private final Guarding guarding;
  private final Writes writes;
  private final Watches watches;
  private final Listening listening;
  private final Outbox outbox = new Outbox();
  private final Store store;
  private final List<Feed> feeds = new ArrayList<>();

  /// What the engine is given instead of making it itself.
  ///
  /// @param clock what permission rules see
  /// @param nanoTime a steady clock for measuring
  /// @param committer runs one commit at a time; a thread that may block
  /// @param timers calls back on any thread
  /// @param wake makes the engine's thread take a turn; called from any thread
  public record Surroundings(
      Store store,
      Guard guard,
      InstantSource clock,
      LongSupplier nanoTime,
      Executor committer,
      Timers timers,
      RandomGenerator random,
      Runnable wake,
      EngineMeter meter) {}

  public Engine(Surroundings given, EngineOptions options) {
    this.inbox = new MpscArrayQueue<>(options.inboxMax());
    this.wake = given.wake();
    this.meter = given.meter();
    this.store = given.store();
    this.slots = new Slots(store, options.cacheBytesMax(), this::onEngineThread);
    this.guarding = new Guarding(given.guard(), given.clock(), slots);
    Timers timers = (delay, task) -> given.timers().after(delay, () -> onEngineThread(task));
    this.listening = new Listening(new Signals(), timers, options.listen(), given.random());
    this.writes =
        new Writes(
            slots,
            new Decider(options.limits()),
            guarding,
            outbox,
            chains ->
                new Commits(
                    store,
                    given.committer(),
                    this::onEngineThread,
                    options,
                    meter,
                    given.nanoTime(),
                    new CommitResults(chains)));
    this.watches = new Watches(slots, writes, guarding, outbox, listening);
    for (LogState log : store.logs()) {
      feeds.add(store.feed(log.log(), log.head() + 1, writes.commits()::onChanges));
    }
  }

  private void onEngineThread(Runnable task) {
    internal.add(task);
    wake.run();
  }

  /// Hands a command over; any thread. It is decided after the next [#wake] at the latest.
  ///
  /// @return false when the inbox is full: the caller keeps the command, stops reading from whoever
  ///   sent it and tries again
  public boolean submit(Command command) {
    return inbox.offer(command);
  }

  /// Makes the engine look at its inbox; any thread. Called once per burst of commands.
  public void wake() {
    wake.run();
  }

  /// Whether a turn would find something; from any thread.
  public boolean hasWork() {
    return !inbox.isEmpty() || !internal.isEmpty();
  }

  /// Commands waiting to be decided.
  public int inboxSize() {
    return inbox.size();
  }

  /// Documents in memory, roughly; for metrics, from any thread.
  public int documentsHeld() {
    return slots.size();
  }

  /// Whether nothing is waiting or on its way; on the engine's thread.
  public boolean isIdle() {
    return inbox.isEmpty() && internal.isEmpty() && writes.commits().isIdle();
  }

  /// Takes one turn; only ever on the engine's thread.
  ///
  /// @return how much was done; 0 means there was nothing to do
  public int turn() {
    int done = 0;
    for (Runnable task = internal.poll(); task != null; task = internal.poll()) {
      task.run();
      done++;
    }
    int commands = 0;
    for (Command c = inbox.poll(); c != null; c = commands < TURN_MAX ? inbox.poll() : null) {
      handle(c);
      commands++;
    }
    if (commands > 0) {
      meter.commands(commands);
    }
    slots.load();
    writes.commits().submit();
    outbox.flush();
    slots.evict();
    return done + commands;
  }

  private void handle(Command command) {
    switch (command) {
      case Command.DocumentWrite write -> writes.write(slots.use(write.key()), write, null);
      case Command.Read read -> read(read);
      case Command.Watch watch -> watches.watch(watch);
      case Command.Unwatch(Session session, List<DocumentKey> keys) ->
          watches.unwatch(session, keys);
      case Command.Refresh refresh -> refresh(refresh);
      case Command.Listen listen -> listen(listen);
      case Command.Unlisten(ReplyTo replyTo, ListenTopic topic, String pattern) -> {
        listening.unlisten(replyTo.session(), pattern);
        outbox.answer(replyTo, Outcome.Done.DONE);
      }
      case Command.ListenAnswer(
              ReplyTo replyTo,
              ListenTopic topic,
              String pattern,
              String name,
              boolean accept) -> {
        listening.answer(replyTo.session(), pattern, name, accept);
        outbox.answer(replyTo, Outcome.Done.DONE);
      }
      case Command.Subscribe _,
          Command.Unsubscribe _,
          Command.Emit _,
          Command.Provide _,
          Command.Unprovide _,
          Command.Call _,
          Command.CallAnswer _,
          Command.WatchPresence _,
          Command.UnwatchPresence _,
          Command.QueryPresence _,
          Command.Join _ ->
          throw new IllegalStateException("not yet");
      case Command.Leave(Session session) -> listening.leave(session);
    }
  }

  private void read(Command.Read command) {
    Slot slot = slots.use(command.key());
    slots.whenLoaded(slot, () -> read(command, slot, new HashMap<>(), 0));
  }

  private void read(
      Command.Read command, Slot slot, Map<DocumentKey, Document> loaded, int rounds) {
    Document document = slot.committed;
    if (document == null) {
      FreshetException failure = slots.loadFailure();
      outbox.answer(
          command.replyTo(),
          new Outcome.Rejected(
              failure == null ? ErrorCode.STORE_UNAVAILABLE : failure.code(),
              failure == null ? "Could not be loaded" : String.valueOf(failure.getMessage()),
              Document.missing(slot.key)));
      return;
    }
    var check = guarding.check(command.replyTo().session().principal(), loaded);
    Decision refusal = Decider.of(check.ask(GuardAction.READ, document, document));
    switch (refusal) {
      case null -> outbox.answer(command.replyTo(), new Outcome.State(document));
      case Decision.Rejected(ErrorCode code, String message) ->
          outbox.answer(command.replyTo(), new Outcome.Rejected(code, message, document));
      case Decision.Needs(List<DocumentKey> keys) when rounds < Guarding.ROUNDS_MAX ->
          guarding.load(keys, loaded, () -> readAgain(command, slot, loaded, rounds + 1));
      case Decision.Needs needs ->
          outbox.answer(
              command.replyTo(),
              new Outcome.Rejected(ErrorCode.PERMISSION_ERROR, Guarding.TOO_MANY_ROUNDS, document));
      case Decision.Accepted accepted -> throw new IllegalStateException("a read is no write");
      case Decision.Suppressed suppressed -> throw new IllegalStateException("a read is no write");
    }
  }

  private void readAgain(
      Command.Read command, Slot slot, Map<DocumentKey, Document> loaded, int rounds) {
    slots.whenLoaded(slot, () -> read(command, slot, loaded, rounds));
  }

  /// Reads watched documents from the store again and sends watchers what differs. What nobody
  /// watches is merely forgotten.
  private void refresh(Command.Refresh command) {
    var watched = new ArrayList<Slot>();
    for (DocumentKey key : command.keys()) {
      Slot slot = slots.existing(key);
      if (slot != null && !slot.watchers.isEmpty()) {
        watched.add(slot);
      } else if (slot != null && slot.isIdle()) {
        slots.forget(slot);
        slots.released(slot);
      }
    }
    if (watched.isEmpty()) {
      outbox.answer(command.replyTo(), Outcome.Done.DONE);
      return;
    }
    List<DocumentKey> keys = watched.stream().map(slot -> slot.key).toList();
    var stage = store.load(keys).toCompletableFuture();
    var _ =
        stage.whenComplete((documents, failure) ->
            onEngineThread(() -> {
              if (documents == null) {
                FreshetException typed = Slots.failureOf(stage);
                outbox.answer(
                    command.replyTo(),
                    new Outcome.Rejected(
                        typed.code(),
                        String.valueOf(typed.getMessage()),
                        Document.missing(keys.getFirst())));
                return;
              }
              for (int i = 0; i < watched.size(); i++) {
                refreshed(watched.get(i), documents.get(i));
              }
              outbox.answer(command.replyTo(), Outcome.Done.DONE);
            }));
  }

  /// With writes on their way the feed will tell; otherwise a difference is somebody's change that
  /// never went through a log.
  private void refreshed(Slot slot, Document document) {
    if (slot.hasChain() || slot.committed == null || document.equals(slot.committed)) {
      return;
    }
    slots.set(slot, document);
    slot.watchers.forEachOutlet(outlet -> outbox.add(outlet, new FeedItem.Refreshed(document)));
    if (!document.isRecord()) {
      watches.dropAll(slot);
    }
  }

  private void listen(Command.Listen command) {
    ReplyTo replyTo = command.replyTo();
    var subject = new Subject.OfName(command.pattern(), null);
    var check = guarding.check(replyTo.session().principal(), Map.of());
    Decision refusal = Decider.of(check.ask(GuardAction.LISTEN, subject));
    if (refusal instanceof Decision.Rejected(ErrorCode code, String message)) {
      outbox.answer(replyTo, new Outcome.Refused(code, message));
      return;
    }
    try {
      // The acknowledgement stands before the questions that registering may raise at once.
      int mark = outbox.mark(replyTo.session().outlet());
      listening.listen(replyTo.session(), command.pattern());
      outbox.answerAt(mark, replyTo, Outcome.Done.DONE);
    } catch (FreshetException e) {
      outbox.answer(replyTo, new Outcome.Refused(e.code(), String.valueOf(e.getMessage())));
    }
  }

  /// Publishes what the logs say and settles what was ours.
  private final class CommitResults implements Commits.Results {
    private final Writes chains;

    CommitResults(Writes chains) {
      this.chains = chains;
    }

    @Override
    public void published(List<Change> changes, List<Slot.@Nullable Entry> own) {
      for (int i = 0; i < changes.size(); i++) {
        publish(changes.get(i), own.get(i));
      }
      outbox.endBatch();
      for (int i = 0; i < changes.size(); i++) {
        Slot.Entry entry = own.get(i);
        if (entry != null) {
          chains.committed(entry, changes.get(i));
        }
      }
    }

    private void publish(Change change, Slot.@Nullable Entry entry) {
      Slot slot = entry != null ? entry.slot : slots.existing(change.key());
      if (slot == null) {
        return;
      }
      Document known = slot.committed;
      boolean newer = known == null ? slot.loading : change.revision() >= known.revision();
      if (newer) {
        slots.set(slot, change.after());
      }
      slot.knownRevision = Math.max(slot.knownRevision, change.revision());
      chains.dropOvertakenBase(slot);
      if (!slot.watchers.isEmpty() && change.operation() != Operation.OPEN) {
        Session writer = entry == null ? null : entry.command.replyTo().session();
        var publication = new Publication(change, writer);
        slot.watchers.forEachOutlet(outlet -> outbox.publish(outlet, publication));
      }
      if (change.after().life() == Document.Life.TOMBSTONE) {
        watches.dropAll(slot);
      }
      caughtUp(slot);
    }

    private void caughtUp(Slot slot) {
      Document ahead = slot.ahead;
      if (ahead != null && slot.knownRevision >= ahead.revision()) {
        slot.ahead = null;
        slots.request(slot);
      }
    }

    @Override
    public void conflict(Slot.Entry entry, CommitResult.Conflict conflict) {
      chains.conflict(entry, conflict);
    }

    @Override
    public void failed(List<Slot.Entry> batch, FreshetException failure) {
      chains.failed(batch, failure);
    }
  }

  private final class Signals implements Listening.Signals {
    @Override
    public void toListener(Session session, ListenSignal signal) {
      outbox.add(session.outlet(), new FeedItem.ToListener(session, ListenTopic.RECORD, signal));
    }

    @Override
    public void providerChanged(DocumentKey key, boolean hasProvider) {
      Slot slot = slots.existing(key);
      if (slot != null) {
        slot.watchers.forEachOutlet(
            outlet -> outbox.add(outlet, new FeedItem.ProviderChanged(key, hasProvider)));
      }
    }
  }

  /// Ends the feeds. What is on its way is not waited for: the owner stops submitting, takes turns
  /// until [#isIdle], then closes.
  @Override
  public void close() {
    feeds.forEach(Feed::close);
    feeds.clear();
  }
}
