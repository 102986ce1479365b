// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.Condition;
import io.freshet.engine.command.Interest;
import io.freshet.engine.command.Revision;
import io.freshet.engine.command.Terms;
import io.freshet.engine.command.Transformation;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Outlet;
import io.freshet.engine.feed.Publication;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.guard.Principal;
import io.freshet.engine.ingest.Sources;
import io.freshet.engine.messaging.LocalBus;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.Operation;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.PathEdit;
import io.freshet.protocol.path.RecordPath;
import io.freshet.spi.RequestKey;
import io.freshet.spi.Store;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// An engine whose threads are the test: turns, commits and timers happen when the test says so.
final class EngineHarness {
  final ArrayDeque<Runnable> commits = new ArrayDeque<>();
  final ArrayDeque<Runnable> reads = new ArrayDeque<>();
  final ArrayDeque<Runnable> timers = new ArrayDeque<>();
  final Loop loop = new Loop();
  final Engine engine;

  /// Nobody sweeps unless the options say so.
  static final EngineOptions OPTIONS = EngineOptions.DEFAULT.withExpiry(ExpiryOptions.NEVER);

  EngineHarness(Store store) {
    this(store, Guard.OPEN, OPTIONS);
  }

  EngineHarness(Store store, Guard guard, EngineOptions options) {
    this(store, guard, options, InstantSource.system());
  }

  EngineHarness(Store store, Guard guard, EngineOptions options, InstantSource clock) {
    this(store, guard, options, clock, Sources.none(store));
  }

  EngineHarness(
      Store store, Guard guard, EngineOptions options, InstantSource clock, Sources sources) {
    engine =
        new Engine(
            new Engine.Surroundings(
                store,
                new LocalBus("here"),
                guard,
                clock,
                () -> 0,
                commits::add,
                reads::add,
                this::later,
                new Random(1),
                () -> {},
                EngineMeter.NONE,
                sources),
            options);
  }

  /// Whether what is due soon comes back at once, as it may where one core serves all threads.
  boolean hasten;

  private static final Duration SOON = Duration.ofMillis(1);

  /// How often something did.
  int hastened;

  private Runnable later(Duration delay, Runnable task) {
    if (hasten && delay.compareTo(SOON) <= 0) {
      hastened++;
      task.run();
      return () -> {};
    }
    timers.add(task);
    return () -> timers.remove(task);
  }

  /// Turns until there is nothing to do but wait for the store.
  void turn() {
    while (engine.turn() > 0) {
      // again
    }
  }

  /// Lets the committing thread do its next commit, then turns.
  void commit() {
    Runnable commit = commits.poll();
    if (commit == null) {
      throw new AssertionError("no commit is waiting");
    }
    commit.run();
    turn();
  }

  /// Lets the reading threads do their next read, then turns.
  void read() {
    Runnable read = reads.poll();
    if (read == null) {
      throw new AssertionError("no read is waiting");
    }
    read.run();
    turn();
  }

  /// Turns, commits and reads until nothing is left.
  void settle() {
    turn();
    while (!commits.isEmpty() || !reads.isEmpty()) {
      if (commits.isEmpty()) {
        read();
      } else {
        commit();
      }
    }
  }

  /// Sets one field, as a merge of the documents face may.
  static Revision merge(String field, String json) {
    return new Revision.Transform(Operation.MERGE, set(field, json));
  }

  /// Adds to a number that is there.
  static Revision increment(String field) {
    return new Revision.Transform(
        Operation.MUTATE,
        (before, limits, now) -> {
          JsonValue value = ((JsonObject) before).get(field);
          if (!(value instanceof JsonNumber number)) {
            throw new FreshetException(ErrorCode.TYPE_MISMATCH, "There is no number at " + field);
          }
          return set(field, number.value().add(BigDecimal.ONE).toString())
              .apply(before, limits, now);
        });
  }

  private static Transformation set(String field, String json) {
    return (before, limits, now) -> {
      var set = new FieldOperation.Set(RecordPath.parse(field), Json.parse(json));
      return new Transformation.Transformed(PathEdit.apply(before, set), List.of(set));
    };
  }

  static Command.Batch.Item item(DocumentKey key, Revision revision) {
    return new Command.Batch.Item(key, revision, Terms.NONE);
  }

  static Command.Batch.Item item(DocumentKey key, Revision revision, long expected) {
    return new Command.Batch.Item(key, revision, new Terms(expected, null, null, null));
  }

  /// An event loop that writes down what it is given.
  static final class Loop implements Outlet {
    final List<FeedItem> items = new ArrayList<>();

    @Override
    public void deliver(List<FeedItem> delivered) {
      for (FeedItem item : delivered) {
        items.add(item);
        if (item instanceof FeedItem.Answer(ReplyTo replyTo, Outcome outcome)) {
          replyTo.reply(outcome);
        }
      }
    }

    /// All publications so far, in order.
    List<Publication> publications() {
      var all = new ArrayList<Publication>();
      for (FeedItem item : items) {
        if (item instanceof FeedItem.Changes(List<Publication> publications)) {
          all.addAll(publications);
        }
      }
      return all;
    }

    List<FeedItem> take() {
      var taken = List.copyOf(items);
      items.clear();
      return taken;
    }
  }

