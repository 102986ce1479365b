// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import static io.freshet.engine.EngineHarness.increment;
import static io.freshet.engine.EngineHarness.item;
import static io.freshet.engine.EngineHarness.merge;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.Condition;
import io.freshet.engine.command.Revision;
import io.freshet.engine.command.Terms;
import io.freshet.engine.feed.Outcome;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.RecordPath;
import io.freshet.spi.RequestKey;
import io.freshet.testkit.FaultyStore;
import io.freshet.testkit.MemoryStore;
import io.freshet.testkit.Writes;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// A request sent again is answered as the first time and changes nothing.
class RepeatsTest {
  private static final DocumentKey JACK = new DocumentKey("driver", "jack");
  private static final DocumentKey JILL = new DocumentKey("driver", "jill");
  private static final RequestKey REQUEST = new RequestKey("writer", "driver/jack", "k-1");
  private static final Terms TERMS = new Terms(null, null, REQUEST, null);

  private final FaultyStore store = new FaultyStore(new MemoryStore(InstantSource.system()));
  private final EngineHarness harness = new EngineHarness(store);
  private final EngineHarness.Client writer = harness.client("writer");
  private final EngineHarness.Client watcher = harness.client("watcher");

  private void given(DocumentKey key) {
    writer.create(key, "{\"n\":1}");
    harness.settle();
    harness.loop.items.clear();
  }

  private Document stored(DocumentKey key) {
    return store.load(List.of(key)).toCompletableFuture().join().getFirst();
  }

  @Test
  void theRepetitionOfACommittedRequestIsAnsweredAsTheFirstTime() {
    given(JACK);
    watcher.watch(false, JACK);
    var first = writer.revise(JACK, increment("n"), TERMS);
    harness.settle();
    writer.revise(JACK, increment("n"));
    var again = writer.revise(JACK, increment("n"), TERMS);
    harness.settle();
    assertEquals(first.outcome(), again.outcome());
    assertEquals(2, again.revision());
    assertEquals(3, stored(JACK).revision());
    assertEquals(2, harness.loop.publications().size());
  }

  @Test
  void theWritesOfRecordsAreRepeatedLikeAnyOther() {
    given(JACK);
    Condition any = Condition.Any.ANY;
    var five =
        List.<FieldOperation>of(new FieldOperation.Set(RecordPath.parse("n"), Json.parse("5")));
    List<Function<EngineHarness.Reply, Command>> commands =
        List.of(
            reply -> new Command.Edit(reply, JACK, five, any, true, key("edit")),
            reply ->
                new Command.Replace(
                    reply, JACK, Json.parse("{\"n\":6}"), any, true, key("replace")),
            reply -> new Command.Delete(reply, JACK, key("delete")));
    for (Function<EngineHarness.Reply, Command> each : commands) {
      var first = writer.ask(each);
      var atOnce = writer.ask(each);
      harness.settle();
      writer.replace(JACK, "{\"somebody\":\"else\"}", -1, true);
      var again = writer.ask(each);
      harness.settle();
      assertEquals(first.outcome(), atOnce.outcome());
      assertEquals(first.outcome(), again.outcome());
    }
    assertEquals(7, stored(JACK).revision());
    assertEquals(Json.parse("{\"somebody\":\"else\"}"), stored(JACK).data());
  }

  private static RequestKey key(String name) {
    return new RequestKey("writer", "driver/jack", name);
  }

  @Test
  void aRestartDoesNotForget() {
    given(JACK);
    var first = writer.revise(JACK, increment("n"), TERMS);
    harness.settle();
    var restarted = new EngineHarness(store);
    var again = restarted.client("writer").revise(JACK, increment("n"), TERMS);
    restarted.settle();
    assertEquals(first.outcome(), again.outcome());
    assertEquals(2, stored(JACK).revision());
  }

  @Test
  void aRepetitionWaitsForWhatIsUnderWayAndSharesItsOutcome() {
    given(JACK);
    var first = writer.revise(JACK, increment("n"), TERMS);
    var again = writer.revise(JACK, increment("n"), TERMS);
    harness.turn();
    assertTrue(again.isOpen());
    harness.settle();
    assertEquals(2, first.revision());
    assertEquals(first.outcome(), again.outcome());
    assertEquals(2, stored(JACK).revision());
  }

  @Test
  void aRepetitionSharesAFailureToo() {
    given(JACK);
    store.failNext(1, ErrorCode.UNAVAILABLE);
    var first = writer.revise(JACK, increment("n"), TERMS);
    var again = writer.revise(JACK, increment("n"), TERMS);
    harness.settle();
    assertEquals(ErrorCode.UNAVAILABLE, first.as(Outcome.Rejected.class).code());
    assertEquals(first.outcome(), again.outcome());
  }

