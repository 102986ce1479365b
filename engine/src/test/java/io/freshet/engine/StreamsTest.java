// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.Subject;
import io.freshet.engine.stream.Start;
import io.freshet.engine.stream.StreamOptions;
import io.freshet.engine.stream.StreamTerms;
import io.freshet.engine.stream.StreamTicket;
import io.freshet.protocol.EventId;
import io.freshet.protocol.error.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Where streams begin and go on, and how many there may be.
class StreamsTest extends StreamsFixture {
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

  private static @Nullable String collectionOf(Subject subject) {
    return switch (subject) {
      case Subject.OfStream(String collection, String _) -> collection;
      case Subject.OfName(String name, var _) -> name;
      case Subject.OfDocument(var before, var _) -> before.key().collection();
    };
  }

  @Test
  void whoMayNotReadACollectionMayNotStreamIt() {
    Guard guard =
        request ->
            "driver".equals(collectionOf(request.subject()))
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
            "rider".equals(collectionOf(request.subject()))
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
}
