// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import static io.freshet.engine.EngineHarness.item;
import static io.freshet.engine.EngineHarness.merge;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.command.Interest;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Publication;
import io.freshet.engine.follow.FollowOptions;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.Subject;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.Operation;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.testkit.FaultyStore;
import io.freshet.testkit.MemoryStore;
import io.freshet.testkit.Writes;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Following collections from a known place on.
class FollowTest {
  private static final DocumentKey JACK = new DocumentKey("driver", "jack");
  private static final DocumentKey JILL = new DocumentKey("driver", "jill");
  private static final DocumentKey JOHN = new DocumentKey("rider", "john");
  private static final Interest DRIVERS = new Interest("driver");

  private final MemoryStore memory = new MemoryStore(InstantSource.system());
  private final FaultyStore store = new FaultyStore(memory);
  private EngineHarness harness = new EngineHarness(store);
  private EngineHarness.Client writer = harness.client("writer");
  private EngineHarness.Client follower = harness.client("follower");

  private void restart(FollowOptions options) {
    harness = new EngineHarness(store, Guard.OPEN, EngineHarness.OPTIONS.withFollow(options));
    writer = harness.client("writer");
    follower = harness.client("follower");
  }

  private void write(DocumentKey... keys) {
    for (DocumentKey key : keys) {
      writer.set(key, "n", "1", -1);
      harness.settle();
    }
  }

  private EventId head() {
    return memory.logs().getFirst().headId();
  }

  private void foreign(DocumentKey key) {
    Document current = store.load(List.of(key)).toCompletableFuture().join().getFirst();
    var unused = store.commit(List.of(Writes.set(current, "foreign", "1")));
  }

  private List<String> delivered() {
    return names(harness.loop.publications().stream().map(Publication::change).toList());
  }

  private static List<String> names(List<Change> changes) {
    return changes.stream().map(change -> change.key().id() + change.revision()).toList();
  }

  private static Outcome.Following following(EngineHarness.Reply reply) {
    return reply.as(Outcome.Following.class);
  }

  @Test
  void aFollowerGetsTheChangesOfItsCollection() {
    var reply = follower.follow(DRIVERS);
    harness.settle();
    assertEquals(List.of(), following(reply).missed());
    assertEquals(List.of(head()), following(reply).position());
    write(JACK, JOHN, JILL, JACK);
    assertEquals(List.of("jack1", "jill1", "jack2"), delivered());
  }

  @Test
  void aFollowerOfAllGetsEverythingButOpenings() {
    follower.follow(Interest.ALL);
    harness.settle();
    writer.watch(true, JILL);
    write(JACK, JOHN);
    writer.delete(JACK);
    harness.settle();
    assertEquals(List.of("jack1", "john1", "jack2"), delivered());
  }

  @Test
  void foreignChangesOfDocumentsThatNobodyHasInMemoryAreDelivered() {
    follower.follow(DRIVERS);
    harness.settle();
    foreign(JACK);
    foreign(JOHN);
    foreign(JACK);
    harness.settle();
    assertEquals(List.of("jack1", "jack2"), delivered());
    assertEquals(0, harness.engine.documentsHeld());
  }

  @Test
  void anOutletGetsEachChangeOnceHoweverManyWantIt() {
    var other = new EngineHarness.Loop();
    harness.client("there", other).follow(DRIVERS);
    follower.follow(DRIVERS);
    follower.follow(Interest.ALL);
    harness.client("second").follow(DRIVERS);
    harness.client("third").watch(true, JACK);
    harness.settle();
    write(JACK, JILL, JOHN);
    assertEquals(List.of("jack1", "jill1", "john1"), delivered());
    assertEquals(2, other.publications().size());
    assertEquals(
        harness.loop.publications().getFirst(), other.publications().getFirst(), "encoded once");
  }

  @Test
  void changesOfOneCommitComeTogetherBeforeTheirAnswers() {
    follower.follow(Interest.ALL);
    harness.settle();
    harness.loop.items.clear();
    writer.batch(null, item(JACK, merge("a", "1"), 0), item(JOHN, merge("a", "1"), 0));
    harness.settle();
    List<FeedItem> items = harness.loop.take();
    assertEquals(2, assertInstanceOf(FeedItem.Changes.class, items.get(0)).publications().size());
    assertInstanceOf(FeedItem.Answer.class, items.get(1));
  }

