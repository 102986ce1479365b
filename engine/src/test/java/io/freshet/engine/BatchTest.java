// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import static io.freshet.engine.EngineHarness.increment;
import static io.freshet.engine.EngineHarness.item;
import static io.freshet.engine.EngineHarness.merge;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.Revision;
import io.freshet.engine.command.Terms;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Publication;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.Json;
import io.freshet.testkit.FaultyStore;
import io.freshet.testkit.MemoryStore;
import io.freshet.testkit.Writes;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Several documents, all or none.
class BatchTest {
  private static final DocumentKey JACK = new DocumentKey("driver", "jack");
  private static final DocumentKey JILL = new DocumentKey("driver", "jill");
  private static final DocumentKey JOHN = new DocumentKey("rider", "john");

  private final FaultyStore store = new FaultyStore(new MemoryStore(InstantSource.system()));
  private final EngineHarness harness = new EngineHarness(store);
  private final EngineHarness.Client writer = harness.client("writer");
  private final EngineHarness.Client watcher = harness.client("watcher");

  private void given(DocumentKey... keys) {
    for (DocumentKey key : keys) {
      writer.create(key, "{\"n\":1}");
    }
    harness.settle();
    harness.loop.items.clear();
  }

  private Document stored(DocumentKey key) {
    return store.load(List.of(key)).toCompletableFuture().join().getFirst();
  }

  private static Revision create(String json) {
    return new Revision.Create((io.freshet.protocol.json.JsonObject) Json.parse(json), 0);
  }

  private static List<Object> results(EngineHarness.Reply reply) {
    var results = new ArrayList<>();
    for (Outcome each : reply.as(Outcome.Batched.class).items()) {
      results.add(
          switch (each) {
            case Outcome.Committed(var change) -> change.revision();
            case Outcome.State(var document) -> document.life();
            case Outcome.Rejected(var code, var message, var current) -> code;
            case Outcome other -> other;
          });
    }
    return results;
  }

  private static int failed(EngineHarness.Reply reply) {
    return reply.as(Outcome.Batched.class).failed();
  }

  private void foreign(DocumentKey key) {
    var unused = store.commit(List.of(Writes.set(stored(key), "foreign", "1")));
  }

  @Test
  void allIsDoneInOneCommit() {
    given(JACK, JILL);
    watcher.watch(false, JACK);
    watcher.watch(false, JOHN);
    harness.settle();
    var item = new Command.Batch.Item(JACK, merge("a", "1"), new Terms(null, null, null, "r1"));
    var reply = writer.batch(null, item, item(JOHN, create("{}")), item(JILL, increment("n"), 1));
    harness.turn();
    assertEquals(1, harness.commits.size());
    assertTrue(reply.isOpen());
    harness.settle();
    assertEquals(List.of(2L, 1L, 2L), results(reply));
    assertEquals(-1, failed(reply));
    var changes = harness.loop.publications().stream().map(Publication::change).toList();
    assertEquals(2, changes.size(), "of those that are watched");
    assertNotNull(changes.getFirst().batch());
    assertEquals(changes.getFirst().batch(), changes.getLast().batch());
    assertEquals("r1", harness.loop.publications().getFirst().requestId());
  }

  @Test
  void oneFailureUndoesAll() {
    given(JACK, JILL);
    var reply =
        writer.batch(
            null,
            item(JACK, merge("a", "1")),
            item(JOHN, merge("a", "1")),
            item(JILL, increment("none")));
    harness.settle();
    assertEquals(
        List.of(ErrorCode.NOT_FOUND, ErrorCode.NOT_FOUND, ErrorCode.TYPE_MISMATCH), results(reply));
    assertEquals(1, failed(reply));
    assertTrue(harness.commits.isEmpty());
    assertEquals(1, stored(JACK).revision());
  }

