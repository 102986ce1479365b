// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.spi.Durability;
import io.freshet.spi.LogState;
import io.freshet.spi.RequestKey;
import io.freshet.spi.Store;
import io.freshet.spi.StoreMeter;
import io.freshet.testkit.Eventually;
import io.freshet.testkit.RandomHistory;
import io.freshet.testkit.RandomJson;
import io.freshet.testkit.StoreContract;
import io.freshet.testkit.Writes;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rocksdb.RocksDBException;

/// Dropping old changes: what is left must stay complete, whatever it stood on.
final class RocksRetentionTest extends StoreContract {
  private static final DocumentKey JACK = key("driver/jack");
  private static final Duration FOR_EVER = Duration.ofDays(10_000);

  @TempDir Path directory;
  private RocksStoreOptions.Retention retention =
      new RocksStoreOptions.Retention(FOR_EVER, Long.MAX_VALUE, Long.MAX_VALUE, FOR_EVER);

  @Override
  protected Store open(InstantSource clock) {
    var rules = List.of(new RocksStoreOptions.Rule("cars", Durability.MEMORY));
    return RocksStore.open(
        RocksStoreOptions.of(directory)
            .withDurability(Durability.OS, rules)
            .withRetention(retention),
        clock,
        StoreMeter.NONE);
  }

  private void maintain() throws RocksDBException {
    ((RocksStore) store()).maintain();
  }

  private void retainBytes(long perLog) {
    retention = new RocksStoreOptions.Retention(FOR_EVER, perLog, Long.MAX_VALUE, FOR_EVER);
  }

  @Test
  void dropsWhatIsOlderThanTheAge() throws RocksDBException {
    retention =
        new RocksStoreOptions.Retention(
            Duration.ofHours(1), Long.MAX_VALUE, Long.MAX_VALUE, FOR_EVER);
    commitOn(JACK, d -> Writes.create(d, json("{\"n\":1}")));
    clock.advance(Duration.ofMinutes(40));
    Change kept = commitOn(JACK, d -> Writes.set(d, "n", "2"));
    clock.advance(Duration.ofMinutes(40));
    maintain();

    assertEquals(2, log(JACK).oldest());
    assertEquals(List.of(kept), readAll(log(JACK).log(), null));
    assertRefused(ErrorCode.NOT_FOUND, () -> store().read(kept.position().log(), null, 1, 10));
    assertRefused(
        ErrorCode.NOT_FOUND, () -> store().feed(kept.position().log(), 1, (log, changes) -> {}));
    assertEquals(kept.after(), load(JACK));
  }

  @Test
  void keepsTheHeadWhenEverythingIsDropped() throws RocksDBException {
    retainBytes(0);
    commitOn(JACK, d -> Writes.create(d, json("{\"n\":1}")));
    Document last = commitOn(JACK, d -> Writes.set(d, "n", "2")).after();
    maintain();
    LogState empty = log(JACK);
    assertEquals(3, empty.oldest());
    assertEquals(2, empty.head());

    stop();

    assertEquals(empty, log(JACK));
    assertEquals(last, load(JACK));
    Change next = commit(Writes.set(last, "n", "3"));
    assertEquals(3, next.position().offset());
    assertEquals(last, next.before());
    assertEquals(List.of(next), readAll(log(JACK).log(), null));
  }

  @Test
  void theLargestLogGivesWayToTheTotalBound() throws RocksDBException {
    retention = new RocksStoreOptions.Retention(FOR_EVER, Long.MAX_VALUE, 30_000, FOR_EVER);
    for (int i = 0; i < 50; i++) {
      commitOn(JACK, d -> Writes.replace(d, new RandomJson(new SplittableRandom(1)).large(1_000)));
    }
    Change small = commitOn(key("cars/1"), d -> Writes.create(d, json("{}")));
    maintain();

    assertEquals(1, log(small.key()).oldest());
    assertTrue(log(JACK).oldest() > 15, log(JACK).toString());
    assertTrue(log(JACK).oldest() < 35, log(JACK).toString());
  }

