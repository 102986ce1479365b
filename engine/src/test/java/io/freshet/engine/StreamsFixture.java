// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.Interest;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.stream.CursorMove;
import io.freshet.engine.stream.Start;
import io.freshet.engine.stream.StreamOptions;
import io.freshet.engine.stream.StreamState;
import io.freshet.engine.stream.StreamTerms;
import io.freshet.engine.stream.StreamTicket;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.spi.Cursor;
import io.freshet.spi.LogState;
import io.freshet.testkit.FaultyStore;
import io.freshet.testkit.MemoryStore;
import io.freshet.testkit.VirtualClock;
import io.freshet.testkit.Writes;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An engine, and what is asked of it about streams.
abstract class StreamsFixture {
  static final DocumentKey JACK = new DocumentKey("driver", "jack");
  static final DocumentKey JOHN = new DocumentKey("rider", "john");
  static final Interest DRIVERS = new Interest("driver");
  static final Start LATEST = Start.Latest.LATEST;
  static final Start EARLIEST = Start.Earliest.EARLIEST;
  static final StreamOptions FEW = new StreamOptions(true, 2, Duration.ofSeconds(1));

  final VirtualClock clock = VirtualClock.atNoon();
  final MemoryStore memory = new MemoryStore(clock);
  final FaultyStore store = new FaultyStore(memory);
  final TestHolder holder = new TestHolder();
  EngineHarness harness = new EngineHarness(store);
  EngineHarness.Client client = harness.client("client");
  EngineHarness.Client other = harness.client("other");

  void restart(StreamOptions options) {
    restart(Guard.OPEN, options);
  }

  void restart(Guard guard, StreamOptions options) {
    harness.engine.close();
    harness = new EngineHarness(store, guard, EngineHarness.OPTIONS.withStreams(options), clock);
    client = harness.client("client");
    other = harness.client("other");
  }

  EventId write(DocumentKey... keys) {
    for (DocumentKey key : keys) {
      client.set(key, "n", "1", -1);
      harness.settle();
    }
    return head();
  }

  void foreign(DocumentKey key) {
    Document current = store.load(List.of(key)).toCompletableFuture().join().getFirst();
    var unused = store.commit(List.of(Writes.set(current, "foreign", "1")));
  }

  LogState log() {
    return memory.logs().getFirst();
  }

  EventId head() {
    return log().headId();
  }

  @Nullable EventId kept(String name) {
    Cursor cursor = store.cursors().find(name);
    return cursor == null ? null : cursor.place();
  }

  static StreamTerms drivers(@Nullable String name, Start start) {
    return new StreamTerms("driver", name, start);
  }

  EngineHarness.Reply submitOpen(
      EngineHarness.Client client, StreamTerms terms, TestHolder holder) {
    var reply = new EngineHarness.Reply(client);
    harness.submit(new Command.OpenStream(reply, terms, holder));
    return reply;
  }

  EngineHarness.Reply open(EngineHarness.Client client, StreamTerms terms, TestHolder holder) {
    var reply = submitOpen(client, terms, holder);
    harness.settle();
    return reply;
  }

  Outcome.StreamOpened opened(StreamTerms terms) {
    return open(client, terms, holder).as(Outcome.StreamOpened.class);
  }

  void assertRefused(ErrorCode code, EngineHarness.Reply reply) {
    assertEquals(code, reply.as(Outcome.Refused.class).code());
  }

  void assertRefused(ErrorCode code, StreamTerms terms) {
    assertRefused(code, open(client, terms, new TestHolder()));
  }

  Outcome.Lost lost(StreamTerms terms) {
    return open(client, terms, new TestHolder()).as(Outcome.Lost.class);
  }

  EngineHarness.Reply move(StreamTicket ticket, EventId place) {
    var reply = new EngineHarness.Reply(client);
    harness.submit(new Command.MoveCursors(reply, List.of(new CursorMove(ticket, place))));
    harness.settle();
    return reply;
  }

  void close(StreamTicket ticket, @Nullable EventId highestSent) {
    var reply = new EngineHarness.Reply(client);
    harness.submit(new Command.CloseStream(reply, ticket, highestSent));
    harness.settle();
    assertEquals(Outcome.Done.DONE, reply.outcome());
  }

  void sign(StreamTicket ticket) {
    harness.submit(new Command.StreamSign(ticket));
    harness.settle();
  }

  EngineHarness.Reply reset(String name, Start start) {
    var reply = new EngineHarness.Reply(client);
    harness.submit(new Command.ResetStream(reply, name, start));
    harness.settle();
    return reply;
  }

  EngineHarness.Reply delete(String name) {
    var reply = new EngineHarness.Reply(client);
    harness.submit(new Command.DeleteStream(reply, name));
    harness.settle();
    return reply;
  }

  List<StreamState> list() {
    var reply = new EngineHarness.Reply(client);
    harness.submit(new Command.ListStreams(reply));
    harness.settle();
    return reply.as(Outcome.Streams.class).states();
  }

  /// Lets the time pass in which a holder may give a sign.
  void passTheTimeForASign() {
    assertEquals(1, harness.timers.size());
    harness.timers.poll().run();
    harness.settle();
  }

  void assertNothingUnderWay(int open) {
    assertEquals(0, harness.timers.size());
    assertEquals(open, harness.engine.streams().open());
    assertEquals(0, harness.engine.collections().readsUnderWay());
  }

  List<Long> replayed(@Nullable EventId after) {
    var reply = new EngineHarness.Reply(client);
    harness.submit(new Command.Replay(reply, DRIVERS, after, 100));
    harness.settle();
    var replayed = reply.as(Outcome.Replayed.class);
    assertTrue(replayed.atHead());
    assertEquals(head(), replayed.upTo());
    return replayed.changes().stream().map(Change::revision).toList();
  }
}