  @Test
  void whatFailsWithAnotherSaysTheWordOfItsStatusOnly() {
    given(JACK, JILL);
    var conflict = writer.batch(null, item(JACK, merge("a", "1")), item(JILL, increment("n"), 9));
    var missing = writer.batch(null, item(JACK, merge("a", "1")), item(JOHN, increment("n")));
    harness.settle();
    for (Outcome each : conflict.as(Outcome.Batched.class).items()) {
      var rejected = assertInstanceOf(Outcome.Rejected.class, each);
      assertEquals(ErrorCode.REVISION_CONFLICT, rejected.code());
      assertTrue(rejected.message().contains("conflict"), rejected.message());
    }
    for (Outcome each : missing.as(Outcome.Batched.class).items()) {
      var rejected = assertInstanceOf(Outcome.Rejected.class, each);
      assertEquals(ErrorCode.NOT_FOUND, rejected.code());
      assertTrue(!rejected.message().contains("conflict"), rejected.message());
    }
  }

  @Test
  void whatHasNothingToDoIsFine() {
    given(JACK, JILL);
    writer.revise(JILL, Revision.Delete.DELETE);
    var reply = writer.batch(null, item(JACK, merge("a", "1")), item(JILL, Revision.Delete.DELETE));
    harness.settle();
    assertEquals(List.of(2L, Document.Life.TOMBSTONE), results(reply));
    var nothing = writer.batch(null, item(JILL, Revision.Delete.DELETE));
    harness.settle();
    assertEquals(List.of(Document.Life.TOMBSTONE), results(nothing));
  }

  @Test
  void malformedBatchesAreRefused() {
    given(JACK);
    var twice = writer.batch(null, item(JACK, merge("a", "1")), item(JACK, merge("a", "2")));
    var none = writer.batch(null);
    harness.settle();
    assertEquals(List.of(ErrorCode.INVALID_ARGUMENT, ErrorCode.INVALID_ARGUMENT), results(twice));
    assertEquals(1, failed(twice));
    assertEquals(List.of(), results(none));
    assertEquals(0, failed(none));
    assertEquals(1, stored(JACK).revision());
  }

  @Test
  void documentsOfSeveralLogsAreRefused() {
    var several = new EngineHarness(SeveralLogs.of("a", "b"));
    var reply =
        several
            .client("c")
            .batch(
                null,
                item(new DocumentKey("a", "1"), create("{}")),
                item(new DocumentKey("b", "1"), create("{}")));
    several.settle();
    assertEquals(List.of(ErrorCode.INVALID_ARGUMENT, ErrorCode.INVALID_ARGUMENT), results(reply));
    assertEquals(1, failed(reply));
  }

  @Test
  void isDecidedOnWhatIsOnItsWay() {
    given(JACK, JILL);
    writer.revise(JACK, increment("n"));
    var batch = writer.batch(null, item(JACK, increment("n"), 2), item(JILL, increment("n"), 1));
    var after = writer.revise(JILL, increment("n"), new Terms(2L, null, null, null));
    harness.turn();
    assertEquals(1, harness.commits.size());
    harness.settle();
    assertEquals(List.of(3L, 2L), results(batch));
    assertEquals(3, after.revision());
    assertEquals(Json.parse("{\"n\":3}"), stored(JACK).data());
  }

  @Test
  void aRefusalWaitsForTheWritesItDependsOn() {
    given(JACK, JILL);
    writer.revise(JACK, increment("n"));
    var batch = writer.batch(null, item(JACK, increment("n"), 1), item(JILL, increment("n")));
    harness.turn();
    assertTrue(batch.isOpen());
    harness.settle();
    assertEquals(List.of(ErrorCode.REVISION_CONFLICT, ErrorCode.REVISION_CONFLICT), results(batch));
    var current = (Outcome.Rejected) batch.as(Outcome.Batched.class).items().getFirst();
    assertEquals(2, current.current().revision());
  }

  @Test
  void aRefusalThatDependsOnAFailedWriteFailsWithIt() {
    given(JACK, JILL);
    store.failNext(1, ErrorCode.UNAVAILABLE);
    writer.revise(JACK, increment("n"));
    var batch = writer.batch(null, item(JILL, increment("n")), item(JACK, increment("n"), 1));
    var other = writer.revise(JILL, increment("n"));
    harness.settle();
    assertEquals(List.of(ErrorCode.UNAVAILABLE, ErrorCode.UNAVAILABLE), results(batch));
    assertEquals(ErrorCode.UNAVAILABLE, other.as(Outcome.Rejected.class).code());
    assertEquals(1, stored(JILL).revision());
  }

