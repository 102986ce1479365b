// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.CommitResult;
import io.freshet.spi.Health;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class FaultyStoreTest {
  private static final DocumentKey JACK = DocumentKey.ofRecordName("driver/jack");
  private static final DocumentKey JILL = DocumentKey.ofRecordName("driver/jill");

  private final MemoryStore memory = new MemoryStore(VirtualClock.atNoon());
  private final FaultyStore store = new FaultyStore(memory);

  private List<CommitResult> create(DocumentKey key) {
    return store.commit(List.of(Writes.create(Document.missing(key), JsonObject.empty())));
  }

  @Test
  void conflictsOnOrderAndOnlyOnce() {
    store.conflictNext(JACK);

    assertEquals(List.of(new CommitResult.Conflict(Document.missing(JACK))), create(JACK));
    assertInstanceOf(CommitResult.Committed.class, create(JACK).getFirst());
  }

  @Test
  void conflictsForRealWhenAnotherWriterComesFirst() {
    store.beforeNextCommit(
        () -> memory.commit(List.of(Writes.create(Document.missing(JACK), JsonObject.empty()))));

    assertInstanceOf(CommitResult.Conflict.class, create(JACK).getFirst());
  }

  @Test
  void failsOnOrderWithoutChangingAnything() {
    store.failNext(1, ErrorCode.UNAVAILABLE);

    assertThrows(FreshetException.class, () -> create(JACK));
    assertEquals(0, memory.logs().getFirst().head());
    assertInstanceOf(CommitResult.Committed.class, create(JACK).getFirst());
  }

  @Test
  void isUnhealthyWhileBroken() {
    store.breakDown();
    assertInstanceOf(Health.Unhealthy.class, store.check());
    assertThrows(FreshetException.class, () -> create(JACK));

    store.mend();
    assertEquals(Health.Healthy.HEALTHY, store.check());
    create(JACK);
  }

  @Test
  void answersLoadsLateFromThePastOrThePresent() {
    store.holdLoads();
    CompletableFuture<List<Document>> old = store.load(List.of(JACK)).toCompletableFuture();
    CompletableFuture<List<Document>> fresh = store.load(List.of(JACK)).toCompletableFuture();
    create(JACK);
    assertFalse(old.isDone());

    List<FaultyStore.HeldLoad> held = store.heldLoads();
    held.get(1).answerWithPresent();
    held.get(0).answerWithPast();

    assertEquals(1, fresh.join().getFirst().revision());
    assertEquals(0, old.join().getFirst().revision());
    assertTrue(store.heldLoads().isEmpty());
  }

  @Test
  void holdsACommitAtTheGate() throws Exception {
    FaultyStore.Gate gate = store.holdNextCommit();
    CompletableFuture<List<CommitResult>> commit =
        CompletableFuture.supplyAsync(() -> create(JACK));
    gate.arrived().get(30, TimeUnit.SECONDS);
    assertEquals(0, memory.logs().getFirst().head());

    gate.open();
    assertInstanceOf(CommitResult.Committed.class, commit.get(30, TimeUnit.SECONDS).getFirst());
  }

  @Test
  void feedsLagOnOrder() {
    var seen = new ArrayList<Change>();
    store.feed(store.logOf("driver"), 1, (log, changes) -> seen.addAll(changes));
    store.holdFeeds();
    create(JACK);
    create(JILL);
    assertTrue(seen.isEmpty());

    store.releaseFeeds();
    assertEquals(List.of(JACK, JILL), seen.stream().map(Change::key).toList());
  }
}
