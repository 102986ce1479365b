// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.Position;
import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.Durability;
import io.freshet.spi.LogState;
import io.freshet.spi.RequestKey;
import io.freshet.spi.Store;
import io.freshet.spi.StoreMeter;
import io.freshet.spi.Write;
import io.freshet.testkit.RandomHistory;
import io.freshet.testkit.StoreContract;
import io.freshet.testkit.Writes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.rocksdb.RocksDBException;

/// What each durability level promises when the power goes: acknowledgements come after the sync
/// they promise, and what is cut off an unsynced write-ahead log is nobody's acknowledged `fsync`
/// write.
final class PowerLossTest extends StoreContract {
  private static final DocumentKey SYNCED = key("jobs/1");
  private static final DocumentKey WRITTEN = key("driver/1");
  private static final DocumentKey REMEMBERED = key("cars/1");

  @TempDir Path parent;
  private Path directory = Path.of("unset");
  private final AtomicLong meteredSyncs = new AtomicLong();

  @Override
  protected Store open(InstantSource clock) {
    if (!directory.startsWith(parent)) {
      directory = parent.resolve("first");
    }
    var rules =
        List.of(
            new RocksStoreOptions.Rule("cars", Durability.MEMORY),
            new RocksStoreOptions.Rule("driver", Durability.OS));
    var meter =
        new StoreMeter() {
          @Override
          public void committed(int writes, long bytes, long nanos) {}

          @Override
          public void synced(long nanos) {
            meteredSyncs.incrementAndGet();
          }
        };
    return RocksStore.open(
        RocksStoreOptions.of(directory).withDurability(Durability.FSYNC, rules), clock, meter);
  }

  private long syncs() {
    return ((RocksStore) store()).syncs();
  }

  /// RocksDB's own counter, read where acknowledgements begin: by a listener, before the commit
  /// returns.
  @ParameterizedTest
  @CsvSource({"jobs/1, 1", "driver/1, 0", "cars/1, 0"})
  void acknowledgesAfterTheSyncItsLevelPromises(String name, int syncsPromised) {
    DocumentKey key = key(name);
    commitOn(key, d -> Writes.create(d, JsonObject.empty()));
    var syncsWhenTold = new ArrayList<Long>();
    var _ = store().feed(log(key).log(), 2, (log, changes) -> syncsWhenTold.add(syncs()));
    for (int i = 0; i < 20; i++) {
      long before = syncs();
      long metered = meteredSyncs.get();
      String n = Integer.toString(i);
      commitOn(key, d -> Writes.set(d, "n", n));
      assertEquals(before + syncsPromised, syncsWhenTold.getLast());
      assertEquals(metered + syncsPromised, meteredSyncs.get());
    }
  }