  @Test
  void aConflictOnOneDecidesAllAgainAndWhatIsBuiltOnThem() {
    given(JACK, JILL, JOHN);
    var batch = writer.batch(null, item(JACK, increment("n")), item(JILL, increment("n")));
    var behind = writer.revise(JILL, increment("n"));
    var other = writer.revise(JOHN, increment("n"));
    harness.turn();
    store.beforeNextCommit(() -> foreign(JACK));
    harness.settle();
    assertEquals(List.of(3L, 2L), results(batch));
    assertEquals(3, behind.revision());
    assertEquals(2, other.revision());
    assertEquals(Json.parse("{\"n\":2,\"foreign\":1}"), stored(JACK).data());
    assertEquals(Json.parse("{\"n\":3}"), stored(JILL).data());
  }

  @Test
  void aBatchThatDoesNotHoldAfterAConflictTakesNothingWithIt() {
    given(JACK, JILL);
    var batch = writer.batch(null, item(JACK, increment("n"), 1), item(JILL, increment("n")));
    var behind = writer.revise(JILL, increment("n"));
    harness.turn();
    store.beforeNextCommit(() -> foreign(JACK));
    harness.settle();
    assertEquals(List.of(ErrorCode.REVISION_CONFLICT, ErrorCode.REVISION_CONFLICT), results(batch));
    assertEquals(2, behind.revision());
    assertEquals(Json.parse("{\"n\":2}"), stored(JILL).data());
  }

  @Test
  void aFailureReachesWhatIsBuiltOnABatchOfTheNextCommit() {
    given(JACK, JILL);
    store.failNext(1, ErrorCode.UNAVAILABLE);
    writer.revise(JACK, increment("n"));
    harness.turn();
    var batch = writer.batch(null, item(JACK, increment("n")), item(JILL, increment("n")));
    var behind = writer.revise(JILL, increment("n"));
    harness.turn();
    harness.commit();
    assertEquals(List.of(ErrorCode.UNAVAILABLE, ErrorCode.UNAVAILABLE), results(batch));
    assertEquals(ErrorCode.UNAVAILABLE, behind.as(Outcome.Rejected.class).code());
    harness.settle();
    assertEquals(1, stored(JACK).revision());
    assertEquals(1, stored(JILL).revision());
    var fresh = writer.batch(null, item(JACK, increment("n")), item(JILL, increment("n")));
    harness.settle();
    assertEquals(List.of(2L, 2L), results(fresh));
  }

  @Test
  void conflictsTooOftenAreRefused() {
    given(JACK, JILL);
    for (int i = 0; i < 100; i++) {
      store.conflictNext(JACK);
    }
    var batch = writer.batch(null, item(JILL, increment("n")), item(JACK, increment("n")));
    harness.settle();
    assertEquals(List.of(ErrorCode.REVISION_CONFLICT, ErrorCode.REVISION_CONFLICT), results(batch));
  }

  @Test
  void isNeverSplitOverTwoCommits() {
    var defaults = EngineHarness.OPTIONS;
    var options =
        new EngineOptions(
                defaults.limits(), defaults.listen(), defaults.rpc(), 1024, 4, 1 << 20, 1 << 20)
            .withExpiry(ExpiryOptions.NEVER);
    var small = new EngineHarness(store, Guard.OPEN, options);
    var client = small.client("c");
    var replies = new ArrayList<EngineHarness.Reply>();
    for (int round = 0; round < 5; round++) {
      replies.add(client.create(new DocumentKey("single", "s" + round), "{}"));
      var items = new ArrayList<Command.Batch.Item>();
      for (int i = 0; i < 3; i++) {
        items.add(item(new DocumentKey("many", "d" + round + i), create("{}")));
      }
      replies.add(client.batch(null, items.toArray(Command.Batch.Item[]::new)));
    }
    var large =
        client.batch(
            null,
            item(JACK, create("{}")),
            item(JILL, create("{}")),
            item(JOHN, create("{}")),
            item(new DocumentKey("x", "1"), create("{}")),
            item(new DocumentKey("x", "2"), create("{}")));
    small.settle();
    for (int i = 1; i < replies.size(); i += 2) {
      assertEquals(List.of(1L, 1L, 1L), results(replies.get(i)));
    }
    assertEquals(ErrorCode.INVALID_ARGUMENT, results(large).getFirst());
    long last = 0;
    for (var change : store.read(store.logOf("many"), "many", 1, 100)) {
      assertTrue(
          last == 0 || change.position().offset() == last + 1 || change.key().id().endsWith("0"));
      last = change.position().offset();
    }
  }

