// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.command.Command;
import io.freshet.engine.decide.Decider;
import io.freshet.engine.feed.Ended;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.ListenSignal;
import io.freshet.engine.feed.ListenTopic;
import io.freshet.engine.feed.Outbox;
import io.freshet.engine.feed.Session;
import io.freshet.engine.follow.CollectionReads;
import io.freshet.engine.follow.Journal;
import io.freshet.engine.follow.Permission;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.guard.Standing;
import io.freshet.engine.guard.Standings;
import io.freshet.engine.ingest.Sources;
import io.freshet.engine.lease.Streams;
import io.freshet.engine.listen.Listening;
import io.freshet.engine.listen.Timers;
import io.freshet.engine.messaging.Messaging;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.LogId;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.spi.Bus;
import io.freshet.spi.Feed;
import io.freshet.spi.LogState;
import io.freshet.spi.Store;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
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

  private final Store store;
  private final Runnable wake;
  private final EngineMeter meter;
  private final Slots slots;
  private final Commits commits;
  private final Writes writes;
  private final Batches batches;
  private final Watches watches;
  private final Reads reads;
  private final CollectionReads collections;
  private final Sweeper sweeper;
  private final Messaging messaging;
  private final Streams streams;
  private final Guarding guarding;
  private final Outbox outbox = new Outbox();
  private final List<Feed> feeds = new ArrayList<>();

  /// The last time the rules were replaced; null if they never were.
  private @Nullable Rejudging rejudging;

  /// What the engine is given instead of making it itself.
  ///
  /// @param bus what connects it with the other nodes; closed by its owner, after the engine's last
  ///   turn
  /// @param clock what permission rules see
  /// @param nanoTime a steady clock for measuring
  /// @param committer runs one commit at a time; a thread that may block
  /// @param reader runs reads of the store that may block, a few at a time
  /// @param timers calls back on any thread
  /// @param sources whose logs have been opened; started and closed by their owner
  /// @param wake makes the engine's thread take a turn; called from any thread
  public record Surroundings(
      Store store,
      Bus bus,
      Guard guard,
      InstantSource clock,
      LongSupplier nanoTime,
      Executor committer,
      Executor reader,
      Timers timers,
      RandomGenerator random,
      Runnable wake,
      EngineMeter meter,
      Sources sources) {

    /// Of a server without sources.
    public Surroundings(
        Store store,
        Bus bus,
        Guard guard,
        InstantSource clock,
        LongSupplier nanoTime,
        Executor committer,
        Executor reader,
        Timers timers,
        RandomGenerator random,
        Runnable wake,
        EngineMeter meter) {
      this(
          store,
          bus,
          guard,
          clock,
          nanoTime,
          committer,
          reader,
          timers,
          random,
          wake,
          meter,
          Sources.none(store));
    }
  }

  public Engine(Surroundings given, EngineOptions options) {
    this.inbox = new MpscArrayQueue<>(options.inboxMax());
    this.wake = given.wake();
    this.meter = given.meter();
    this.store = given.store();
    Sources sources = given.sources();
    this.slots = new Slots(store, sources, options.cacheBytesMax(), this::onEngineThread);
    this.guarding = new Guarding(given.guard(), given.clock(), slots);
    var disclosure = new Disclosure(new Permission(guarding));
    Timers timers = (delay, task) -> given.timers().after(delay, () -> onEngineThread(task));
    var listening = new Listening(new Signals(), timers, options.listen(), given.random());
    this.commits =
        new Commits(
            store, given.committer(), this::onEngineThread, options, meter, given.nanoTime());
    var chains = new Chains(slots, commits);
    var decider = new Decider(options.limits());
    var journal = new Journal(options.follow());
    var repeats = new Repeats(store, outbox, journal, this::onEngineThread);
    this.writes =
        new Writes(slots, decider, sources, guarding, outbox, chains, repeats, disclosure);
    this.batches =
        new Batches(
            new Batches.Parts(
                store,
                sources,
                slots,
                decider,
                writes,
                guarding,
                outbox,
                chains,
                repeats,
                disclosure),
            given.random(),
            options.batchWritesMax());
    this.watches = new Watches(slots, sources, writes, guarding, outbox, listening);
    this.reads = new Reads(store, slots, guarding, writes, watches, outbox, this::onEngineThread);
    this.collections =
        new CollectionReads(
            new CollectionReads.Surroundings(
                store,
                sources,
                timers,
                given.clock(),
                guarding,
                outbox,
                given.reader(),
                this::onEngineThread,
                options.follow()),
            journal);
    this.streams = new Streams(store, sources, outbox, timers, collections, options.streams());
    commits.reportTo(new Publishing(chains, slots, watches, collections, sources, outbox));
    this.sweeper =
        new Sweeper(given, slots, writes, guarding, timers, this::onEngineThread, options.expiry());
    this.messaging = messaging(given, options, timers, listening);
    for (LogState log : store.logs()) {
      journal.begin(log);
      feeds.add(store.feed(log.log(), log.head() + 1, commits::onChanges));
    }
    sources.onGap(
        (log, reason) -> onEngineThread(() -> commits.whenPublished(() -> gap(log, reason))));
    sweeper.start();
  }

  private Messaging messaging(
      Surroundings given, EngineOptions options, Timers timers, Listening listening) {
    return new Messaging(
        new Messaging.Surroundings(
            given.bus(), guarding, outbox, timers, given.random(), listening, this::onEngineThread),
        options.listen(),
        options.rpc(),
        options.inboxMax());
  }

  /// What was told before the gap is published first.
  private void gap(LogId log, String reason) {
    for (LogState state : store.logs()) {
      if (state.log().equals(log)) {
        streams.gap(log, state, reason);
      }
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

  /// Replaces the rules; any thread. From the moment they are replaced everything is judged by the
  /// new ones, and what is open and not allowed any more is ended.
  ///
  /// @param replace makes the guard follow the new rules; runs on the engine's thread
  /// @return how much has ended, once everything open has been asked about; completed on the
  ///   engine's thread
  public CompletionStage<Integer> renewRules(Runnable replace) {
    var done = new CompletableFuture<Integer>();
    onEngineThread(() -> renew(replace, done));
    return done;
  }

  private void renew(Runnable replace, CompletableFuture<Integer> done) {
    replace.run();
    guarding.renewed();
    watches.renewing(true);
    collections.followers().judgeAll();
    collections
        .followers()
        .outlets()
        .forEach(outlet -> outbox.add(outlet, FeedItem.RulesChanged.RULES_CHANGED));
    Rejudging before = rejudging;
    var now =
        new Rejudging(guarding, standings(), this::onEngineThread, () -> watches.renewing(false));
    rejudging = now;
    if (before != null) {
      before.abandon();
      var _ = now.ended().thenAccept(before.ended()::complete);
    }
    var _ = now.ended().thenAccept(done::complete);
    now.goOn();
  }

  private Iterator<Standing> standings() {
    return Standings.all(
        List.of(
            watches.standings(),
            collections
                .followers()
                .standings((session, what, code, message) ->
                    outbox.add(
                        session.outlet(), new FeedItem.NoMore(session, what, code, message))),
            streams.standings(),
            messaging.standings()));
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

  /// Whole collections; its figures may be read from any thread.
  public CollectionReads collections() {
    return collections;
  }

  /// Change streams; its figures may be read from any thread.
  public Streams streams() {
    return streams;
  }

  /// Events, calls, presence; its figures may be read from any thread.
  public Messaging messaging() {
    return messaging;
  }

  /// Whether nothing is waiting or on its way; on the engine's thread.
  public boolean isIdle() {
    return inbox.isEmpty() && internal.isEmpty() && commits.isIdle();
  }

  /// Takes one turn; only ever on the engine's thread.
  ///
  /// @return how much was done; 0 means there was nothing to do
  public int turn() {
    int done = 0;
    // Only what is there now: work that is cut into slices puts the next one in meanwhile.
    for (int due = internal.size(); done < due; done++) {
      internal.poll().run();
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
    commits.submit();
    outbox.flush();
    slots.evict();
    return done + commands;
  }

  private void handle(Command command) {
    switch (command) {
      case Command.DocumentWrite write -> writes.write(slots.use(write.key()), write, null);
      case Command.Read read -> reads.read(read);
      case Command.Watch watch -> watches.watch(watch);
      case Command.Unwatch(Session session, List<DocumentKey> keys) ->
          watches.unwatch(session, keys);
      case Command.Refresh refresh -> reads.refresh(refresh);
      case Command.Batch batch -> batches.batch(batch);
      case Command.OfCollection read -> collections.handle(read);
      case Command.OfStreams of -> streams.handle(of);
      case Command.OfMessaging message -> {
        if (message instanceof Command.Leave(Session session)) {
          collections.leave(session);
          streams.leave(session);
        }
        messaging.handle(message);
      }
    }
  }

  private final class Signals implements Listening.Signals {
    @Override
    public void noMore(Session session, String pattern, ErrorCode code, String message) {
      var what = new Ended.Listening(ListenTopic.RECORD, pattern);
      outbox.add(session.outlet(), new FeedItem.NoMore(session, what, code, message));
    }

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
    sweeper.stop();
    feeds.forEach(Feed::close);
    feeds.clear();
  }
}