  @Test
  void whatWasMissedComesWithTheAnswer() {
    write(JACK);
    EventId known = head();
    write(JILL, JOHN, JACK);
    writer.watch(true, new DocumentKey("driver", "opened"));
    harness.settle();
    var reply = follower.follow(DRIVERS, known);
    harness.settle();
    assertEquals(List.of("jill1", "jack2"), names(following(reply).missed()));
    assertEquals(List.of(head()), following(reply).position());
    harness.loop.items.clear();
    write(JILL);
    assertEquals(List.of("jill2"), delivered());
  }

  @Test
  void whoIsAtTheHeadHasMissedNothing() {
    write(JACK);
    var reply = follower.follow(DRIVERS, head());
    harness.settle();
    assertEquals(List.of(), following(reply).missed());
  }

  @Test
  void theBeginningOfAnEmptyLogIsAPlaceToo() {
    EventId beginning = head();
    write(JACK, JILL);
    var reply = follower.follow(DRIVERS, beginning);
    harness.settle();
    assertEquals(List.of("jack1", "jill1"), names(following(reply).missed()));
  }

  @Test
  void whoIsTooFarBehindReplaysFirst() {
    restart(new FollowOptions(3, 1 << 20, 10, 1 << 20));
    write(JACK);
    EventId known = head();
    write(JACK, JACK, JACK);
    var near = follower.follow(DRIVERS, known);
    harness.settle();
    assertEquals(3, following(near).missed().size());
    follower.unfollow(DRIVERS);
    write(JACK);
    var far = follower.follow(DRIVERS, known);
    harness.settle();
    assertEquals(Outcome.Behind.BEHIND, far.outcome());
    harness.loop.items.clear();
    write(JACK);
    assertEquals(List.of(), delivered(), "it does not follow");
  }

  @Test
  void theRingIsBoundedInBytesToo() {
    restart(new FollowOptions(1000, 3000, 10, 1 << 20));
    EventId known = head();
    write(JACK, JILL);
    writer.set(JACK, "large", '"' + "x".repeat(2900) + '"', -1);
    harness.settle();
    var far = follower.follow(DRIVERS, known);
    harness.settle();
    assertEquals(Outcome.Behind.BEHIND, far.outcome());
  }

  @Test
  void afterARestartTheRingIsEmpty() {
    write(JACK);
    EventId known = head();
    write(JACK);
    restart(FollowOptions.DEFAULT);
    var behind = follower.follow(DRIVERS, known);
    var exact = follower.follow(DRIVERS, head());
    harness.settle();
    assertEquals(Outcome.Behind.BEHIND, behind.outcome());
    assertEquals(List.of(), following(exact).missed());
  }

  @Test
  void unknownPlacesAreLost() {
    write(JACK);
    var unknown = follower.follow(DRIVERS, EventId.of(1, 77, 1));
    var ahead = follower.follow(DRIVERS, EventId.of(head().timeMs(), head().tag(), 99));
    var none = follower.follow(DRIVERS, EventId.NONE);
    harness.settle();
    for (var reply : List.of(unknown, ahead, none)) {
      var lost = reply.as(Outcome.Lost.class);
      assertEquals(ErrorCode.SOURCE_GAP, lost.code());
      assertEquals(List.of(head()), lost.position());
    }
    harness.loop.items.clear();
    write(JACK);
    assertEquals(List.of(), delivered());
  }

  @Test
  void aNewEpochLosesThePlacesOfTheOldOne() {
    write(JACK, JILL);
    EventId known = head();
    memory.loseAndBeginEpoch(1);
    restart(FollowOptions.DEFAULT);
    var follow = follower.follow(DRIVERS, known);
    var replay = follower.replay(DRIVERS, known, 10);
    harness.settle();
    assertEquals(ErrorCode.SOURCE_GAP, follow.as(Outcome.Lost.class).code());
    assertEquals(ErrorCode.SOURCE_GAP, replay.as(Outcome.Lost.class).code());
    var anew =
        follower.follow(DRIVERS, follow.as(Outcome.Lost.class).position().toArray(EventId[]::new));
    harness.settle();
    write(JILL);
    assertEquals(List.of(), following(anew).missed());
    assertEquals(List.of("jill1"), delivered());
  }

