// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Publication;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.Json;
import io.freshet.testkit.FaultyStore;
import io.freshet.testkit.MemoryStore;
import io.freshet.testkit.Writes;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The invariants of the design's section 3, each with a test that fails when it is broken.
class EngineTest {
  private static final DocumentKey JACK = new DocumentKey("driver", "jack");
  private static final DocumentKey JILL = new DocumentKey("driver", "jill");

  private final FaultyStore store = new FaultyStore(new MemoryStore(InstantSource.system()));
  private final EngineHarness harness = new EngineHarness(store);
  private final EngineHarness.Client writer = harness.client("writer");
  private final EngineHarness.Client watcher = harness.client("watcher");

  private void given(DocumentKey key, String json) {
    writer.replace(key, json, -1, true);
    harness.settle();
    harness.loop.items.clear();
  }

  private static String data(Document document) {
    return Json.text(document.data());
  }

  @Test
  void acknowledgesOnlyAfterTheCommit() {
    var reply = writer.replace(JACK, "{\"a\":1}", -1, true);
    harness.turn();
    assertTrue(reply.isOpen());
    harness.commit();
    assertEquals(1, reply.revision());
  }

  @Test
  void publishesOnlyAfterTheCommit() {
    given(JACK, "{}");
    watcher.watch(false, JACK);
    harness.settle();
    writer.set(JACK, "a", "1", 2);
    harness.turn();
    assertTrue(harness.loop.publications().isEmpty());
    harness.commit();
    assertEquals(1, harness.loop.publications().size());
  }

  @Test
  void decidesOnPendingStateSoThatClientsCanPipeline() {
    var first = writer.replace(JACK, "{}", 1, true);
    var second = writer.set(JACK, "a", "1", 2);
    var third = writer.set(JACK, "b", "2", 3);
    harness.turn();
    assertEquals(1, harness.commits.size(), "one batch");
    harness.commit();
    assertEquals(
        List.of(1L, 2L, 3L), List.of(first.revision(), second.revision(), third.revision()));
    assertEquals("{\"a\":1,\"b\":2}", data(third.as(Outcome.Committed.class).change().after()));
  }

  @Test
  void gathersWhileOneCommitIsOnItsWay() {
    writer.set(JACK, "a", "1", -1);
    harness.turn();
    writer.set(JACK, "a", "2", -1);
    writer.set(JILL, "a", "3", -1);
    harness.turn();
    assertEquals(1, harness.commits.size());
    harness.commit();
    assertEquals(1, harness.commits.size(), "the next batch follows at once");
    harness.commit();
    assertTrue(harness.engine.isIdle());
  }

  @Test
  void readsCommittedStateOnly() {
    given(JACK, "{\"a\":1}");
    writer.set(JACK, "a", "2", 2);
    var during = watcher.read(JACK);
    harness.turn();
    assertEquals("{\"a\":1}", data(during.state()));
    harness.commit();
    var after = watcher.read(JACK);
    harness.turn();
    assertEquals("{\"a\":2}", data(after.state()));
  }

  @Test
  void aSnapshotIsFollowedByExactlyTheNextRevision() {
    given(JACK, "{\"a\":1}");
    writer.set(JACK, "a", "2", 2);
    harness.turn();
    var reply = watcher.watch(false, JACK);
    harness.turn();
    assertEquals(1, reply.snapshot().revision(), "the write on its way is not in the snapshot");
    harness.commit();
    List<Publication> publications = harness.loop.publications();
    assertEquals(1, publications.size());
    assertEquals(2, publications.getFirst().change().revision());
  }

  @Test
  void answersStandBehindTheChangesTheyDependOn() {
    given(JACK, "{\"a\":1}");
    watcher.watch(false, JACK);
    harness.settle();
    harness.loop.items.clear();
    writer.set(JACK, "a", "2", 2);
    var late = watcher.set(JACK, "a", "3", 2);
    harness.turn();
    assertTrue(late.isOpen(), "whether version 2 exists is not known before the commit");
    harness.commit();
    var rejected = late.as(Outcome.Rejected.class);
    assertEquals(ErrorCode.REVISION_CONFLICT, rejected.code());
    assertEquals("{\"a\":2}", data(rejected.current()));
    List<FeedItem> items = harness.loop.take();
    assertInstanceOf(FeedItem.Changes.class, items.get(0));
    assertInstanceOf(FeedItem.Answer.class, items.get(1));
    assertInstanceOf(FeedItem.Answer.class, items.get(2));
  }