  /// 200 small changes to a large document: its images are 64 apart, and the first change held is
  /// one in between.
  @Test
  void aLargeDocumentsFirstHeldChangeNeedsNoDroppedImage() throws RocksDBException {
    var committed = new ArrayList<Change>();
    JsonObject data = new RandomJson(new SplittableRandom(1)).large(50_000);
    committed.add(commitOn(JACK, d -> Writes.create(d, data)));
    for (int i = 0; i < 200; i++) {
      JsonString text = JsonString.of("value " + i);
      committed.add(commitOn(JACK, d -> Writes.set(d, "member3", text)));
    }
    for (int held = 120_000; held > 0; held -= 10_000) {
      retainBytes(held);
      stop();
      maintain();

      long oldest = log(JACK).oldest();
      assertEquals(committed.subList((int) oldest - 1, 201), readAll(log(JACK).log(), null));
    }
    assertTrue(log(JACK).oldest() > 190, log(JACK).toString());
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("io.freshet.testkit.Seeds#all")
  void whatIsHeldReadsAsItWasWritten(long seed) throws RocksDBException {
    var random = new SplittableRandom(seed);
    var history = new RandomHistory(random, List.of("_", "cars", "driver"), 12);
    var committed = new ArrayList<Change>();
    retainBytes(40_000);
    for (int round = 0; round < 150; round++) {
      committed.addAll(commitAll(history.batch(8)));
      switch (random.nextInt(12)) {
        case 0 -> maintain();
        case 1 -> stop();
        case 2 -> assertHeld(committed);
        default -> {}
      }
    }
    maintain();

    assertHeld(committed);
    for (LogState state : store().logs()) {
      assertTrue(state.oldest() > 1, "nothing was dropped of " + state);
    }
    for (DocumentKey key : history.keys()) {
      assertEquals(history.current(key).data(), load(key).data());
      assertEquals(history.current(key).revision(), load(key).revision());
    }
  }

  /// Again when the store's own thread has dropped something meanwhile.
  private void assertHeld(List<Change> committed) {
    while (true) {
      List<LogState> before = store().logs();
      try {
        assertHeldNow(committed);
        return;
      } catch (AssertionError | FreshetException e) {
        if (before.equals(store().logs())) {
          throw e;
        }
      }
    }
  }

  private void assertHeldNow(List<Change> committed) {
    for (LogState state : store().logs()) {
      List<Change> held =
          committed.stream()
              .filter(change -> change.position().log().equals(state.log()))
              .filter(change -> change.position().offset() >= state.oldest())
              .toList();
      assertEquals(state.head() - state.oldest() + 1, held.size());
      assertEquals(held, readAll(state.log(), null));
      assertEquals(
          held.stream().filter(change -> change.key().collection().equals("_")).toList(),
          readAll(state.log(), "_"));
    }
    assertHistories(committed);
  }

  /// A history is what is held of it since the document was last purged.
  private void assertHistories(List<Change> committed) {
    Map<DocumentKey, List<Change>> held = new HashMap<>();
    for (Change change : committed) {
      List<Change> own = held.computeIfAbsent(change.key(), key -> new ArrayList<>());
      if (change.before().life() == Document.Life.MISSING) {
        own.clear();
      }
      if (change.position().offset() >= log(change.key()).oldest()) {
        own.add(change);
      }
    }
    held.forEach((key, own) -> {
      boolean purged = load(key).life() == Document.Life.MISSING;
      assertEquals(purged ? List.of() : own, store().history(key, -1, 1_000));
    });
  }

  /// Tombstones are purged before and after their changes are dropped. Lives that end and begin
  /// again must not lose what held changes stand on, and must not leave anything for ever.
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("io.freshet.testkit.Seeds#all")
  void purgesAndDropsInAnyOrder(long seed) throws RocksDBException {
    var random = new SplittableRandom(seed);
    var history = new RandomHistory(random, List.of("_", "cars", "driver"), 50);
    var committed = new ArrayList<Change>();
    var purges = new AtomicInteger();
    for (int round = 0; round < 200; round++) {
      committed.addAll(commitAll(history.batch(8)));
      clock.advance(Duration.ofSeconds(random.nextInt(20)));
      switch (random.nextInt(8)) {
        case 0 -> {
          retainAndPurge(random.nextInt(100_000), Duration.ofSeconds(random.nextInt(60)));
          maintain();
          assertHeld(committed);
        }
        case 1 -> stop();
        default -> {}
      }
      purges.addAndGet(forgetPurged(history));
    }
    assertTrue(purges.get() > 3, "purged " + purges);
    stop();
    Families.assertDueInStep(directory);

    retainAndPurge(0, Duration.ZERO);
    clock.advance(Duration.ofSeconds(1));
    maintain();
    stop();

    assertEquals(0, Families.count(directory, "changes"));
    assertEquals(0, Families.count(directory, "bases"));
    Families.assertDueInStep(directory);
  }

  private void retainAndPurge(long bytes, Duration tombstones) {
    stop();
    retention = new RocksStoreOptions.Retention(FOR_EVER, bytes, Long.MAX_VALUE, tombstones);
  }

  private int forgetPurged(RandomHistory history) {
    int purged = 0;
    for (DocumentKey key : history.keys()) {
      Document found = load(key);
      if (found.life() == Document.Life.MISSING
          && history.current(key).life() == Document.Life.TOMBSTONE) {
        history.forget(key);
        purged++;
      }
      assertEquals(history.current(key).revision(), found.revision());
    }
    return purged;
  }

  private static final RequestKey REQUEST = new RequestKey("ada", "driver/jack", "1");

  private List<Change> outcome() {
    return store().outcome(REQUEST).toCompletableFuture().join();
  }

  @Test
  void sparesChangesOfRememberedRequests() throws RocksDBException {
    retainBytes(0);
    commitOn(JACK, d -> Writes.create(d, json("{\"n\":1}")));
    Change asked = commitOn(JACK, d -> Writes.requested(REQUEST, Writes.set(d, "n", "2")));
    commitOn(JACK, d -> Writes.set(d, "n", "3"));
    clock.advance(Duration.ofMinutes(9));
    maintain();
    assertEquals(2, log(JACK).oldest());
    assertEquals(List.of(asked), outcome());
    stop();
    assertEquals(List.of(asked), outcome());

    clock.advance(Duration.ofMinutes(2));
    maintain();

    assertEquals(4, log(JACK).oldest());
    assertEquals(List.of(), outcome());
  }

  /// It is known that the request was carried out, so it must not be done again.
  @Test
  void refusesToTellAnOutcomeWhoseChangesTheDiskHadNoRoomFor() throws RocksDBException {
    commitOn(JACK, d -> Writes.requested(REQUEST, Writes.create(d, json("{\"n\":1}"))));
    stop();
    retention = new RocksStoreOptions.Retention(FOR_EVER, Long.MAX_VALUE, 0, FOR_EVER);
    maintain();
    assertEquals(2, log(JACK).oldest());

    var stage = store().outcome(REQUEST).toCompletableFuture();

    FreshetException refusal = assertInstanceOf(FreshetException.class, stage.exceptionNow());
    assertEquals(ErrorCode.REVISION_CONFLICT, refusal.code());
    assertTrue(refusal.getMessage().contains("conflict"), refusal.getMessage());
    clock.advance(Duration.ofMinutes(11));
    assertEquals(List.of(), outcome());
  }

  /// Of the history of a document, as much as the log holds.
  @Test
  void tellsAsMuchOfAHistoryAsIsHeld() throws RocksDBException {
    var committed = new ArrayList<Change>();
    JsonObject data = new RandomJson(new SplittableRandom(1)).large(50_000);
    committed.add(commitOn(JACK, d -> Writes.create(d, data)));
    for (int i = 0; i < 30; i++) {
      String n = Integer.toString(i);
      committed.add(commitOn(JACK, d -> Writes.set(d, "n", n)));
    }
    retainBytes(1_000);
    stop();
    maintain();
    committed.add(commitOn(JACK, d -> Writes.set(d, "n", "1000")));
    int dropped = (int) log(JACK).oldest() - 1;
    assertTrue(dropped > 5 && dropped < 30, "dropped " + dropped);

    assertEquals(committed.subList(dropped, 32), store().history(JACK, 0, 100));
    assertEquals(committed.subList(dropped, dropped + 1), store().history(JACK, 0, 1));
    assertEquals(committed.subList(30, 32), store().history(JACK, 30, 5));
  }

  /// Commits, drops and reads at the same time: a read either gets a seamless piece or is told that
  /// its beginning is gone.
  @Test
  void readsGoOnWhileChangesAreDropped() throws Exception {
    retainBytes(5_000);
    commitOn(JACK, d -> Writes.create(d, json("{}")));
    var stop = new AtomicBoolean();
    CompletableFuture<Integer> committer =
        CompletableFuture.supplyAsync(() -> {
          int count = 0;
          for (; !stop.get(); count++) {
            int n = count;
            commitOn(JACK, d -> Writes.set(d, "n", Integer.toString(n)));
          }
          return count;
        });
    CompletableFuture<Integer> dropper =
        CompletableFuture.supplyAsync(() -> {
          int count = 0;
          for (; !stop.get(); count++) {
            try {
              maintain();
            } catch (RocksDBException e) {
              throw new IllegalStateException(e);
            }
          }
          return count;
        });
    try {
      var pieces = new AtomicInteger();
      Eventually.holds(
          () -> {
            long from = log(JACK).oldest();
            List<Change> piece = readOrGone(from);
            assertSeamless(from, piece);
            return pieces.addAndGet(piece.size()) > 5_000 && from > 1_000;
          },
          Duration.ofMinutes(2));
    } finally {
      stop.set(true);
    }
    assertTrue(committer.get(30, TimeUnit.SECONDS) > 0);
    dropper.get(30, TimeUnit.SECONDS);
  }

  private static void assertSeamless(long from, List<Change> piece) {
    for (int n = 0; n < piece.size(); n++) {
      assertEquals(from + n, piece.get(n).position().offset());
      assertEquals(piece.get(n).before().revision() + 1, piece.get(n).revision());
    }
  }

  private List<Change> readOrGone(long from) {
    try {
      return store().read(log(JACK).log(), "driver", from, 20);
    } catch (FreshetException e) {
      assertEquals(ErrorCode.NOT_FOUND, e.code());
      return List.of();
    }
  }
}