  @Test
  void whatWasRefusedIsDecidedAgain() {
    given(JACK);
    var first = writer.revise(JACK, increment("m"), TERMS);
    harness.settle();
    assertEquals(ErrorCode.TYPE_MISMATCH, first.as(Outcome.Rejected.class).code());
    writer.revise(JACK, merge("m", "5"));
    var again = writer.revise(JACK, increment("m"), TERMS);
    harness.settle();
    assertEquals(3, again.revision());
  }

  @Test
  void whileTheStoreThinksCommandsKeepTheirOrder() {
    given(JACK);
    store.holdOutcomes();
    var first = writer.revise(JACK, merge("a", "1"), TERMS);
    var second = writer.revise(JACK, merge("a", "2"));
    harness.settle();
    assertEquals(1, store.heldOutcomes());
    assertTrue(second.isOpen());
    store.releaseOutcomes();
    harness.settle();
    assertEquals(2, first.revision());
    assertEquals(3, second.revision());
  }

  @Test
  void theStoreThinksAboutADocumentThatIsNotLoadedYet() {
    given(JACK);
    var restarted = new EngineHarness(store);
    var client = restarted.client("writer");
    store.holdOutcomes();
    store.holdLoads();
    var first = client.revise(JACK, merge("a", "1"), TERMS);
    var second = client.revise(JACK, merge("a", "2"));
    restarted.settle();
    store.heldLoads().getFirst().fail(ErrorCode.UNAVAILABLE);
    restarted.settle();
    assertEquals(ErrorCode.UNAVAILABLE, first.as(Outcome.Rejected.class).code());
    assertEquals(ErrorCode.UNAVAILABLE, second.as(Outcome.Rejected.class).code());
    store.releaseOutcomes();
    store.releaseLoads();
    restarted.settle();
    assertEquals(1, stored(JACK).revision());
    var again = client.revise(JACK, merge("a", "1"), TERMS);
    restarted.settle();
    assertEquals(2, again.revision());
  }

  @Test
  void aStoreThatCannotSayRefuses() {
    given(JACK);
    store.failNextReads(1, ErrorCode.UNAVAILABLE);
    var first = writer.revise(JACK, merge("a", "1"), TERMS);
    harness.settle();
    assertEquals(ErrorCode.UNAVAILABLE, first.as(Outcome.Rejected.class).code());
    assertEquals(1, stored(JACK).revision());
  }

  @Test
  void whatAnotherNodeCommittedIsToldOnceItIsPublished() {
    given(JACK);
    watcher.watch(false, JACK);
    harness.settle();
    store.holdFeeds();
    var unused =
        store.commit(List.of(Writes.requested(REQUEST, Writes.set(stored(JACK), "n", "2"))));
    var again = writer.revise(JACK, increment("n"), TERMS);
    harness.settle();
    assertTrue(again.isOpen());
    store.releaseFeeds();
    harness.settle();
    assertEquals(2, again.revision());
    assertEquals(1, harness.loop.publications().size());
    assertEquals(2, stored(JACK).revision());
  }

  @Test
  void aRepetitionIsAnsweredWithItsOwnOutcomeAfterAConflict() {
    given(JACK);
    store.conflictNext(JACK);
    var first = writer.revise(JACK, increment("n"), TERMS);
    var again = writer.revise(JACK, increment("n"), TERMS);
    harness.settle();
    assertEquals(2, first.revision());
    assertEquals(first.outcome(), again.outcome());
    var later = writer.revise(JACK, increment("n"), TERMS);
    harness.settle();
    assertEquals(first.outcome(), later.outcome());
  }

  @Test
  void aBatchIsRepeatedAsAWhole() {
    given(JACK);
    given(JILL);
    writer.revise(JILL, Revision.Delete.DELETE);
    harness.settle();
    var first =
        writer.batch(REQUEST, item(JACK, increment("n")), item(JILL, Revision.Delete.DELETE));
    var during =
        writer.batch(REQUEST, item(JACK, increment("n")), item(JILL, Revision.Delete.DELETE));
    harness.settle();
    var later =
        writer.batch(REQUEST, item(JACK, increment("n")), item(JILL, Revision.Delete.DELETE));
    harness.settle();
    assertEquals(first.outcome(), during.outcome());
    assertEquals(first.outcome(), later.outcome());
    assertEquals(-1, first.as(Outcome.Batched.class).failed());
    assertEquals(2, stored(JACK).revision());
  }
}