  @Test
  void whatIsNoLongerHeldIsLost() {
    EventId beginning = head();
    write(JACK);
    EventId first = head();
    write(JACK, JACK);
    memory.dropBefore(3);
    restart(FollowOptions.DEFAULT);
    var gone = follower.follow(DRIVERS, beginning);
    var goneToo = follower.replay(DRIVERS, first, 10);
    var held = follower.replay(DRIVERS, first, 10);
    harness.settle();
    assertEquals(ErrorCode.CURSOR_EXPIRED, gone.as(Outcome.Lost.class).code());
    assertEquals(ErrorCode.CURSOR_EXPIRED, goneToo.as(Outcome.Lost.class).code());
    assertEquals(ErrorCode.CURSOR_EXPIRED, held.as(Outcome.Lost.class).code());
    memory.dropBefore(2);
    var last =
        follower.replay(DRIVERS, memory.read(store.logOf("x"), null, 3, 1).getFirst().id(), 1);
    harness.settle();
    assertTrue(last.as(Outcome.Replayed.class).atHead());
  }

  @Test
  void whoUnfollowsGetsNothingMore() {
    follower.follow(DRIVERS);
    follower.follow(Interest.ALL);
    harness.settle();
    follower.unfollow(Interest.ALL);
    write(JACK, JOHN);
    assertEquals(List.of("jack1"), delivered());
    follower.unfollow(DRIVERS);
    follower.unfollow(DRIVERS);
    write(JACK);
    assertEquals(List.of("jack1"), delivered());
    assertTrue(harness.engine.collections().followers().isEmpty());
  }

  @Test
  void whoLeavesGetsNothingMore() {
    follower.follow(DRIVERS);
    follower.follow(Interest.ALL);
    harness.settle();
    follower.leave();
    write(JACK, JOHN);
    assertEquals(List.of(), delivered());
    assertTrue(harness.engine.collections().followers().isEmpty());
  }

  @Test
  void whoLeavesWhileItsPlaceIsLookedUpDoesNotBegin() {
    store.holdFeeds();
    foreign(JACK);
    var left = follower.follow(DRIVERS, head());
    var other = harness.client("other");
    var unfollowed = other.follow(DRIVERS, head());
    var kept = other.follow(Interest.ALL, head());
    harness.turn();
    follower.leave();
    other.unfollow(DRIVERS);
    harness.settle();
    assertTrue(left.isOpen());
    store.releaseFeeds();
    harness.settle();
    assertFalse(left.isOpen());
    assertFalse(unfollowed.isOpen());
    assertFalse(kept.isOpen());
    assertEquals(1, harness.engine.collections().followers().sessions());
    other.unfollow(Interest.ALL);
    harness.settle();
    assertTrue(harness.engine.collections().followers().isEmpty());
  }

  @Test
  void aPlaceALittleBehindIsKnownWithoutTheStore() {
    EventId beginning = head();
    for (int i = 0; i < 100; i++) {
      write(JACK, JOHN);
    }
    EventId first = memory.read(memory.logOf("x"), null, 1, 1).getFirst().id();
    var reply = follower.follow(DRIVERS, first);
    var fromTheBeginning = follower.follow(DRIVERS, beginning);
    harness.turn();
    assertEquals(99, following(reply).missed().size());
    assertEquals(1, harness.reads.size(), "the other one has to be looked up");
    harness.settle();
    assertEquals(100, following(fromTheBeginning).missed().size());
    assertEquals("jack1", names(following(fromTheBeginning).missed()).getFirst());
  }

  @Test
  void aPlaceAheadOfTheFeedIsWaitedFor() {
    store.holdFeeds();
    foreign(JACK);
    EventId known = head();
    foreign(JACK);
    var reply = follower.follow(DRIVERS, known);
    harness.settle();
    assertTrue(reply.isOpen());
    store.releaseFeeds();
    harness.settle();
    assertEquals(List.of(), names(following(reply).missed()));
    assertEquals(List.of("jack2"), delivered(), "the first was known");
  }

  @Test
  void aReplayDoesNotRunAheadOfTheFeed() {
    EventId beginning = head();
    write(JACK);
    EventId published = head();
    store.holdFeeds();
    foreign(JACK);
    foreign(JACK);
    var replay = follower.replay(DRIVERS, beginning, 10);
    var history = follower.history(JACK, 0, 10);
    harness.settle();
    var replayed = replay.as(Outcome.Replayed.class);
    assertEquals(List.of("jack1"), names(replayed.changes()));
    assertEquals(published, replayed.upTo());
    assertTrue(replayed.atHead());
    assertEquals(List.of("jack1"), names(history.as(Outcome.Changes.class).changes()));
    assertFalse(history.as(Outcome.Changes.class).more());
    follower.follow(DRIVERS, replayed.upTo());
    harness.settle();
    store.releaseFeeds();
    harness.settle();
    assertEquals(List.of("jack2", "jack3"), delivered());
  }

