// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import static io.freshet.engine.EngineHarness.merge;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.command.Revision;
import io.freshet.engine.command.Terms;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Publication;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.Document.Life;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.Operation;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.Json;
import io.freshet.testkit.FaultyStore;
import io.freshet.testkit.MemoryStore;
import io.freshet.testkit.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A document whose time is over is deleted at every door, swept or not.
class ExpiryTest {
  private static final DocumentKey JACK = new DocumentKey("driver", "jack");
  private static final DocumentKey JILL = new DocumentKey("driver", "jill");
  private static final Duration LIFE = Duration.ofMinutes(1);

  private final VirtualClock clock = VirtualClock.atNoon();
  private final FaultyStore store = new FaultyStore(new MemoryStore(clock));
  private final EngineHarness harness = harness(Guard.OPEN, EngineHarness.OPTIONS);
  private final EngineHarness.Client writer = harness.client("writer");
  private final EngineHarness.Client watcher = harness.client("watcher");

  private EngineHarness harness(Guard guard, EngineOptions options) {
    return new EngineHarness(store, guard, options, clock);
  }

  private long inOneLife() {
    return clock.instant().plus(LIFE).toEpochMilli();
  }

  private void given(DocumentKey key) {
    writer.create(key, "{\"a\":1}", inOneLife());
    harness.settle();
  }

  private void pass() {
    clock.advance(LIFE);
    harness.loop.items.clear();
  }

  private Document stored(DocumentKey key) {
    return store.load(List.of(key)).toCompletableFuture().join().getFirst();
  }

  private static ErrorCode code(EngineHarness.Reply reply) {
    return reply.as(Outcome.Rejected.class).code();
  }

  private List<Change> changes() {
    return harness.loop.publications().stream().map(Publication::change).toList();
  }

  @Test
  void readingWritesTheExpiryAndFindsATombstone() {
    given(JACK);
    pass();
    var read = watcher.read(JACK);
    harness.turn();
    assertTrue(read.isOpen(), "what is read stands in the log");
    harness.settle();
    assertEquals(Life.TOMBSTONE, read.state().life());
    assertEquals(2, read.state().revision());
    assertEquals(Json.parse("{\"a\":1}"), read.state().data());
    assertEquals(read.state(), stored(JACK));
    assertEquals("", stored(JACK).updatedBy());
  }

  @Test
  void aMomentBeforeItIsThere() {
    given(JACK);
    clock.advance(LIFE.minusMillis(1));
    var read = watcher.read(JACK);
    harness.settle();
    assertEquals(Life.LIVE, read.state().life());
  }

  @Test
  void readingWorksWhileNothingCanBeWritten() {
    given(JACK);
    pass();
    store.breakDown();
    var read = watcher.read(JACK);
    harness.settle();
    assertEquals(Life.TOMBSTONE, read.state().life());
    assertEquals(2, read.state().revision());
  }

  @Test
  void itCannotBeChangedAnyMoreButRestored() {
    given(JACK);
    pass();
    var merge = writer.revise(JACK, merge("a", "2"));
    var deleted = writer.revise(JACK, Revision.Delete.DELETE);
    harness.settle();
    assertEquals(ErrorCode.NOT_FOUND, code(merge));
    assertEquals(2, deleted.state().revision());
    var restored = writer.revise(JACK, Revision.Restore.RESTORE);
    harness.settle();
    clock.advance(LIFE);
    var read = watcher.read(JACK);
    harness.settle();
    assertEquals(3, restored.revision());
    assertEquals(Life.LIVE, read.state().life(), "its time is not over again");
  }

  @Test
  void creatingIsTheNextLife() {
    given(JACK);
    pass();
    var created = writer.create(JACK, "{\"b\":1}");
    harness.settle();
    assertEquals(3, created.revision());
    assertEquals(Operation.CREATE, created.as(Outcome.Committed.class).change().operation());
  }

  @Test
  void aRecordBeginsAnew() {
    given(JACK);
    pass();
    var opened = watcher.watch(true, JACK);
    harness.settle();
    assertEquals(Life.OPENED, opened.snapshot().life());
    assertEquals(2, opened.snapshot().revision());
    var stale = writer.set(JACK, "b", "1", 2);
    var edit = writer.set(JACK, "b", "1", 3);
    harness.settle();
    assertEquals(ErrorCode.REVISION_CONFLICT, code(stale));
    assertEquals(3, edit.revision());
    assertEquals(Json.parse("{\"b\":1}"), stored(JACK).data());
  }

  @Test
  void anEditOfARecordDoesNotReachTheFormerLife() {
    given(JACK);
    pass();
    var edit = writer.set(JACK, "b", "1", -1);
    harness.settle();
    assertEquals(3, edit.revision());
    assertEquals(Json.parse("{\"b\":1}"), stored(JACK).data());
  }

  @Test
  void watchersAreToldAsOfADelete() {
    given(JACK);
    watcher.watch(false, JACK);
    harness.settle();
    pass();
    writer.read(JACK);
    harness.settle();
    assertEquals(1, changes().size());
    assertEquals(Operation.EXPIRE, changes().getFirst().operation());
    writer.create(JACK, "{}");
    harness.settle();
    assertEquals(1, changes().size(), "the watch has ended");
  }

