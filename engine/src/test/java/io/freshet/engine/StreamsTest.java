// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.Interest;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.Subject;
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
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Who has which stream, and where the named ones stand.
class StreamsTest {
  private static final DocumentKey JACK = new DocumentKey("driver", "jack");
  private static final DocumentKey JOHN = new DocumentKey("rider", "john");
  private static final Interest DRIVERS = new Interest("driver");
  private static final Start LATEST = Start.Latest.LATEST;
  private static final Start EARLIEST = Start.Earliest.EARLIEST;
  private static final StreamOptions FEW = new StreamOptions(true, 2, Duration.ofSeconds(1));

  private final VirtualClock clock = VirtualClock.atNoon();
  private final MemoryStore memory = new MemoryStore(clock);
  private final FaultyStore store = new FaultyStore(memory);
  private final TestHolder holder = new TestHolder();
  private EngineHarness harness = new EngineHarness(store);
  private EngineHarness.Client client = harness.client("client");
  private EngineHarness.Client other = harness.client("other");

  private void restart(StreamOptions options) {
    restart(Guard.OPEN, options);
  }

  private void restart(Guard guard, StreamOptions options) {
    harness.engine.close();
    harness = new EngineHarness(store, guard, EngineHarness.OPTIONS.withStreams(options), clock);
    client = harness.client("client");
    other = harness.client("other");
  }

  private EventId write(DocumentKey... keys) {
    for (DocumentKey key : keys) {
      client.set(key, "n", "1", -1);
      harness.settle();
    }
    return head();
  }

  private void foreign(DocumentKey key) {
    Document current = store.load(List.of(key)).toCompletableFuture().join().getFirst();
    var unused = store.commit(List.of(Writes.set(current, "foreign", "1")));
  }

  private LogState log() {
    return memory.logs().getFirst();
  }

  private EventId head() {
    return log().headId();
  }

  private @Nullable EventId kept(String name) {
    Cursor cursor = store.cursors().find(name);
    return cursor == null ? null : cursor.place();
  }

  private static StreamTerms drivers(@Nullable String name, Start start) {
    return new StreamTerms("driver", name, start);
  }

  private EngineHarness.Reply submitOpen(
      EngineHarness.Client client, StreamTerms terms, TestHolder holder) {
    var reply = new EngineHarness.Reply(client);
    harness.submit(new Command.OpenStream(reply, terms, holder));
    return reply;
  }

  private EngineHarness.Reply open(
      EngineHarness.Client client, StreamTerms terms, TestHolder holder) {
    var reply = submitOpen(client, terms, holder);
    harness.settle();
    return reply;
  }

  private Outcome.StreamOpened opened(StreamTerms terms) {
    return open(client, terms, holder).as(Outcome.StreamOpened.class);
  }

  private void assertRefused(ErrorCode code, EngineHarness.Reply reply) {
    assertEquals(code, reply.as(Outcome.Refused.class).code());
  }

  private void assertRefused(ErrorCode code, StreamTerms terms) {
    assertRefused(code, open(client, terms, new TestHolder()));
  }

  private Outcome.Lost lost(StreamTerms terms) {
    return open(client, terms, new TestHolder()).as(Outcome.Lost.class);
  }

  private EngineHarness.Reply move(StreamTicket ticket, EventId place) {
    var reply = new EngineHarness.Reply(client);
    harness.submit(new Command.MoveCursors(reply, List.of(new CursorMove(ticket, place))));
    harness.settle();
    return reply;
  }

  private void close(StreamTicket ticket, @Nullable EventId highestSent) {
    var reply = new EngineHarness.Reply(client);
    harness.submit(new Command.CloseStream(reply, ticket, highestSent));
    harness.settle();
    assertEquals(Outcome.Done.DONE, reply.outcome());
  }

  private void sign(StreamTicket ticket) {
    harness.submit(new Command.StreamSign(ticket));
    harness.settle();
  }