  @Test
  void aReplayGoesPageByPage() {
    EventId beginning = head();
    write(JACK, JOHN, JILL, JACK, JOHN);
    writer.watch(true, new DocumentKey("driver", "opened"));
    harness.settle();
    var first = follower.replay(DRIVERS, beginning, 2);
    harness.settle();
    var page = first.as(Outcome.Replayed.class);
    assertEquals(List.of("jack1", "jill1"), names(page.changes()));
    assertFalse(page.atHead());
    var second = follower.replay(DRIVERS, page.upTo(), 2);
    harness.settle();
    assertEquals(List.of("jack2"), names(second.as(Outcome.Replayed.class).changes()));
    var third = follower.replay(DRIVERS, second.as(Outcome.Replayed.class).upTo(), 2);
    harness.settle();
    assertEquals(List.of(), third.as(Outcome.Replayed.class).changes());
    assertEquals(head(), third.as(Outcome.Replayed.class).upTo());
    assertTrue(third.as(Outcome.Replayed.class).atHead());
  }

  @Test
  void aReplayOfAnotherCollectionSaysHowFarItLooked() {
    EventId beginning = head();
    write(JACK, JACK, JACK);
    var replay = follower.replay(new Interest("rider"), beginning, 10);
    harness.settle();
    var replayed = replay.as(Outcome.Replayed.class);
    assertEquals(List.of(), replayed.changes());
    assertEquals(head(), replayed.upTo());
    assertTrue(replayed.atHead());
  }

  @Test
  void pagesOfLargeDocumentsEndEarly() {
    restart(new FollowOptions(100, 1 << 20, 10, 50_000));
    EventId beginning = head();
    for (int i = 0; i < 40; i++) {
      writer.create(
          new DocumentKey("driver", "d" + i), "{\"large\":\"" + "x".repeat(10_000) + "\"}");
    }
    harness.settle();
    var ids = new ArrayList<String>();
    String after = null;
    int pages = 0;
    do {
      var reply = follower.scan("driver", after, 1000);
      harness.settle();
      var scanned = reply.as(Outcome.Scanned.class);
      scanned.documents().forEach(each -> ids.add(each.document().key().id()));
      assertTrue(scanned.documents().size() <= 22, scanned.documents().size() + " on a page");
      after = scanned.next();
      pages++;
    } while (after != null);
    assertEquals(40, ids.stream().distinct().count());
    assertEquals(40, ids.size());
    assertTrue(pages >= 3);
    var replay = follower.replay(DRIVERS, beginning, 1000);
    harness.settle();
    assertTrue(replay.as(Outcome.Replayed.class).changes().size() < 25);
    assertFalse(replay.as(Outcome.Replayed.class).atHead());
  }

  @Test
  void aScanListsWhatIsCommittedWithItsPlace() {
    write(JACK, JILL, JOHN);
    writer.delete(JILL);
    harness.settle();
    writer.set(JACK, "n", "2", -1);
    harness.turn();
    var reply = follower.scan("driver", null, 10);
    harness.turn();
    harness.read();
    var scanned = reply.as(Outcome.Scanned.class);
    assertEquals(2, scanned.documents().size());
    assertEquals(1, scanned.documents().getFirst().document().revision());
    assertEquals(Document.Life.TOMBSTONE, scanned.documents().getLast().document().life());
    assertEquals(4, scanned.documents().getLast().offset());
    assertEquals(null, scanned.next());
  }

  @Test
  void aScanShowsExpiredDocumentsAsTombstones() {
    writer.create(JACK, "{\"a\":1}", 1);
    writer.create(JILL, "{}", Long.MAX_VALUE >> 12);
    harness.settle();
    var reply = follower.scan("driver", null, 10);
    harness.settle();
    var documents = reply.as(Outcome.Scanned.class).documents();
    assertEquals(Document.Life.TOMBSTONE, documents.getFirst().document().life());
    assertEquals(2, documents.getFirst().document().revision());
    assertEquals(Document.Life.LIVE, documents.getLast().document().life());
  }