  @Test
  void waitsInLineAtEveryDocumentAndLetsNobodyPass() {
    given(JACK);
    var fresh = new EngineHarness(store);
    var client = fresh.client("c");
    client.read(JACK);
    fresh.settle();
    store.holdLoads();
    var first = client.batch(null, item(JACK, increment("n")), item(JILL, create("{\"n\":1}")));
    var second = client.batch(null, item(JILL, increment("n")), item(JACK, increment("n")));
    var third = client.revise(JACK, increment("n"));
    fresh.settle();
    assertTrue(third.isOpen());
    store.releaseLoads();
    fresh.settle();
    assertEquals(List.of(2L, 1L), results(first));
    assertEquals(List.of(2L, 3L), results(second));
    assertEquals(4, third.revision());
  }

  @Test
  void aDocumentThatCannotBeLoadedRefusesTheWhole() {
    given(JACK);
    var fresh = new EngineHarness(store);
    var client = fresh.client("c");
    client.read(JACK);
    fresh.settle();
    store.holdLoads();
    var batch = client.batch(null, item(JACK, increment("n")), item(JILL, create("{}")));
    var behind = client.revise(JACK, increment("n"));
    fresh.settle();
    store.heldLoads().getFirst().fail(ErrorCode.STORE_CORRUPT);
    store.releaseLoads();
    fresh.settle();
    assertEquals(List.of(ErrorCode.STORE_CORRUPT, ErrorCode.STORE_CORRUPT), results(batch));
    assertEquals(1, failed(batch));
    assertEquals(2, behind.revision(), "the line goes on");
  }

  @Test
  void theGuardIsAskedAboutEachAndMaySeeOtherDocumentsFirst() {
    given(JOHN);
    var guarded =
        new EngineHarness(
            store,
            request -> {
              if (request.action() == GuardAction.WRITE && request.key().equals(JILL)) {
                Document rule = request.loaded().get(JOHN);
                return rule == null
                    ? new GuardAnswer.Needs(List.of(JOHN))
                    : rule.data().equals(Json.parse("{\"n\":1}"))
                        ? GuardAnswer.Allow.ALLOW
                        : GuardAnswer.Deny.DENY;
              }
              return GuardAnswer.Allow.ALLOW;
            },
            EngineHarness.OPTIONS);
    var client = guarded.client("c");
    store.holdLoads();
    var allowed = client.batch(null, item(JACK, create("{}")), item(JILL, create("{}")));
    var behind = client.revise(JACK, merge("a", "1"));
    guarded.settle();
    store.releaseLoads();
    guarded.settle();
    assertEquals(List.of(1L, 1L), results(allowed));
    assertEquals(2, behind.revision());
    client.revise(JOHN, merge("n", "2"));
    guarded.settle();
    var denied = client.batch(null, item(JACK, increment("none")), item(JILL, merge("a", "1")));
    guarded.settle();
    assertEquals(List.of(ErrorCode.TYPE_MISMATCH, ErrorCode.FORBIDDEN), results(denied));
  }

  @Test
  void aRuleThatNeverHasEnoughIsAnError() {
    var guarded =
        new EngineHarness(
            store, request -> new GuardAnswer.Needs(List.of(JOHN)), EngineHarness.OPTIONS);
    var batch = guarded.client("c").batch(null, item(JACK, create("{}")), item(JILL, create("{}")));
    guarded.settle();
    assertEquals(List.of(ErrorCode.PERMISSION_ERROR, ErrorCode.PERMISSION_ERROR), results(batch));
  }
}