  private EngineHarness.Reply reset(String name, Start start) {
    var reply = new EngineHarness.Reply(client);
    harness.submit(new Command.ResetStream(reply, name, start));
    harness.settle();
    return reply;
  }

  private EngineHarness.Reply delete(String name) {
    var reply = new EngineHarness.Reply(client);
    harness.submit(new Command.DeleteStream(reply, name));
    harness.settle();
    return reply;
  }

  private List<StreamState> list() {
    var reply = new EngineHarness.Reply(client);
    harness.submit(new Command.ListStreams(reply));
    harness.settle();
    return reply.as(Outcome.Streams.class).states();
  }

  /// Lets the time pass in which a holder may give a sign.
  private void passTheTimeForASign() {
    assertEquals(1, harness.timers.size());
    harness.timers.poll().run();
    harness.settle();
  }

  private void assertNothingUnderWay(int open) {
    assertEquals(0, harness.timers.size());
    assertEquals(open, harness.engine.streams().open());
    assertEquals(0, harness.engine.collections().readsUnderWay());
  }

  private List<Long> replayed(@Nullable EventId after) {
    var reply = new EngineHarness.Reply(client);
    harness.submit(new Command.Replay(reply, DRIVERS, after, 100));
    harness.settle();
    var replayed = reply.as(Outcome.Replayed.class);
    assertTrue(replayed.atHead());
    assertEquals(head(), replayed.upTo());
    return replayed.changes().stream().map(Change::revision).toList();
  }

  // Where a stream begins.

  @Test
  void latestIsBehindWhatIsPublished() {
    EventId published = write(JACK);
    store.holdFeeds();
    foreign(JACK);
    var opened = opened(drivers(null, LATEST));
    store.releaseFeeds();
    harness.settle();

    assertEquals(published, opened.after());
    assertFalse(opened.resumed());
    assertNull(opened.highestSent());
    assertEquals(new StreamTicket(1, "driver", null, 0), opened.ticket());
    assertEquals(List.of(2L), replayed(opened.after()));
  }

  @Test
  void latestOfAnEmptyLogIsItsBeginning() {
    EventId beginning = head();
    assertEquals(beginning, opened(drivers("s", LATEST)).after());
    assertEquals(beginning, kept("s"));
  }

  @Test
  void earliestIsTheOldestHeld() {
    write(JACK, JOHN, JACK, JACK);
    assertNull(opened(drivers(null, EARLIEST)).after());
    assertEquals(List.of(1L, 2L, 3L), replayed(null));
    memory.dropBefore(3);
    assertNull(opened(drivers("s", EARLIEST)).after());
    assertEquals(List.of(2L, 3L), replayed(null));
    assertEquals(List.of(2L, 3L), replayed(kept("s")));
    memory.dropBefore(5);
    assertEquals(List.of(), replayed(null));
    opened(drivers("t", EARLIEST));
    assertEquals(List.of(), replayed(kept("t")));
    write(JACK);
    assertEquals(List.of(4L), replayed(null));
    assertEquals(List.of(4L), replayed(kept("t")));
  }

  /// From a place before it nobody could go on.
  @Test
  void earliestIsOfThePresentEpoch() {
    for (int lost = 0; lost < 4; lost++) {
      write(JACK, JACK, JACK);
      memory.loseAndBeginEpoch(lost);
      restart(StreamOptions.DEFAULT);
      String name = "s" + lost;
      opened(drivers(name, EARLIEST));
      assertEquals(List.of(), replayed(kept(name)));
      assertEquals(List.of(), replayed(null));
      long before = store.load(List.of(JACK)).toCompletableFuture().join().getFirst().revision();
      write(JACK, JACK);
      assertEquals(List.of(before + 1, before + 2), replayed(kept(name)));
      assertEquals(List.of(before + 1, before + 2), replayed(null));
    }
  }

  @Test
  void aStreamBeginsBehindAnyHeldChange() {
    EventId first = write(JACK);
    write(JACK, JACK);
    var opened = opened(drivers("s", new Start.After(first)));
    assertEquals(first, opened.after());
    assertFalse(opened.resumed());
    assertEquals(first, kept("s"));
  }