  @Test
  void theHistoryOfADocumentHasNoOpenings() {
    follower.watch(true, JACK);
    write(JACK, JACK, JOHN);
    writer.delete(JACK);
    harness.settle();
    follower.watch(true, JACK);
    write(JACK);
    var all = follower.history(JACK, 0, 10);
    var some = follower.history(JACK, 1, 2);
    harness.settle();
    var changes = all.as(Outcome.Changes.class);
    assertEquals(List.of("jack1", "jack2", "jack3", "jack4"), names(changes.changes()));
    assertFalse(changes.more());
    assertEquals(Operation.CREATE, changes.changes().getLast().operation());
    assertEquals(List.of("jack2", "jack3"), names(some.as(Outcome.Changes.class).changes()));
    assertTrue(some.as(Outcome.Changes.class).more());
  }

  @Test
  void aStoreThatCannotReadIsARefusal() {
    write(JACK);
    store.failNextReads(3, ErrorCode.STORE_CORRUPT);
    var scan = follower.scan("driver", null, 10);
    var history = follower.history(JACK, 0, 10);
    var replay = follower.replay(DRIVERS, head(), 10);
    harness.settle();
    for (var reply : List.of(scan, history, replay)) {
      assertEquals(ErrorCode.STORE_CORRUPT, reply.as(Outcome.Refused.class).code());
    }
    assertEquals(0, harness.engine.collections().readsUnderWay());
  }

  @Test
  void tooManyReadsAreRefused() {
    restart(new FollowOptions(10, 1000, 2, 1000));
    EventId beginning = head();
    write(JACK, JACK);
    var first = follower.scan("driver", null, 10);
    var second = follower.replay(DRIVERS, beginning, 10);
    var third = follower.scan("driver", null, 10);
    var fourth = follower.follow(DRIVERS, beginning);
    harness.settle();
    assertInstanceOf(Outcome.Scanned.class, first.outcome());
    assertInstanceOf(Outcome.Replayed.class, second.outcome());
    assertEquals(ErrorCode.OVERLOADED, third.as(Outcome.Refused.class).code());
    assertEquals(ErrorCode.OVERLOADED, fourth.as(Outcome.Refused.class).code());
    var later = follower.scan("driver", null, 10);
    harness.settle();
    assertInstanceOf(Outcome.Scanned.class, later.outcome());
  }

  @Test
  void whoMayNotReadACollectionMayNotFollowIt() {
    write(JACK);
    Guard guard =
        request ->
            switch (request.subject()) {
              case Subject.OfName(String name, var data) ->
                  "driver".equals(name) ? GuardAnswer.Allow.ALLOW : GuardAnswer.Deny.DENY;
              case Subject.OfStream _ -> GuardAnswer.Deny.DENY;
              case Subject.OfDocument(Document before, var after) ->
                  before.revision() == 1 ? GuardAnswer.Deny.DENY : GuardAnswer.Allow.ALLOW;
            };
    var guarded = new EngineHarness(store, guard, EngineHarness.OPTIONS);
    var client = guarded.client("c");
    var refused =
        List.of(
            client.follow(Interest.ALL),
            client.follow(new Interest("rider")),
            client.scan("rider", null, 1),
            client.replay(Interest.ALL, head(), 1),
            client.history(JACK, 0, 10));
    var allowed = client.follow(DRIVERS);
    var scanned = client.scan("driver", null, 1);
    guarded.settle();
    refused.forEach(
        reply -> assertEquals(ErrorCode.FORBIDDEN, reply.as(Outcome.Refused.class).code()));
    assertInstanceOf(Outcome.Following.class, allowed.outcome());
    assertInstanceOf(Outcome.Scanned.class, scanned.outcome());
    assertEquals(1, guarded.engine.collections().followers().sessions());
  }

  @Test
  void severalLogsAreFollowedAtOnce() {
    var logs = SeveralLogs.of("driver", "rider");
    var several = new EngineHarness(logs);
    var client = several.client("c");
    List<EventId> beginning = logs.logs().stream().map(log -> log.headId()).toList();
    client.set(JACK, "n", "1", -1);
    client.set(JOHN, "n", "1", -1);
    several.settle();
    var reply = client.follow(Interest.ALL, beginning.toArray(EventId[]::new));
    var one = client.follow(Interest.ALL, beginning.getFirst());
    several.settle();
    assertEquals(2, following(reply).missed().size());
    assertEquals(2, following(reply).position().size());
    assertEquals(1, following(one).missed().size(), "the other log from now on");
  }
}