  /// A client.
  final class Client implements Session {
    final Outlet outlet;
    final Principal principal;

    Client(String id, Outlet outlet) {
      this.principal = new Principal(id, JsonObject.empty(), null);
      this.outlet = outlet;
    }

    @Override
    public Principal principal() {
      return principal;
    }

    @Override
    public Outlet outlet() {
      return outlet;
    }

    Reply set(DocumentKey key, String path, String json, int version) {
      Condition condition = version < 0 ? Condition.Any.ANY : new Condition.Follows(version);
      var reply = new Reply(this);
      submit(
          new Command.Edit(
              reply,
              key,
              List.of(new FieldOperation.Set(RecordPath.parse(path), Json.parse(json))),
              condition,
              true));
      return reply;
    }

    Reply replace(DocumentKey key, String json, int version, boolean create) {
      Condition condition = version < 0 ? Condition.Any.ANY : new Condition.Follows(version);
      var reply = new Reply(this);
      submit(new Command.Replace(reply, key, Json.parse(json), condition, create));
      return reply;
    }

    Reply delete(DocumentKey key) {
      var reply = new Reply(this);
      submit(new Command.Delete(reply, key));
      return reply;
    }

    Reply ask(Function<Reply, Command> command) {
      var reply = new Reply(this);
      submit(command.apply(reply));
      return reply;
    }

    Reply read(DocumentKey key) {
      var reply = new Reply(this);
      submit(new Command.Read(reply, key));
      return reply;
    }

    Reply watch(boolean open, DocumentKey... keys) {
      var reply = new Reply(this);
      submit(new Command.Watch(reply, List.of(keys), open));
      return reply;
    }

    Reply refresh(DocumentKey... keys) {
      var reply = new Reply(this);
      submit(new Command.Refresh(reply, List.of(keys)));
      return reply;
    }

    Reply revise(DocumentKey key, Revision revision) {
      return revise(key, revision, Terms.NONE);
    }

    Reply revise(DocumentKey key, Revision revision, Terms terms) {
      var reply = new Reply(this);
      submit(new Command.Revise(reply, key, revision, terms));
      return reply;
    }

    Reply create(DocumentKey key, String json) {
      return create(key, json, 0);
    }

    Reply create(DocumentKey key, String json, long expiresAt) {
      return revise(key, new Revision.Create((JsonObject) Json.parse(json), expiresAt));
    }

    Reply batch(@Nullable RequestKey request, Command.Batch.Item... items) {
      var reply = new Reply(this);
      submit(new Command.Batch(reply, List.of(items), request));
      return reply;
    }

    Reply scan(String collection, @Nullable String after, int max) {
      var reply = new Reply(this);
      submit(new Command.Scan(reply, collection, after, max));
      return reply;
    }

    Reply history(DocumentKey key, long after, int max) {
      var reply = new Reply(this);
      submit(new Command.History(reply, key, after, max));
      return reply;
    }

    Reply replay(Interest interest, EventId after, int max) {
      var reply = new Reply(this);
      submit(new Command.Replay(reply, interest, after, max));
      return reply;
    }

    Reply follow(Interest interest, EventId... after) {
      var reply = new Reply(this);
      submit(new Command.Follow(reply, interest, List.of(after)));
      return reply;
    }

    void unfollow(Interest interest) {
      submit(new Command.Unfollow(this, interest));
    }

    void leave() {
      submit(new Command.Leave(this));
    }

    void unwatch(DocumentKey... keys) {
      submit(new Command.Unwatch(this, List.of(keys)));
    }
  }

  Client client(String id) {
    return new Client(id, loop);
  }

  Client client(String id, Outlet outlet) {
    return new Client(id, outlet);
  }

  void submit(Command command) {
    if (!engine.submit(command)) {
      throw new AssertionError("inbox full");
    }
  }

  /// What a command was answered, once it was.
  static final class Reply implements ReplyTo {
    private final Session session;
    private final List<Outcome> outcomes = new ArrayList<>();

    Reply(Session session) {
      this.session = session;
    }

    @Override
    public Session session() {
      return session;
    }

    @Override
    public void reply(Outcome outcome) {
      outcomes.add(outcome);
    }

    boolean isOpen() {
      return outcomes.isEmpty();
    }

    Outcome outcome() {
      if (outcomes.size() != 1) {
        throw new AssertionError("answered " + outcomes.size() + " times: " + outcomes);
      }
      return outcomes.getFirst();
    }

    <T extends Outcome> T as(Class<T> type) {
      Outcome outcome = outcome();
      if (!type.isInstance(outcome)) {
        throw new AssertionError("answered " + outcome);
      }
      return type.cast(outcome);
    }

    long revision() {
      return as(Outcome.Committed.class).change().revision();
    }

    Document state() {
      return as(Outcome.State.class).document();
    }

    Document snapshot() {
      var watched = as(Outcome.Watching.class).documents().getFirst();
      if (watched instanceof Outcome.Watched.Snapshot(Document document, boolean provided)) {
        return document;
      }
      throw new AssertionError("not watching: " + watched);
    }
  }

  /// Whatever waits for its time to come has it now.
  void passTime() {
    for (int due = timers.size(); due > 0 && !timers.isEmpty(); due--) {
      timers.poll().run();
    }
    turn();
  }
}