  @Test
  void aStartThatIsLostMakesNoStream() {
    EventId first = write(JACK);
    write(JACK, JACK);
    memory.dropBefore(3);
    for (var name : new String[] {null, "s"}) {
      assertEquals(ErrorCode.SOURCE_GAP, lost(drivers(name, new Start.After(EventId.NONE))).code());
      assertEquals(ErrorCode.CURSOR_EXPIRED, lost(drivers(name, new Start.After(first))).code());
    }
    assertNull(store.cursors().find("s"));
    assertNothingUnderWay(0);
    assertFalse(opened(drivers("s", LATEST)).resumed());
  }

  @Test
  void aStoreThatCannotReadIsARefusalAndTheNameIsFree() {
    write(JACK);
    store.failNextReads(1, ErrorCode.UNAVAILABLE);
    assertRefused(ErrorCode.UNAVAILABLE, drivers("s", EARLIEST));
    assertNothingUnderWay(0);
    opened(drivers("s", EARLIEST));
  }

  // Going on.

  @Test
  void aNameGoesOnWhereItsPlaceIs() {
    var first = opened(drivers("s", LATEST));
    EventId place = write(JACK, JACK);
    write(JACK);
    move(first.ticket(), place);
    close(first.ticket(), null);
    var second = opened(drivers("s", EARLIEST));

    assertEquals(place, second.after());
    assertTrue(second.resumed());
    assertTrue(second.ticket().lease() > first.ticket().lease());
    assertTrue(second.ticket().number() > first.ticket().number());
  }

  @Test
  void aNameGoesOnAfterARestart() {
    EventId place = write(JACK);
    opened(drivers("s", LATEST));
    restart(StreamOptions.DEFAULT);
    write(JACK);
    var opened = opened(drivers("s", LATEST));
    assertEquals(place, opened.after());
    assertTrue(opened.resumed());
    assertNull(opened.highestSent());
  }

  @Test
  void placesMoveForwardOnlyAndNotBeyondWhatIsPublished() {
    EventId first = write(JACK);
    EventId second = write(JACK);
    var opened = opened(drivers("s", new Start.After(first)));
    move(opened.ticket(), second);
    move(opened.ticket(), first);
    assertEquals(second, kept("s"));
    move(opened.ticket(), EventId.of(second.timeMs(), second.tag() + 1, second.offset() + 1));
    move(opened.ticket(), EventId.of(second.timeMs() + 1, second.tag(), second.offset() + 1));
    assertEquals(second, kept("s"));
    store.holdFeeds();
    foreign(JACK);
    move(opened.ticket(), head());
    assertEquals(second, kept("s"));
    store.releaseFeeds();
    harness.settle();
    move(opened.ticket(), head());
    assertEquals(head(), kept("s"));
    assertFalse(holder.evicted);
  }

  @Test
  void aStreamThatIsOverMovesNothing() {
    EventId first = write(JACK);
    var opened = opened(drivers("s", LATEST));
    EventId second = write(JACK);
    close(opened.ticket(), null);
    assertInstanceOf(Outcome.Heads.class, move(opened.ticket(), second).outcome());
    assertEquals(first, kept("s"));
    close(opened.ticket(), null);
    var forged = new StreamTicket(opened(drivers("s", LATEST)).ticket().number(), "x", "s", 1);
    move(forged, second);
    close(forged, null);
    assertEquals(first, kept("s"));
    assertNothingUnderWay(1);
  }

