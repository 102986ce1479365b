// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.Interest;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.follow.FollowOptions;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.stream.CursorMove;
import io.freshet.engine.stream.Start;
import io.freshet.engine.stream.StreamOptions;
import io.freshet.engine.stream.StreamTerms;
import io.freshet.engine.stream.StreamTicket;
import io.freshet.protocol.Change;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.Operation;
import io.freshet.protocol.Position;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.spi.Cursor;
import io.freshet.spi.LogState;
import io.freshet.testkit.FaultyStore;
import io.freshet.testkit.Seeds;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Consumers of named streams whose connections break, are forgotten, fight and come back: what one
/// has processed, without what came twice, is what the log tells of its collection behind its
/// start, in order; and at no moment does a cursor stand beyond what was processed.
///
/// A connection does what a door does: it replays until near the head, follows, stops when its
/// window is full, and moves the cursor to what is acknowledged, or to what it has looked at while
/// nothing is in flight.
class StreamPropertyTest {
  private static final int STEPS = 4000;
  private static final List<String> COLLECTIONS = List.of("a", "b", "c");

  private final ToldLogs told = new ToldLogs("a", "b");
  private final SeveralLogs logs = told.logs;
  private final FaultyStore store = told.store;
  private final List<Consuming> consumers = new ArrayList<>();
  private List<TestLoop> loops = List.of(new TestLoop(), new TestLoop());
  private EngineHarness harness = engine();

  /// How many places have been lost for a reason.
  private int losses;

  private int evictions;
  private int refusals;
  private int repeated;

  private EngineHarness engine() {
    return new EngineHarness(
        store,
        Guard.OPEN,
        EngineHarness.OPTIONS
            .withFollow(new FollowOptions(6, 1 << 20, 8, 1 << 20))
            .withStreams(new StreamOptions(true, 100, Duration.ofSeconds(1))));
  }