  @Test
  void aConflictDecidesTheWholeChainAgainInArrivalOrder() {
    given(JACK, "{\"a\":1}");
    var follows = writer.set(JACK, "b", "1", 2);
    var whatever = writer.set(JACK, "c", "1", -1);
    harness.turn();
    store.beforeNextCommit(() -> {
      Document current = store.load(List.of(JACK)).toCompletableFuture().join().getFirst();
      var unused = store.commit(List.of(Writes.set(current, "a", "9")));
    });
    harness.settle();
    var rejected = follows.as(Outcome.Rejected.class);
    assertEquals(ErrorCode.REVISION_CONFLICT, rejected.code(), "somebody else wrote version 2");
    assertEquals(3, whatever.revision());
    assertEquals("{\"a\":9,\"c\":1}", data(whatever.as(Outcome.Committed.class).change().after()));
  }

  @Test
  void aStoreFailureRejectsTheWholeChainAndTellsTheCurrentState() {
    given(JACK, "{\"a\":1}");
    store.failNext(1, ErrorCode.UNAVAILABLE);
    var first = writer.set(JACK, "a", "2", 2);
    harness.turn();
    var second = writer.set(JACK, "a", "3", 3);
    harness.turn();
    harness.commit();
    assertEquals(ErrorCode.UNAVAILABLE, first.as(Outcome.Rejected.class).code());
    assertEquals("{\"a\":1}", data(first.as(Outcome.Rejected.class).current()));
    assertEquals(ErrorCode.UNAVAILABLE, second.as(Outcome.Rejected.class).code());
    var again = writer.set(JACK, "a", "4", 2);
    harness.settle();
    assertEquals(2, again.revision());
  }

  @Test
  void neverPublishesAWriteThatFailed() {
    given(JACK, "{\"a\":1}");
    watcher.watch(false, JACK);
    harness.settle();
    store.failNext(1, ErrorCode.UNAVAILABLE);
    writer.set(JACK, "a", "2", 2);
    harness.settle();
    assertTrue(harness.loop.publications().isEmpty());
  }

  @Test
  void fanOutIsDrivenByTheLogNotByTheLocalCommit() {
    given(JACK, "{\"a\":1}");
    watcher.watch(false, JACK);
    harness.settle();
    Document current = store.load(List.of(JACK)).toCompletableFuture().join().getFirst();
    var unused = store.commit(List.of(Writes.set(current, "a", "7")));
    harness.turn();
    List<Publication> publications = harness.loop.publications();
    assertEquals(1, publications.size());
    assertEquals("{\"a\":7}", data(publications.getFirst().change().after()));
  }

  @Test
  void acknowledgementsWaitForTheFeed() {
    given(JACK, "{\"a\":1}");
    store.holdFeeds();
    var reply = writer.set(JACK, "a", "2", 2);
    harness.settle();
    assertTrue(reply.isOpen(), "the change has not come through the feed yet");
    store.releaseFeeds();
    harness.turn();
    assertEquals(2, reply.revision());
  }

  @Test
  void aForeignChangeDuringALoadIsNotLost() {
    given(JACK, "{\"a\":1}");
    var fresh = new EngineHarness(store);
    store.holdLoads();
    var reader = fresh.client("reader").read(JACK);
    fresh.turn();
    Document current =
        Writes.set(
                new Document(JACK, Document.Life.LIVE, 1, Json.parse("{\"a\":1}"), 1, 1), "a", "2")
            .before();
    var unused = store.commit(List.of(Writes.set(current, "a", "2")));
    fresh.turn();
    store.heldLoads().forEach(FaultyStore.HeldLoad::answerWithPast);
    fresh.turn();
    assertEquals(2, reader.state().revision());
  }

  @Test
  void openingChangesNoRevisionAndIsKept() {
    var reply = watcher.watch(true, JACK);
    harness.settle();
    assertEquals(Document.Life.OPENED, reply.snapshot().life());
    assertEquals(0, reply.snapshot().revision());
    var restarted = new EngineHarness(store);
    var read = restarted.client("later").read(JACK);
    restarted.settle();
    assertEquals(Document.Life.OPENED, read.state().life());
    var write = writer.set(JACK, "a", "1", 1);
    harness.settle();
    assertEquals(1, write.revision());
  }