  @Test
  void headsAreToldBehindTheChangesBeforeThem() {
    follow();
    var opened = opened(drivers("s", LATEST));
    harness.loop.items.clear();
    client.set(JACK, "n", "1", -1);
    harness.turn();
    harness.commits.poll().run();
    var early = new EngineHarness.Reply(other);
    harness.submit(new Command.MoveCursors(early, List.of()));
    harness.turn();

    List<FeedItem> items = harness.loop.take();
    assertInstanceOf(FeedItem.Changes.class, items.getFirst());
    assertInstanceOf(FeedItem.Answer.class, items.getLast());
    assertEquals(List.of(head()), early.as(Outcome.Heads.class).position());
    EventId place = write(JACK);
    assertEquals(List.of(place), move(opened.ticket(), place).as(Outcome.Heads.class).position());
    assertEquals(place, kept("s"));
  }

  private void follow() {
    other.follow(DRIVERS);
    harness.settle();
  }

  @Test
  void whatWasSentBeforeIsRemembered() {
    EventId first = write(JACK);
    EventId second = write(JACK);
    EventId third = write(JACK);
    close(opened(drivers("s", EARLIEST)).ticket(), second);
    var again = opened(drivers("s", EARLIEST));
    assertEquals(second, again.highestSent());
    close(again.ticket(), first);
    var onceMore = opened(drivers("s", EARLIEST));
    assertEquals(second, onceMore.highestSent());
    holder.considered = third;
    client.leave();
    assertEquals(third, opened(drivers("s", EARLIEST)).highestSent());
    assertNull(opened(drivers("t", EARLIEST)).highestSent());
  }

  // Limits and permission.

  @Test
  void theLimitIsPerCollectionAndFreedByAClose() {
    restart(FEW);
    var first = opened(drivers(null, LATEST));
    opened(drivers("s", LATEST));
    assertRefused(ErrorCode.LIMIT_REACHED, drivers(null, LATEST));
    assertRefused(ErrorCode.LIMIT_REACHED, drivers("t", LATEST));
    assertNull(store.cursors().find("t"));
    opened(new StreamTerms("rider", null, LATEST));
    close(first.ticket(), null);
    close(first.ticket(), null);
    opened(drivers("t", LATEST));
    assertRefused(ErrorCode.LIMIT_REACHED, drivers(null, LATEST));
    assertNothingUnderWay(3);
  }

  @Test
  void theLimitAndTheNameAreFreedWhenTheSessionLeaves() {
    restart(FEW);
    opened(drivers("s", LATEST));
    opened(drivers(null, LATEST));
    var refused = open(other, drivers("t", LATEST), new TestHolder());
    assertRefused(ErrorCode.LIMIT_REACHED, refused);
    client.leave();
    harness.settle();
    assertNothingUnderWay(0);
    open(other, drivers("s", LATEST), new TestHolder()).as(Outcome.StreamOpened.class);
    open(other, drivers(null, LATEST), new TestHolder()).as(Outcome.StreamOpened.class);
    assertFalse(holder.evicted, "it is gone, it need not be told");
  }

  @Test
  void whatIsLostOrRefusedTakesNoPlaceInTheLimit() {
    restart(FEW);
    for (int i = 0; i < 5; i++) {
      lost(drivers(null, new Start.After(EventId.NONE)));
      lost(drivers("s", new Start.After(EventId.NONE)));
    }
    var left = submitOpen(other, drivers("s", LATEST), new TestHolder());
    harness.turn();
    other.leave();
    harness.settle();
    assertRefused(ErrorCode.UNAVAILABLE, left);
    opened(drivers("s", LATEST));
    opened(drivers("t", LATEST));
  }

  @Test
  void openingsUnderWayCount() {
    restart(FEW);
    var replies = new ArrayList<EngineHarness.Reply>();
    for (int i = 0; i < 3; i++) {
      replies.add(submitOpen(client, drivers("s" + i, LATEST), new TestHolder()));
    }
    harness.settle();
    assertInstanceOf(Outcome.StreamOpened.class, replies.get(0).outcome());
    assertInstanceOf(Outcome.StreamOpened.class, replies.get(1).outcome());
    assertRefused(ErrorCode.LIMIT_REACHED, replies.get(2));
  }