  @Test
  void aTouchOnItsWaySavesIt() {
    given(JACK);
    clock.advance(LIFE.minusMillis(1));
    var touched = writer.revise(JACK, new Revision.Touch(inOneLife()));
    harness.turn();
    clock.advance(Duration.ofSeconds(1));
    var read = watcher.read(JACK);
    var merged = writer.revise(JACK, merge("b", "2"));
    harness.settle();
    assertEquals(2, touched.revision());
    assertEquals(Life.LIVE, read.state().life());
    assertEquals(3, merged.revision());
  }

  @Test
  void whatExpiredBecauseOfAWriteThatFailedIsThereAgain() {
    given(JACK);
    clock.advance(LIFE.minusMillis(1));
    store.failNext(1, ErrorCode.UNAVAILABLE);
    var touched = writer.revise(JACK, new Revision.Touch(clock.millis()));
    var merged = writer.revise(JACK, merge("b", "2"));
    harness.settle();
    assertEquals(ErrorCode.UNAVAILABLE, code(touched));
    assertEquals(ErrorCode.UNAVAILABLE, code(merged));
    var read = watcher.read(JACK);
    harness.settle();
    assertEquals(Life.LIVE, read.state().life());
  }

  @Test
  void anExpiryThatConflictsIsDecidedAgain() {
    given(JACK);
    pass();
    var create = writer.create(JACK, "{\"b\":1}");
    harness.turn();
    store.beforeNextCommit(() -> {
      var unused =
          store.commit(
              List.of(
                  io.freshet.testkit.Writes.expiring(
                      inOneLife(), io.freshet.testkit.Writes.set(stored(JACK), "c", "1"))));
    });
    harness.settle();
    assertEquals(ErrorCode.ALREADY_EXISTS, code(create), "somebody touched it in time");
    assertEquals(2, stored(JACK).revision());
  }

  @Test
  void expiredPermissionsAreNone() {
    var guarded =
        harness(
            request -> {
              if (!request.key().equals(JACK)) {
                return GuardAnswer.Allow.ALLOW;
              }
              Document rule = request.loaded().get(JILL);
              return rule == null
                  ? new GuardAnswer.Needs(List.of(JILL))
                  : rule.isLive() ? GuardAnswer.Allow.ALLOW : GuardAnswer.Deny.DENY;
            },
            EngineHarness.OPTIONS);
    var client = guarded.client("c");
    client.create(JILL, "{}", inOneLife());
    guarded.settle();
    var first = client.create(JACK, "{}");
    guarded.settle();
    clock.advance(LIFE);
    var second = client.revise(JACK, merge("a", "1"));
    guarded.settle();
    assertEquals(1, first.revision());
    assertEquals(ErrorCode.FORBIDDEN, code(second));
  }

  private EngineHarness sweeping(int documentsMax) {
    var options = new ExpiryOptions(Duration.ofSeconds(1), documentsMax);
    return harness(Guard.OPEN, EngineHarness.OPTIONS.withExpiry(options));
  }

  @Test
  void theSweeperDeletesWhatNobodyAsksFor() {
    var sweeping = sweeping(100);
    var client = sweeping.client("watcher");
    given(JACK);
    writer.create(JILL, "{}", inOneLife() + 1);
    harness.settle();
    client.watch(false, JACK, JILL);
    sweeping.settle();
    pass();
    sweeping.timers.remove().run();
    sweeping.settle();
    assertEquals(Life.TOMBSTONE, stored(JACK).life());
    assertEquals(Life.LIVE, stored(JILL).life());
    assertEquals(1, sweeping.loop.publications().size());
    clock.advance(Duration.ofSeconds(1));
    sweeping.timers.remove().run();
    sweeping.settle();
    assertEquals(Life.TOMBSTONE, stored(JILL).life());
    assertEquals(1, sweeping.timers.size());
  }

  @Test
  void aFullRoundIsFollowedByTheNextAtOnce() {
    var sweeping = sweeping(3);
    var keys = new ArrayList<DocumentKey>();
    for (int i = 0; i < 10; i++) {
      keys.add(new DocumentKey("short", "d" + i));
      given(keys.getLast());
    }
    pass();
    sweeping.timers.remove().run();
    sweeping.turn();
    sweeping.read();
    assertEquals(1, sweeping.commits.size(), "a round is one commit");
    sweeping.commit();
    assertEquals(3, keys.stream().filter(key -> !stored(key).isLive()).count());
    sweeping.settle();
    assertEquals(10, keys.stream().filter(key -> !stored(key).isLive()).count());
    assertEquals(1, sweeping.timers.size());
  }

  @Test
  void aSweeperThatFailsTriesAgainLater() {
    var sweeping = sweeping(1);
    given(JACK);
    pass();
    store.failNextReads(1, ErrorCode.UNAVAILABLE);
    sweeping.timers.remove().run();
    sweeping.settle();
    store.failNext(1, ErrorCode.UNAVAILABLE);
    sweeping.timers.remove().run();
    sweeping.settle();
    assertEquals(Life.LIVE, stored(JACK).life());
    sweeping.timers.remove().run();
    sweeping.settle();
    assertEquals(Life.TOMBSTONE, stored(JACK).life());
  }

  @Test
  void theExpectedRevisionIsThatOfTheTombstone() {
    given(JACK);
    pass();
    var stale = writer.revise(JACK, Revision.Restore.RESTORE, new Terms(1L, null, null, null));
    var right = writer.revise(JACK, Revision.Restore.RESTORE, new Terms(2L, null, null, null));
    harness.settle();
    assertEquals(ErrorCode.REVISION_CONFLICT, code(stale));
    assertEquals(3, right.revision());
  }
}
