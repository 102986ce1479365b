// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.spi.CommitResult;
import io.freshet.spi.LogState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a store that outlives its process must keep over a clean stop. Unclean stops need a process
/// of their own and are tested by the backend.
public abstract class PersistentStoreContractSuite extends StoreContract {
  private static final DocumentKey JACK = key("driver/jack");

  private void reopen() {
    stop();
    store();
  }

  @Test
  void keepsDocumentsLogsAndEpochsOverACleanStop() {
    Change first = commitOn(JACK, d -> Writes.create(d, json("{\"n\":1}")));
    Change second = commitOn(JACK, d -> Writes.set(d, "n", "2"));
    List<LogState> logs = store().logs();

    reopen();

    assertEquals(logs, store().logs());
    assertEquals(second.after(), load(JACK));
    assertEquals(List.of(first, second), readAll(first.position().log(), null));
  }

  @Test
  void continuesWhereItStopped() {
    Change first = commitOn(JACK, d -> Writes.create(d, json("{\"n\":1}")));
    Document decidedOn = load(JACK);
    reopen();

    Change second = commit(Writes.set(decidedOn, "n", "2"));

    assertEquals(first.position().offset() + 1, second.position().offset());
    assertEquals(first.position().epoch(), second.position().epoch());
    assertEquals(2, second.revision());
    assertEquals(first.after(), second.before());
    assertTrue(first.id().compareTo(second.id()) < 0);
  }

  @Test
  void refusesStaleWritesAfterAReopening() {
    Document first = commitOn(JACK, d -> Writes.create(d, json("{\"n\":1}"))).after();
    Document current = commitOn(JACK, d -> Writes.set(d, "n", "2")).after();
    reopen();

    assertEquals(
        List.of(new CommitResult.Conflict(current)),
        store().commit(List.of(Writes.set(first, "n", "3"))));
  }

  @Test
  void keepsOpeningsAndTombstones() {
    commitOn(key("opened"), Writes::open);
    commitOn(JACK, d -> Writes.create(d, JsonObject.empty()));
    commitOn(JACK, Writes::deleteRestorably);
    Document opened = load(key("opened"));
    Document tombstone = load(JACK);

    reopen();

    assertEquals(opened, load(key("opened")));
    assertEquals(tombstone, load(JACK));
    assertInstanceOf(
        CommitResult.Conflict.class,
        store().commit(List.of(Writes.open(Document.missing(key("opened"))))).getFirst());
  }

  @Test
  void eventIdTimesDoNotGoBackOverAReopening() {
    Change first = commitOn(JACK, d -> Writes.create(d, JsonObject.empty()));
    clock.advance(Duration.ofHours(-1));
    reopen();

    Change second = commitOn(JACK, d -> Writes.set(d, "n", "1"));

    assertTrue(second.id().timeMs() >= first.id().timeMs());
    assertTrue(second.id().compareTo(first.id()) > 0);
  }

  @Test
  void readsABigDocumentsHistoryAcrossReopenings() {
    DocumentKey big = key("files/big");
    var committed = new ArrayList<Change>();
    JsonObject data = new RandomJson(new SplittableRandom(1)).large(50_000);
    committed.add(commitOn(big, d -> Writes.create(d, data)));
    for (int i = 0; i < 150; i++) {
      int n = i;
      committed.add(commitOn(big, d -> Writes.set(d, "member3", JsonString.of("value " + n))));
      if (i % 20 == 0) {
        reopen();
      }
    }

    assertEquals(committed, readAll(store().logOf("files"), "files"));
    assertLogsGiveTheDocuments(List.of(big));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("io.freshet.testkit.Seeds#all")
  void aRandomHistorySurvivesReopenings(long seed) {
    var random = new SplittableRandom(seed);
    var history = new RandomHistory(random, List.of("_", "cars", "driver"), 12);
    var committed = new ArrayList<Change>();
    for (int round = 0; round < 60; round++) {
      committed.addAll(commitAll(history.batch(10)));
      if (random.nextInt(10) == 0) {
        reopen();
      }
    }
    reopen();

    for (LogState state : store().logs()) {
      assertEquals(
          committed.stream().filter(c -> c.position().log().equals(state.log())).toList(),
          readAll(state.log(), null));
    }
    assertLogsGiveTheDocuments(history.keys());
  }
}