  /// It takes the place of the stream it ends.
  @Test
  void whoComesBackIsNotStoppedByTheLimit() {
    restart(FEW);
    opened(drivers("s", LATEST));
    opened(drivers(null, LATEST));
    var back = open(other, drivers("s", LATEST), new TestHolder());
    passTheTimeForASign();
    back.as(Outcome.StreamOpened.class);
    assertRefused(ErrorCode.LIMIT_REACHED, drivers(null, LATEST));
  }

  @Test
  void whatCannotBeAStreamIsRefused() {
    assertRefused(ErrorCode.UNKNOWN_COLLECTION, new StreamTerms("a/b", null, LATEST));
    assertRefused(ErrorCode.UNKNOWN_COLLECTION, new StreamTerms("", null, LATEST));
    assertRefused(ErrorCode.INVALID_NAME, drivers("", LATEST));
    assertRefused(ErrorCode.INVALID_NAME, drivers("a\nb", LATEST));
    restart(new StreamOptions(false, 10, Duration.ofSeconds(1)));
    assertRefused(ErrorCode.STREAMS_DISABLED, drivers("s", LATEST));
    assertEquals(List.of(), store.cursors().list());
  }

  @Test
  void whoMayNotReadACollectionMayNotStreamIt() {
    Guard guard =
        request ->
            request.subject() instanceof Subject.OfName(String name, var data)
                    && "driver".equals(name)
                ? GuardAnswer.Allow.ALLOW
                : GuardAnswer.Deny.DENY;
    restart(guard, StreamOptions.DEFAULT);
    assertRefused(ErrorCode.FORBIDDEN, new StreamTerms("rider", "s", LATEST));
    assertNull(store.cursors().find("s"));
    close(opened(drivers("s", LATEST)).ticket(), null);
    opened(drivers("s", LATEST));
  }

  /// It could move the place.
  @Test
  void aNameOfACollectionThatMayNotBeReadIsNotTakenOver() {
    EventId place = opened(new StreamTerms("rider", "s", LATEST)).after();
    Guard guard =
        request ->
            request.subject() instanceof Subject.OfName(String name, var data)
                    && "rider".equals(name)
                ? GuardAnswer.Deny.DENY
                : GuardAnswer.Allow.ALLOW;
    restart(guard, FEW);
    long token = store.cursors().lease("s", "rider").token();
    for (int i = 0; i < 3; i++) {
      assertRefused(ErrorCode.FORBIDDEN, drivers("s", LATEST));
    }
    assertTrue(store.cursors().advance("s", token, place), "nobody has leased it");
    assertEquals("rider", store.cursors().find("s").collection());
    assertNothingUnderWay(0);
    restart(FEW);
    assertEquals(place, opened(drivers("s", LATEST)).after());
    assertEquals("driver", store.cursors().find("s").collection());
  }

  // One client per name.

  @Test
  void aNameWhoseClientGivesASignIsInUse() {
    var opened = opened(drivers("s", LATEST));
    holder.onAsked = () -> harness.submit(new Command.StreamSign(opened.ticket()));
    for (int i = 1; i < 3; i++) {
      var reply = open(other, new StreamTerms("rider", "s", LATEST), new TestHolder());
      assertRefused(ErrorCode.NAME_IN_USE, reply);
      assertEquals(i, holder.asked);
    }
    EventId place = write(JACK);
    move(opened.ticket(), place);
    assertEquals(place, kept("s"));
    assertFalse(holder.evicted);
    assertNothingUnderWay(1);
  }

  @Test
  void aNameWhoseClientGivesNoSignGoesToTheNextOne() {
    EventId first = write(JACK);
    var before = opened(drivers("s", LATEST));
    EventId second = write(JACK);
    holder.considered = second;
    var fresh = new TestHolder();
    var reply = open(other, drivers("s", LATEST), fresh);
    assertTrue(reply.isOpen());
    assertEquals(1, holder.asked);
    passTheTimeForASign();

    var after = reply.as(Outcome.StreamOpened.class);
    assertTrue(holder.evicted);
    assertEquals(first, after.after());
    assertEquals(second, after.highestSent());
    assertTrue(after.ticket().lease() > before.ticket().lease());
    move(before.ticket(), second);
    close(before.ticket(), second);
    sign(before.ticket());
    assertEquals(first, kept("s"));
    assertNothingUnderWay(1);
    move(after.ticket(), second);
    assertEquals(second, kept("s"));
    assertFalse(fresh.evicted);
  }