  static java.util.stream.LongStream seeds() {
    return Seeds.all();
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void consumersProcessExactlyTheLog(long seed) {
    var random = new Random(seed);
    consumers.add(new Consuming("s0", "a", 1));
    consumers.add(new Consuming("s1", "b", 1));
    consumers.add(new Consuming("s2", "a", 3));
    consumers.add(new Consuming("s3", "c", 2));
    for (int i = 0; i < STEPS; i++) {
      step(random);
      if (i % 8 == 0) {
        consumers.forEach(Consuming::checkNothingIsSkipped);
      }
    }
    store.releaseFeeds();
    consumers.forEach(each -> each.finish(random));
    assertTrue(losses > 0 || consumers.stream().allMatch(each -> each.lost == 0), "no reason");
    assertTrue(evictions > 0 && refusals > 0 && repeated > 0, "nothing happened");
  }

  private void step(Random random) {
    var key =
        new DocumentKey(
            COLLECTIONS.get(random.nextInt(COLLECTIONS.size())), "d" + random.nextInt(3));
    Consuming consumer = consumers.get(random.nextInt(consumers.size()));
    switch (random.nextInt(20)) {
      case 0, 1, 2 -> writer().set(key, "n", "" + random.nextInt(), -1);
      case 3 -> writer().delete(key);
      case 4 -> writer().watch(true, key);
      case 5 -> told.foreignWrite(key, random);
      case 6, 7 -> harness.turn();
      case 8 -> {
        if (!harness.commits.isEmpty()) {
          harness.commit();
        }
      }
      case 9, 10, 11 -> {
        if (!harness.reads.isEmpty()) {
          harness.read();
        }
      }
      case 12 -> rarely(random);
      case 13 -> {
        if (random.nextInt(6) == 0) {
          consumer.breakDown(random);
        }
      }
      case 14, 15 -> consumer.connect(random);
      case 16, 17 -> consumer.process(random.nextInt(1, 5));
      case 18 -> consumer.acknowledge(random);
      default -> consumer.tick();
    }
  }

  private EngineHarness.Client writer() {
    return harness.client("w", loops.getFirst());
  }

  private void rarely(Random random) {
    switch (random.nextInt(20)) {
      case 0, 1, 2 -> store.holdFeeds();
      case 3, 4, 5, 6 -> store.releaseFeeds();
      case 7 -> store.failNext(1, ErrorCode.UNAVAILABLE);
      case 8 -> store.failNextReads(1, ErrorCode.UNAVAILABLE);
      case 9 -> retain(random);
      case 10 -> crash(random);
      case 11, 12, 13, 14, 15 -> harness.passTime();
      case 16, 17 -> logs.clock.advance(Duration.ofSeconds(random.nextInt(-900, 600)));
      default -> harness.settle();
    }
  }

  private void retain(Random random) {
    String collection = COLLECTIONS.get(random.nextInt(2));
    LogState state = told.state(store.logOf(collection));
    if (consumers.stream().noneMatch(Consuming::isAboutToReadTheOldest)) {
      logs.memory(collection).dropBefore(state.head() - random.nextInt(30));
      losses++;
    }
  }

  /// The server ends and comes back, with a new epoch of one log if it was unlucky.
  private void crash(Random random) {
    store.releaseFeeds();
    if (random.nextInt(3) == 0) {
      String collection = COLLECTIONS.get(random.nextInt(2));
      LogState state = told.state(store.logOf(collection));
      long held = state.head() + 1 - state.oldest();
      int newest = random.nextInt((int) Math.min(3, held) + 1);
      told.lose(state, collection, newest);
      losses++;
    }
    harness.engine.close();
    loops = List.of(new TestLoop(), new TestLoop());
    harness = engine();
    consumers.forEach(Consuming::serverCrashed);
  }

  /// Somebody who processes a stream, and remembers what it has processed.
  private final class Consuming {
    private final String name;
    private final String collection;

    /// It wants the changes whose revision this divides.
    private final int divisor;

    private final List<Change> processed = new ArrayList<>();
    private final Set<EventId> known = new HashSet<>();
    private @Nullable Connection connection;
    private @Nullable EventId received;

    /// Where it began; null before the first time.
    private @Nullable Position start;

    private int lost;

    Consuming(String name, String collection, int divisor) {
      this.name = name;
      this.collection = collection;
      this.divisor = divisor;
    }

    boolean wants(Change change) {
      return change.operation() != Operation.OPEN
          && change.key().collection().equals(collection)
          && change.revision() % divisor == 0;
    }

    boolean isAboutToReadTheOldest() {
      return connection != null && connection.considered == null;
    }

    /// Connects, also while it is connected: another process of the same name, or an impatient one.
    void connect(Random random) {
      if (connection == null || connection.isOver() || random.nextInt(12) == 0) {
        Start from = random.nextBoolean() ? Start.Latest.LATEST : Start.Earliest.EARLIEST;
        new Connection(this, random).open(from);
      }
    }

    void opened(Connection fresh, boolean resumed) {
      Cursor cursor = Objects.requireNonNull(store.cursors().find(name));
      assertTrue(resumed == (start != null), name + " resumed");
      if (start == null) {
        start = position(cursor.place());
      }
      if (connection != null && !connection.isOver()) {
        throw new AssertionError("two hold " + name);
      }
      connection = fresh;
    }

    private Position position(@Nullable EventId id) {
      Position found = id == null ? null : store.locate(id);
      return Objects.requireNonNull(found, () -> id + " stands nowhere");
    }

    /// Its place is lost: it is placed anew.
    void lost() {
      lost++;
      assertTrue(losses > 0, name + " lost its place without a reason");
      harness.submit(
          new Command.ResetStream(
              new TestLoop.Asked(harness.client(name, loops.getFirst()), this::reset),
              name,
              Start.Earliest.EARLIEST));
    }

    private void reset(Outcome outcome) {
      if (outcome == Outcome.Done.DONE) {
        start = position(Objects.requireNonNull(store.cursors().find(name)).place());
        processed.clear();
        known.clear();
        if (connection != null) {
          connection.wire.clear();
        }
      }
    }

    void process(int count) {
      if (connection != null) {
        connection.process(count);
      }
    }

    void receive(Change change) {
      received = change.id();
      if (known.add(change.id())) {
        assertTrue(
            processed.isEmpty() || processed.getLast().id().compareTo(change.id()) < 0,
            name + " out of order");
        processed.add(change);
      } else {
        repeated++;
      }
    }

    /// Acknowledges something it has processed, perhaps on an earlier connection.
    void acknowledge(Random random) {
      if (connection != null && !processed.isEmpty()) {
        int back = Math.min(random.nextInt(4), processed.size() - 1);
        connection.acknowledged(processed.get(processed.size() - 1 - back).id());
      }
    }

    void tick() {
      if (connection != null) {
        connection.tick();
      }
    }

    /// The connection ends: with the server's knowledge, or it is only deaf from now on.
    void breakDown(Random random) {
      if (connection != null) {
        connection.breakDown(random.nextBoolean());
      }
    }

    void serverCrashed() {
      if (connection != null) {
        connection.state = TestLoop.State.OVER;
        connection.wire.clear();
      }
    }

    /// What it should have processed by now, up to a place; null for all.
    private List<Change> expected(@Nullable EventId upTo) {
      Position from = start;
      if (from == null) {
        return List.of();
      }
      return told.told(from.log()).stream()
          .filter(change -> change.position().offset() > from.offset())
          .filter(change -> upTo == null || change.id().compareTo(upTo) <= 0)
          .filter(this::wants)
          .toList();
    }

    void checkNothingIsSkipped() {
      Cursor cursor = store.cursors().find(name);
      EventId place = cursor == null ? null : cursor.place();
      Position position = place == null ? null : store.locate(place);
      if (position != null && told.state(position.log()).epoch() == position.epoch()) {
        for (Change change : expected(place)) {
          assertTrue(known.contains(change.id()), name + " skips " + change.position());
        }
      }
    }

    void finish(Random random) {
      List<Change> expected = List.of();
      for (int round = 0; round < 3000 && (round < 50 || !processed.equals(expected)); round++) {
        harness.settle();
        harness.passTime();
        harness.settle();
        connect(random);
        harness.settle();
        process(1000);
        if (received != null && connection != null) {
          connection.acknowledged(received);
        }
        tick();
        expected = expected(null);
      }
      harness.settle();
      assertEquals(expected, processed, name);
      checkNothingIsSkipped();
      Cursor cursor = Objects.requireNonNull(store.cursors().find(name));
      EventId head = told.state(store.logOf(collection)).headId();
      assertEquals(head, cursor.place(), name + " is at the head");
    }
  }

  private final class Connection implements TestLoop.Live {
    private final Consuming consumer;
    private final Interest interest;
    private final TestLoop loop;
    private final EngineHarness.Client client;
    private final TestHolder holder = new TestHolder();
    private final int window;
    private final int pageMax;
    private TestLoop.State state = TestLoop.State.OPENING;
    private boolean deaf;
    private @Nullable StreamTicket ticket;
    private @Nullable EventId considered;
    private @Nullable EventId highestSent;
    private @Nullable EventId place;

    /// Sent and not read by the client.
    private final Deque<Change> wire = new ArrayDeque<>();

    /// Sent and not acknowledged.
    private final Deque<EventId> inFlight = new ArrayDeque<>();

    private @Nullable EventId lastSent;

    Connection(Consuming consumer, Random random) {
      this.consumer = consumer;
      this.interest = new Interest(consumer.collection);
      this.loop = loops.get(random.nextInt(2));
      this.client = harness.client(consumer.name, loop);
      this.window = random.nextInt(1, 9);
      this.pageMax = random.nextInt(1, 6);
      holder.onAsked = this::asked;
      holder.onEvicted = this::end;
    }

    boolean isOver() {
      return deaf || holder.evicted || state == TestLoop.State.OVER;
    }

    void open(Start start) {
      EngineHarness engine = harness;
      harness.submit(
          new Command.OpenStream(
              new TestLoop.Asked(client, outcome -> opened(engine, outcome)),
              new StreamTerms(consumer.collection, consumer.name, start),
              holder));
    }

    private void opened(EngineHarness engine, Outcome outcome) {
      assertTrue(engine == harness);
      switch (outcome) {
        case Outcome.StreamOpened(
                StreamTicket given,
                EventId after,
                boolean resumed,
                EventId sentBefore,
                var _) -> {
          Connection before = consumer.connection;
          if (before != null && before.holder.evicted) {
            evictions++;
          }
          ticket = given;
          considered = after;
          highestSent = sentBefore;
          consumer.opened(this, resumed);
          replay();
        }
        case Outcome.Lost _ -> {
          state = TestLoop.State.OVER;
          consumer.lost();
        }
        case Outcome.Refused _ -> {
          state = TestLoop.State.OVER;
          refusals++;
        }
        case Outcome other -> throw new AssertionError("answered " + other);
      }
    }

    /// A client that is there says so.
    private void asked() {
      StreamTicket held = ticket;
      if (!deaf && held != null) {
        harness.submit(new Command.StreamSign(held));
      }
    }

    /// Sends nothing more, as a door; what is on the wire still arrives.
    private void end() {
      state = TestLoop.State.OVER;
      loop.remove(this);
      client.unfollow(interest);
    }

    private void replay() {
      state = TestLoop.State.REPLAYING;
      harness.submit(
          new Command.Replay(
              new TestLoop.Asked(client, this::replayed), interest, considered, pageMax));
    }

    private void replayed(Outcome outcome) {
      if (state != TestLoop.State.REPLAYING) {
        return;
      }
      switch (outcome) {
        case Outcome.Replayed(List<Change> changes, EventId upTo, boolean atHead) -> {
          for (Change change : changes) {
            if (!send(change)) {
              return;
            }
          }
          considered = upTo;
          if (atHead) {
            state = TestLoop.State.BEGINNING;
            harness.submit(
                new Command.Follow(
                    new TestLoop.Asked(client, this::began), interest, List.of(upTo)));
          } else {
            replay();
          }
        }
        case Outcome.Lost _ -> stop();
        case Outcome.Refused _ -> state = TestLoop.State.FULL;
        case Outcome other -> throw new AssertionError("answered " + other);
      }
    }

    private void began(Outcome outcome) {
      if (state != TestLoop.State.BEGINNING) {
        return;
      }
      switch (outcome) {
        case Outcome.Following(List<Change> missed, List<EventId> position) -> {
          state = TestLoop.State.LIVE;
          loop.add(this);
          missed.forEach(this::live);
        }
        case Outcome.Behind _ -> replay();
        case Outcome.Lost _ -> stop();
        case Outcome.Refused _ -> state = TestLoop.State.FULL;
        case Outcome other -> throw new AssertionError("answered " + other);
      }
    }

    @Override
    public void live(Change change) {
      if (state == TestLoop.State.LIVE
          && change.key().collection().equals(consumer.collection)
          && change.id().compareTo(Objects.requireNonNull(considered)) > 0
          && !send(change)) {
        loop.remove(this);
        client.unfollow(interest);
      }
    }

    /// @return false when the window is full: then it was not sent
    private boolean send(Change change) {
      if (consumer.wants(change)) {
        if (inFlight.size() == window) {
          state = TestLoop.State.FULL;
          return false;
        }
        assertTrue(lastSent == null || lastSent.compareTo(change.id()) < 0, "sent out of order");
        lastSent = change.id();
        inFlight.add(change.id());
        if (!deaf) {
          wire.add(change);
        }
        if (highestSent == null || change.id().compareTo(highestSent) > 0) {
          highestSent = change.id();
        }
      }
      considered = change.id();
      holder.considered = considered;
      return true;
    }

    void process(int count) {
      for (int i = 0; i < count && !wire.isEmpty(); i++) {
        consumer.receive(wire.poll());
      }
    }

    void acknowledged(EventId id) {
      boolean isOpen = !deaf && ticket != null && state != TestLoop.State.OVER;
      if (!isOpen || highestSent == null || id.compareTo(highestSent) > 0) {
        return;
      }
      while (!inFlight.isEmpty() && inFlight.peek().compareTo(id) <= 0) {
        inFlight.poll();
      }
      place = id;
      if (state == TestLoop.State.FULL && inFlight.size() < window) {
        replay();
      }
    }

    /// Moves the cursor, as a door does now and then.
    void tick() {
      StreamTicket held = ticket;
      if (held == null || state == TestLoop.State.OVER) {
        return;
      }
      if (state == TestLoop.State.FULL && inFlight.size() < window) {
        replay();
      }
      EventId to = inFlight.isEmpty() ? considered : place;
      List<CursorMove> moves = to == null ? List.of() : List.of(new CursorMove(held, to));
      harness.submit(new Command.MoveCursors(new TestLoop.Asked(client, this::heads), moves));
    }

    /// All up to the heads has been delivered.
    private void heads(Outcome outcome) {
      if (outcome instanceof Outcome.Heads(List<EventId> position)
          && state == TestLoop.State.LIVE
          && inFlight.isEmpty()) {
        for (EventId head : position) {
          EventId before = Objects.requireNonNull(considered);
          if (head.tag() == before.tag() && head.compareTo(before) > 0) {
            considered = head;
          }
        }
      }
    }

    private void stop() {
      StreamTicket held = Objects.requireNonNull(ticket);
      end();
      harness.submit(
          new Command.CloseStream(new TestLoop.Asked(client, outcome -> {}), held, highestSent));
    }

    /// What is on the wire is lost.
    void breakDown(boolean told) {
      if (ticket == null || state == TestLoop.State.OVER) {
        return;
      }
      wire.clear();
      if (told) {
        stop();
        client.leave();
      } else {
        deaf = true;
      }
    }
  }
}