  @Test
  void watchingWithoutOpeningLeavesNothingBehind() {
    var reply = watcher.watch(false, JACK);
    harness.settle();
    assertEquals(Document.Life.MISSING, reply.snapshot().life());
    assertTrue(harness.commits.isEmpty());
    assertEquals(
        Document.Life.MISSING,
        store.load(List.of(JACK)).toCompletableFuture().join().getFirst().life());
  }

  @Test
  void theNextLifeContinuesTheCount() {
    given(JACK, "{\"a\":1}");
    var delete = writer.delete(JACK);
    harness.settle();
    assertEquals(2, delete.revision());
    var open = watcher.watch(true, JACK);
    harness.settle();
    assertEquals(2, open.snapshot().revision());
    assertEquals("{}", data(open.snapshot()));
    var create = writer.replace(JACK, "{\"b\":1}", 3, true);
    harness.settle();
    assertEquals(3, create.revision());
    assertEquals(
        io.freshet.protocol.Operation.CREATE,
        create.as(Outcome.Committed.class).change().operation());
  }

  @Test
  void deletingEndsEveryWatch() {
    given(JACK, "{\"a\":1}");
    watcher.watch(false, JACK);
    harness.settle();
    writer.delete(JACK);
    harness.settle();
    harness.loop.items.clear();
    writer.replace(JACK, "{\"b\":1}", -1, true);
    harness.settle();
    assertTrue(harness.loop.publications().isEmpty());
  }

  @Test
  void deletingWhatIsNotThereIsFine() {
    var reply = writer.delete(JACK);
    harness.settle();
    assertEquals(Outcome.Done.DONE, reply.outcome());
  }

  @Test
  void aWriteToAMissingDocumentNeedsPermissionToCreate() {
    var reply = writer.replace(JACK, "{}", 1, false);
    harness.settle();
    assertEquals(ErrorCode.NOT_FOUND, reply.as(Outcome.Rejected.class).code());
  }

  @Test
  void versionsFollowTheTableOfTheProtocol() {
    given(JACK, "{\"a\":1}");
    var stale = writer.set(JACK, "a", "2", 1);
    var zero = writer.set(JACK, "a", "2", 0);
    var ahead = writer.set(JACK, "a", "2", 3);
    var next = writer.set(JACK, "a", "2", 2);
    var any = writer.set(JACK, "a", "3", -1);
    harness.settle();
    assertEquals(ErrorCode.REVISION_CONFLICT, stale.as(Outcome.Rejected.class).code());
    assertEquals(ErrorCode.REVISION_CONFLICT, zero.as(Outcome.Rejected.class).code());
    assertEquals(ErrorCode.INVALID_VERSION, ahead.as(Outcome.Rejected.class).code());
    assertEquals(2, next.revision());
    assertEquals(3, any.revision());
  }

  @Test
  void aFullInboxRefuses() {
    var options =
        new EngineOptions(
            EngineOptions.DEFAULT.limits(),
            EngineOptions.DEFAULT.listen(),
            EngineOptions.DEFAULT.rpc(),
            4,
            4,
            1024,
            1 << 20);
    var small = new EngineHarness(store, io.freshet.engine.guard.Guard.OPEN, options);
    var client = small.client("eager");
    for (int i = 0; i < 4; i++) {
      assertTrue(small.engine.submit(new Command.Read(new EngineHarness.Reply(client), JACK)));
    }
    assertFalse(small.engine.submit(new Command.Read(new EngineHarness.Reply(client), JACK)));
    small.settle();
    assertTrue(small.engine.submit(new Command.Read(new EngineHarness.Reply(client), JACK)));
  }

  @Test
  void anUnusedDocumentLeavesMemoryAndComesBack() {
    var options =
        new EngineOptions(
            EngineOptions.DEFAULT.limits(),
            EngineOptions.DEFAULT.listen(),
            EngineOptions.DEFAULT.rpc(),
            1024,
            64,
            1 << 20,
            2000);
    var small = new EngineHarness(store, io.freshet.engine.guard.Guard.OPEN, options);
    var client = small.client("c");
    for (int i = 0; i < 100; i++) {
      client.replace(new DocumentKey("many", "d" + i), "{\"n\":" + i + "}", -1, true);
      small.settle();
    }
    assertTrue(small.engine.documentsHeld() < 20, small.engine.documentsHeld() + " held");
    var read = client.read(new DocumentKey("many", "d3"));
    small.settle();
    assertEquals("{\"n\":3}", data(read.state()));
  }
}