  /// Each takes the name from the other again and again: only the newest ticket moves the cursor.
  @Test
  void twoThatFightNeverBothMove() {
    var tickets = new ArrayList<StreamTicket>();
    tickets.add(opened(drivers("s", LATEST)).ticket());
    for (int round = 0; round < 10; round++) {
      EventId before = kept("s");
      EventId place = write(JACK);
      for (StreamTicket old : tickets.subList(0, tickets.size() - 1)) {
        move(old, place);
        assertEquals(before, kept("s"));
      }
      move(tickets.getLast(), place);
      assertEquals(place, kept("s"));
      var reply = open(round % 2 == 0 ? other : client, drivers("s", EARLIEST), new TestHolder());
      passTheTimeForASign();
      var opened = reply.as(Outcome.StreamOpened.class);
      assertEquals(place, opened.after());
      tickets.add(opened.ticket());
    }
    assertNothingUnderWay(1);
  }

  @Test
  void ofSeveralThatWantANameTheFirstGetsIt() {
    opened(drivers("s", LATEST));
    var first = open(other, drivers("s", LATEST), new TestHolder());
    var second = open(client, drivers("s", LATEST), new TestHolder());
    assertEquals(1, holder.asked);
    passTheTimeForASign();
    assertInstanceOf(Outcome.StreamOpened.class, first.outcome());
    assertRefused(ErrorCode.NAME_IN_USE, second);
    assertNothingUnderWay(1);
  }

  @Test
  void thoseThatWantANameAreBounded() {
    opened(drivers("s", LATEST));
    var replies = new ArrayList<EngineHarness.Reply>();
    for (int i = 0; i < 40; i++) {
      replies.add(open(other, drivers("s", LATEST), new TestHolder()));
    }
    assertRefused(ErrorCode.NAME_IN_USE, replies.getLast());
    assertTrue(replies.getFirst().isOpen());
    passTheTimeForASign();
    replies.subList(1, 40).forEach(each -> assertRefused(ErrorCode.NAME_IN_USE, each));
    replies.getFirst().as(Outcome.StreamOpened.class);
  }

  @Test
  void aNameThatIsGivenUpIsNotWaitedForAnyLonger() {
    var opened = opened(drivers("s", LATEST));
    var reply = open(other, drivers("s", LATEST), new TestHolder());
    assertTrue(reply.isOpen());
    close(opened.ticket(), null);
    reply.as(Outcome.StreamOpened.class);
    assertFalse(holder.evicted);
    assertNothingUnderWay(1);
  }

  @Test
  void aHolderThatLeavesWhileItIsAskedMakesRoom() {
    opened(drivers("s", LATEST));
    var reply = open(other, drivers("s", LATEST), new TestHolder());
    client.leave();
    harness.settle();
    reply.as(Outcome.StreamOpened.class);
    assertNothingUnderWay(1);
  }

  @Test
  void nobodyIsEvictedForSomebodyWhoIsGone() {
    opened(drivers("s", LATEST));
    var reply = open(other, drivers("s", LATEST), new TestHolder());
    other.leave();
    harness.settle();
    assertRefused(ErrorCode.UNAVAILABLE, reply);
    assertFalse(holder.evicted);
    assertNothingUnderWay(1);
  }