  @Test
  void aCommitToSeveralLogsIsSyncedOnce() {
    List<Write> writes =
        List.of(
            Writes.open(Document.missing(REMEMBERED)),
            Writes.open(Document.missing(WRITTEN)),
            Writes.open(Document.missing(SYNCED)));
    commitOn(key("cars/other"), Writes::open);
    commitOn(key("driver/other"), Writes::open);
    long before = syncs();
    commitAll(writes);

    assertEquals(before + 1, syncs());
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("io.freshet.testkit.Seeds#all")
  void everySyncedWriteIsThereAfterALossOfPower(long seed) throws IOException, RocksDBException {
    var random = new SplittableRandom(seed);
    var history = new RandomHistory(random, List.of("jobs", "driver", "cars"), 12);
    var committed = new ArrayList<Change>();
    Map<String, Long> synced = Map.of();
    for (int round = random.nextInt(20, 120); round > 0; round--) {
      long before = syncs();
      committed.addAll(commitAll(history.batch(6)));
      if (random.nextInt(20) == 0) {
        ((RocksStore) store()).maintain();
      }
      synced = syncs() > before ? CrashImage.logLengths(directory) : synced;
    }
    Map<String, LogState> lost = logs();

    losePower(synced);
    Families.assertDueInStep(directory);

    assertLogAfterLoss(committed, lost);
    assertLogsGiveTheDocuments(history.keys());
    for (DocumentKey key : history.keys()) {
      Change next =
          commitOn(key, d -> d.isLive() ? Writes.delete(d) : Writes.create(d, JsonObject.empty()));
      committed.stream()
          .filter(change -> change.position().log().equals(next.position().log()))
          .forEach(change -> assertTrue(change.id().compareTo(next.id()) < 0));
    }
  }

  /// Of the batches in flight when the power goes, each is there as a whole or not at all, and so
  /// is what became of its request.
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("io.freshet.testkit.Seeds#all")
  void noBatchIsThereByHalfAfterALossOfPower(long seed) throws IOException, RocksDBException {
    var random = new SplittableRandom(seed);
    Map<String, List<Change>> batches = new HashMap<>();
    Map<String, Long> synced = Map.of();
    for (int round = random.nextInt(10, 60); round > 0; round--) {
      String collection = List.of("jobs", "driver", "cars").get(random.nextInt(3));
      var writes = new ArrayList<Write>();
      for (int i = random.nextInt(1, 8); i > 0; i--) {
        Write write = Writes.replace(load(key(collection + "/" + i)), json("{\"n\":" + i + "}"));
        writes.add(Writes.requested(request(round), Writes.inBatch("" + round, write)));
      }
      long before = syncs();
      batches.put("" + round, commitAll(writes));
      if (random.nextInt(20) == 0) {
        ((RocksStore) store()).maintain();
      }
      synced = syncs() > before ? CrashImage.logLengths(directory) : synced;
    }

    losePower(synced);

    Set<String> found = new HashSet<>();
    for (LogState state : store().logs()) {
      for (Change change : readAll(state.log(), null)) {
        found.add(change.batch());
      }
    }
    batches.forEach((batch, changes) -> {
      RequestKey request = request(Integer.parseInt(batch));
      List<Change> outcome = store().outcome(request).toCompletableFuture().join();
      assertEquals(found.contains(batch) ? changes : List.of(), outcome);
      boolean promised = changes.getFirst().position().log().name().equals("fsync");
      assertTrue(found.contains(batch) || !promised);
    });
  }

  private static RequestKey request(int round) {
    return new RequestKey("ada", "batch", "" + round);
  }

  private void losePower(Map<String, Long> synced) throws IOException {
    Path image = parent.resolve("after");
    CrashImage.ofLostPower(directory, image, synced);
    stop();
    directory = image;
  }

  private Map<String, LogState> logs() {
    var logs = new HashMap<String, LogState>();
    store().logs().forEach(state -> logs.put(state.log().name(), state));
    return logs;
  }

  /// Each log holds a beginning of what was committed to it; the synced one holds all.
  private void assertLogAfterLoss(List<Change> committed, Map<String, LogState> lost) {
    for (LogState state : store().logs()) {
      List<Change> found = readAll(state.log(), null);
      List<Change> of =
          committed.stream().filter(c -> c.position().log().equals(state.log())).toList();
      LogState before = lost.get(state.log().name());
      assertEquals(of.subList(0, found.size()), found);
      if (state.durability() == Durability.FSYNC) {
        assertEquals(of.size(), found.size());
        assertEquals(before, state);
      } else {
        assertEquals(before.epoch() + 1, state.epoch());
      }
    }
  }

  @Test
  void aKilledProcessLosesNothingThatWasWritten() throws IOException {
    commitOn(REMEMBERED, Writes::open);
    Change written = commitOn(WRITTEN, Writes::open);
    Change synced = commitOn(SYNCED, Writes::open);
    Path image = parent.resolve("after");
    CrashImage.ofKilledProcess(directory, image);
    stop();
    directory = image;

    assertEquals(List.of(written), readAll(written.position().log(), null));
    assertEquals(List.of(synced), readAll(synced.position().log(), null));
    assertEquals(Document.missing(REMEMBERED), load(REMEMBERED));
    assertEquals(0, log(REMEMBERED).head());
    assertEquals(List.of(2L, 2L, 1L), store().logs().stream().map(LogState::epoch).toList());
  }

  /// The ids of changes that were lost had times; none may come again.
  @Test
  void timesDoNotGoBackBehindWhatWasLost() throws IOException {
    commitOn(REMEMBERED, Writes::open);
    Map<String, Long> synced = CrashImage.logLengths(directory);
    clock.advance(Duration.ofMillis(3_000));
    Change lost = commitOn(REMEMBERED, d -> Writes.create(d, JsonObject.empty()));
    clock.advance(Duration.ofMinutes(-5));
    losePower(synced);

    assertEquals(0, log(REMEMBERED).head());
    assertEquals(new Position(log(REMEMBERED).log(), 1, 2), store().locate(lost.id()));
    assertEquals(
        new Position(log(REMEMBERED).log(), 2, 0), store().locate(log(REMEMBERED).headId()));
    assertTrue(lost.id().compareTo(log(REMEMBERED).headId()) < 0);
    Change next = commitOn(REMEMBERED, Writes::open);
    assertEquals(next.id(), log(REMEMBERED).headId());
    assertEquals(next.position(), store().locate(next.id()));
    assertNull(store().locate(EventId.of(0, next.id().tag(), 2)), "of the new epoch, not yet");
    assertTrue(next.id().compareTo(lost.id()) > 0);
    assertTrue(next.id().timeMs() >= lost.id().timeMs());
    assertEquals(2, next.position().epoch());
  }
}
