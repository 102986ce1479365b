// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import static io.freshet.engine.EngineHarness.increment;
import static io.freshet.engine.EngineHarness.merge;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.command.Revision;
import io.freshet.engine.command.Terms;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.guard.Guard;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.Operation;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.Json;
import io.freshet.testkit.FaultyStore;
import io.freshet.testkit.MemoryStore;
import io.freshet.testkit.VirtualClock;
import io.freshet.testkit.Writes;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The documents face and the record face on the same documents.
class RevisionsTest {
  private static final DocumentKey JACK = new DocumentKey("driver", "jack");

  private final VirtualClock clock = VirtualClock.atNoon();
  private final MemoryStore memory = new MemoryStore(clock);
  private final FaultyStore store = new FaultyStore(memory);
  private final EngineHarness harness =
      new EngineHarness(store, Guard.OPEN, EngineHarness.OPTIONS, clock);
  private final EngineHarness.Client writer = harness.client("writer");
  private final EngineHarness.Client watcher = harness.client("watcher");

  private void given(String json) {
    writer.create(JACK, json);
    harness.settle();
    harness.loop.items.clear();
  }

  private Document stored() {
    return store.load(List.of(JACK)).toCompletableFuture().join().getFirst();
  }

  private static ErrorCode code(EngineHarness.Reply reply) {
    return reply.as(Outcome.Rejected.class).code();
  }

  @Test
  void bothFacesCountTheSameRevisions() {
    given("{\"a\":1}");
    var edit = writer.set(JACK, "b", "2", 2);
    var merged = writer.revise(JACK, merge("c", "3"), new Terms(2L, null, null, null));
    var follows = writer.set(JACK, "d", "4", 4);
    harness.settle();
    assertEquals(2, edit.revision());
    assertEquals(3, merged.revision());
    assertEquals(4, follows.revision());
    assertEquals(Json.parse("{\"a\":1,\"b\":2,\"c\":3,\"d\":4}"), stored().data());
  }

  @Test
  void creatingAnOpenedRecordIsItsFirstWrite() {
    watcher.watch(true, JACK);
    harness.settle();
    var created = writer.create(JACK, "{\"a\":1}");
    harness.settle();
    var change = created.as(Outcome.Committed.class).change();
    assertEquals(Operation.CREATE, change.operation());
    assertEquals(1, change.revision());
    assertEquals(1, harness.loop.publications().size());
  }

  @Test
  void aRevisionTellsItsWatchersWhoAskedForIt() {
    given("{}");
    watcher.watch(false, JACK);
    harness.settle();
    writer.revise(JACK, merge("a", "1"), new Terms(null, null, null, "r-91"));
    writer.revise(JACK, merge("a", "2"));
    harness.settle();
    var publications = harness.loop.publications();
    assertEquals("r-91", publications.getFirst().requestId());
    assertEquals(writer, publications.getFirst().writer());
    assertEquals(null, publications.getLast().requestId());
  }

  @Test
  void everyIncrementOfAConflictedChainCounts() {
    given("{\"n\":1}");
    var first = writer.revise(JACK, increment("n"));
    var second = writer.revise(JACK, increment("n"));
    harness.turn();
    store.beforeNextCommit(() -> {
      var unused = store.commit(List.of(Writes.set(stored(), "n", "10")));
    });
    harness.settle();
    assertEquals(3, first.revision());
    assertEquals(4, second.revision());
    assertEquals(Json.parse("{\"n\":12}"), stored().data());
  }

  @Test
  void deletingTwiceIsAnsweredByTheTombstoneBehindTheFirst() {
    given("{\"a\":1}");
    var first = writer.revise(JACK, Revision.Delete.DELETE);
    var second = writer.revise(JACK, Revision.Delete.DELETE);
    harness.turn();
    assertTrue(second.isOpen(), "it depends on the first");
    harness.settle();
    assertEquals(2, first.revision());
    assertEquals(2, second.state().revision());
    assertEquals(Document.Life.TOMBSTONE, second.state().life());
    assertEquals(Json.parse("{\"a\":1}"), second.state().data());
  }