  /// The time-out of the first asking was on its way when the sign came.
  @Test
  void aTimeOutThatComesTooLateDoesNotCount() {
    var opened = opened(drivers("s", LATEST));
    open(other, drivers("s", LATEST), new TestHolder());
    Runnable late = harness.timers.poll();
    sign(opened.ticket());
    var second = open(other, drivers("s", LATEST), new TestHolder());
    late.run();
    harness.settle();
    assertFalse(holder.evicted);
    assertTrue(second.isOpen());
    passTheTimeForASign();
    assertTrue(holder.evicted);
    second.as(Outcome.StreamOpened.class);
  }

  @Test
  void aNameThatIsBeingOpenedIsInUse() {
    var first = submitOpen(client, drivers("s", LATEST), holder);
    harness.turn();
    var second = submitOpen(other, drivers("s", LATEST), new TestHolder());
    harness.turn();
    assertTrue(first.isOpen());
    assertRefused(ErrorCode.NAME_IN_USE, second);
    harness.settle();
    first.as(Outcome.StreamOpened.class);
    assertEquals(0, holder.asked);
  }

  @Test
  void whoLeavesWhileItsStreamIsOpenedHasNone() {
    var reply = submitOpen(client, drivers("s", LATEST), holder);
    harness.turn();
    client.leave();
    harness.settle();
    assertRefused(ErrorCode.UNAVAILABLE, reply);
    assertNothingUnderWay(0);
    open(other, drivers("s", LATEST), new TestHolder()).as(Outcome.StreamOpened.class);
  }

  /// Another server took the name.
  @Test
  void aLeaseThatIsLostInTheStoreEndsTheStream() {
    EventId first = write(JACK);
    var opened = opened(drivers("s", LATEST));
    store.cursors().lease("s", "driver");
    move(opened.ticket(), write(JACK));
    assertTrue(holder.evicted);
    assertEquals(first, kept("s"));
    assertNothingUnderWay(0);
    assertEquals(first, opened(drivers("s", LATEST)).after());
  }

  // Places that are lost.

  @Test
  void aPlaceThatIsNotHeldStaysLostUntilItIsReset() {
    EventId place = write(JACK);
    close(opened(drivers("s", LATEST)).ticket(), place);
    write(JACK, JACK, JACK);
    memory.dropBefore(4);
    for (int i = 0; i < 2; i++) {
      var lost = lost(drivers("s", EARLIEST));
      assertEquals(ErrorCode.CURSOR_EXPIRED, lost.code());
      EventId third = EventId.of(head().timeMs(), head().tag(), 3);
      assertTrue(lost.message().contains(place + " up to " + third), lost.message());
      assertTrue(lost.message().contains("2 changes"), lost.message());
      assertEquals(List.of(head()), lost.position());
    }
    assertEquals(place, kept("s"));
    assertEquals(Outcome.Done.DONE, reset("s", EARLIEST).outcome());
    var opened = opened(drivers("s", LATEST));
    assertTrue(opened.resumed());
    assertNull(opened.highestSent(), "forgotten");
    assertEquals(List.of(4L), replayed(opened.after()));
  }

  @Test
  void aNewEpochLosesThePlacesOfTheOldOne() {
    write(JACK);
    opened(drivers("s", LATEST));
    EventId place = kept("s");
    write(JACK);
    memory.loseAndBeginEpoch(1);
    restart(StreamOptions.DEFAULT);
    var lost = lost(drivers("s", EARLIEST));
    assertEquals(ErrorCode.SOURCE_GAP, lost.code());
    assertTrue(lost.message().contains(place + " up to " + head()), lost.message());
    assertEquals(place, kept("s"));
    reset("s", LATEST);
    assertEquals(head(), opened(drivers("s", EARLIEST)).after());
  }

  @Test
  void aNameGoesOnInAnotherCollectionOfItsLogOnly() {
    var logs = SeveralLogs.of("driver", "rider");
    harness = new EngineHarness(logs);
    client = harness.client("client");
    client.set(JACK, "n", "1", -1);
    harness.settle();
    var first = opened(drivers("s", LATEST));
    close(first.ticket(), null);
    var lost = lost(new StreamTerms("rider", "s", LATEST));
    assertEquals(ErrorCode.SOURCE_GAP, lost.code());
    assertTrue(lost.message().contains("log-rider"), lost.message());
    var second = opened(new StreamTerms("car", "s", EARLIEST));
    assertEquals(first.after(), second.after());
    assertEquals("car", logs.cursors().find("s").collection());
    close(second.ticket(), null);
    assertEquals(
        ErrorCode.SOURCE_GAP,
        lost(new StreamTerms("rider", null, new Start.After(first.after()))).code());
  }