  @Test
  void aDeletedDocumentIsRestoredUnlessARecordWasOpenedInItsPlace() {
    given("{\"a\":1}");
    writer.revise(JACK, Revision.Delete.DELETE);
    var restored = writer.revise(JACK, Revision.Restore.RESTORE);
    harness.settle();
    assertEquals(3, restored.revision());
    assertEquals(Json.parse("{\"a\":1}"), stored().data());
    writer.revise(JACK, Revision.Delete.DELETE);
    harness.settle();
    var opened = watcher.watch(true, JACK);
    harness.settle();
    assertEquals(Json.parse("{}"), opened.snapshot().data(), "a record begins empty");
    var late = writer.revise(JACK, Revision.Restore.RESTORE);
    harness.settle();
    assertEquals(ErrorCode.NOT_FOUND, code(late));
  }

  @Test
  void aRecordBegunAfterADeleteHasNothingOfTheFormerLife() {
    given("{\"a\":1}");
    writer.revise(JACK, Revision.Delete.DELETE);
    var edit = writer.set(JACK, "b", "2", 3);
    harness.settle();
    assertEquals(3, edit.revision());
    assertEquals(Json.parse("{\"b\":2}"), stored().data());
  }

  @Test
  void aStaleRevisionIsRefusedBehindTheWriteItMissed() {
    given("{\"a\":1}");
    writer.revise(JACK, merge("a", "2"));
    var stale = writer.revise(JACK, merge("a", "3"), new Terms(1L, null, null, null));
    harness.turn();
    assertTrue(stale.isOpen());
    harness.settle();
    var rejected = stale.as(Outcome.Rejected.class);
    assertEquals(ErrorCode.REVISION_CONFLICT, rejected.code());
    assertEquals(2, rejected.current().revision());
  }

  @Test
  void aFailureOfTheStoreIsToldToAll() {
    given("{\"a\":1}");
    store.failNext(1, ErrorCode.UNAVAILABLE);
    var first = writer.revise(JACK, merge("a", "2"));
    var second = writer.revise(JACK, Revision.Delete.DELETE);
    var third = writer.revise(JACK, Revision.Delete.DELETE);
    harness.settle();
    assertEquals(ErrorCode.UNAVAILABLE, code(first));
    assertEquals(ErrorCode.UNAVAILABLE, code(second));
    assertEquals(ErrorCode.UNAVAILABLE, code(third));
    assertEquals(1, stored().revision());
  }

  @Test
  void aPurgedDocumentCountsAnew() {
    given("{\"a\":1}");
    writer.revise(JACK, Revision.Delete.DELETE);
    harness.settle();
    clock.advance(Duration.ofDays(2));
    memory.purgeTombstones(clock.millis() - Duration.ofDays(1).toMillis());
    var restored = writer.revise(JACK, Revision.Restore.RESTORE);
    harness.settle();
    assertEquals(ErrorCode.NOT_FOUND, code(restored), "it is gone, though still in memory");
    var created = writer.create(JACK, "{\"b\":1}");
    harness.settle();
    assertEquals(1, created.revision());
    watcher.watch(false, JACK);
    var next = writer.set(JACK, "c", "1", 2);
    harness.settle();
    assertEquals(2, next.revision());
    assertEquals(2, harness.loop.publications().getLast().change().revision());
  }

  @Test
  void anotherNodesFirstLifeAfterAPurgeIsNews() {
    given("{\"a\":1}");
    writer.revise(JACK, Revision.Delete.DELETE);
    harness.settle();
    watcher.watch(false, JACK);
    harness.settle();
    clock.advance(Duration.ofDays(2));
    memory.purgeTombstones(clock.millis() - Duration.ofDays(1).toMillis());
    var unused = store.commit(List.of(Writes.create(stored(), Json.parse("{\"b\":1}"))));
    harness.settle();
    var read = writer.read(JACK);
    harness.settle();
    assertEquals(stored(), read.state());
    assertEquals(1, harness.loop.publications().getLast().change().revision());
  }

  @Test
  void aSnapshotAheadOfTheFeedIsNotFollowedByItsOwnChange() {
    store.holdFeeds();
    var unused = store.commit(List.of(Writes.create(stored(), Json.parse("{\"b\":1}"))));
    var reply = watcher.watch(false, JACK);
    harness.settle();
    assertEquals(1, reply.snapshot().revision());
    store.releaseFeeds();
    writer.set(JACK, "c", "1", 2);
    harness.settle();
    assertEquals(1, harness.loop.publications().size());
    assertEquals(2, harness.loop.publications().getFirst().change().revision());
  }
}