  // Administration.

  @Test
  void onlyANameThatNobodyHasIsResetOrDeleted() {
    EventId first = write(JACK);
    var opened = opened(drivers("s", LATEST));
    write(JACK);
    assertRefused(ErrorCode.NAME_IN_USE, reset("s", LATEST));
    assertRefused(ErrorCode.NAME_IN_USE, delete("s"));
    assertEquals(0, holder.asked);
    assertEquals(first, kept("s"));
    close(opened.ticket(), null);
    assertEquals(Outcome.Done.DONE, reset("s", LATEST).outcome());
    assertEquals(head(), kept("s"));
    assertEquals(Outcome.Done.DONE, reset("s", new Start.After(first)).outcome());
    assertEquals(first, kept("s"));
    assertRefused(ErrorCode.SOURCE_GAP, reset("s", new Start.After(EventId.NONE)));
    assertEquals(first, kept("s"));
    assertEquals(Outcome.Done.DONE, delete("s").outcome());
    assertNull(store.cursors().find("s"));
    assertRefused(ErrorCode.NOT_FOUND, delete("s"));
    assertRefused(ErrorCode.NOT_FOUND, reset("s", LATEST));
    assertFalse(opened(drivers("s", LATEST)).resumed());
  }

  @Test
  void aNameIsNotOpenedWhileItIsBeingReset() {
    write(JACK);
    close(opened(drivers("s", LATEST)).ticket(), null);
    write(JACK);
    harness.submit(new Command.ResetStream(new EngineHarness.Reply(client), "s", LATEST));
    harness.turn();
    var reply = submitOpen(other, drivers("s", LATEST), new TestHolder());
    harness.settle();
    assertRefused(ErrorCode.NAME_IN_USE, reply);
    assertEquals(head(), opened(drivers("s", EARLIEST)).after());
  }

  @Test
  void streamsAreListedWithPlaceLagAndHolder() {
    assertEquals(List.of(), list());
    EventId first = write(JACK);
    opened(new StreamTerms("rider", "b", LATEST));
    var idle = opened(drivers("a", LATEST));
    opened(drivers(null, EARLIEST));
    long moved = clock.millis();
    clock.advance(Duration.ofSeconds(7));
    EventId second = write(JACK, JACK, JACK);
    close(idle.ticket(), null);
    move(opened(new StreamTerms("rider", "c", LATEST)).ticket(), second);

    List<StreamState> states = list();
    long bytes = log().bytes();
    StreamState kept = states.get(0);
    assertEquals(
        new StreamState("a", "driver", first, moved, 3, bytes * 3 / 4, 7000, null, null), kept);
    StreamState held = states.get(1);
    assertEquals(
        new StreamState(
            "b", "rider", first, moved, 3, bytes * 3 / 4, 7000, "somebody", holder.figures()),
        held);
    StreamState atHead = states.get(2);
    assertEquals("c", atHead.name());
    assertEquals(
        List.of(0L, 0L, 0L), List.of(atHead.lagEvents(), atHead.lagBytes(), atHead.lagMs()));
    StreamState unnamed = states.get(3);
    assertNull(unnamed.name());
    assertEquals("driver", unnamed.collection());
    assertEquals(4, unnamed.lagEvents());
    assertEquals(4, states.size());
    memory.dropBefore(4);
    assertEquals(3, list().getFirst().lagEvents(), "of what is lost, too");
    memory.loseAndBeginEpoch(0);
    assertEquals(1, list().getFirst().lagEvents(), "all that is held");
  }
}
