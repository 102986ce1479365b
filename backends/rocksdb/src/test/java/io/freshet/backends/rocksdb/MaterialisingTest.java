// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.spi.CommitResult;
import io.freshet.spi.Durability;
import io.freshet.spi.Store;
import io.freshet.spi.StoreMeter;
import io.freshet.spi.Write;
import io.freshet.testkit.Eventually;
import io.freshet.testkit.RandomHistory;
import io.freshet.testkit.RandomJson;
import io.freshet.testkit.StoreContract;
import io.freshet.testkit.Writes;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rocksdb.RocksDBException;

/// Documents are written behind the log; nobody may notice.
final class MaterialisingTest extends StoreContract {
  private static final DocumentKey JACK = key("driver/jack");

  @TempDir Path directory;
  private List<RocksStoreOptions.Rule> rules =
      List.of(new RocksStoreOptions.Rule("cars", Durability.MEMORY));
  private RocksStoreOptions.Memory memory = RocksStoreOptions.Memory.DEFAULT;

  @Override
  protected Store open(InstantSource clock) {
    return RocksStore.open(
        RocksStoreOptions.of(directory).withDurability(Durability.OS, rules).withMemory(memory),
        clock,
        StoreMeter.NONE);
  }

  private void maintain() throws RocksDBException {
    ((RocksStore) store()).maintain();
  }

  @Test
  void decidesConflictsAgainstWhatIsOnDisk() throws RocksDBException {
    Document first = commitOn(JACK, d -> Writes.create(d, json("{\"n\":1}"))).after();
    Document second = commit(Writes.set(first, "n", "2")).after();
    maintain();

    assertEquals(
        List.of(new CommitResult.Conflict(second)),
        store().commit(List.of(Writes.set(first, "n", "3"))));
    Change third = commit(Writes.set(second, "n", "3"));
    assertEquals(second, third.before());
    assertEquals(3, third.revision());
  }

  @Test
  void aWriteDecidedBeforeAnOpeningSeesTheOpeningOnDisk() throws RocksDBException {
    Write create = Writes.create(Document.missing(JACK), json("{\"n\":1}"));
    Document opened = commitOn(JACK, Writes::open).after();
    maintain();

    assertEquals(opened, commit(create).before());
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("io.freshet.testkit.Seeds#all")
  void aHistoryWithCheckpointsReadsAsOneWithout(long seed) throws RocksDBException {
    var random = new SplittableRandom(seed);
    var history = new RandomHistory(random, List.of("_", "cars", "driver"), 12);
    for (int round = 0; round < 150; round++) {
      commitAll(history.batch(8));
      if (random.nextInt(4) == 0) {
        maintain();
      }
    }

    assertLogsGiveTheDocuments(history.keys());
    stop();
    Families.assertDueInStep(directory);
  }

  /// More documents are changed than may wait in memory: commits wait for the maintenance thread,
  /// and all goes on.
  @Test
  void commitsWaitForRoomInMemory() {
    memory = new RocksStoreOptions.Memory(1 << 20, 1 << 20, 100_000, 1 << 20);
    var random = new RandomJson(new SplittableRandom(1));
    for (int i = 0; i < 300; i++) {
      commit(Writes.create(Document.missing(key("driver/" + i)), random.large(2_000)));
    }

    for (int i = 0; i < 300; i++) {
      assertEquals(1, load(key("driver/" + i)).revision());
    }
  }

  /// Another level for a collection means another log: its documents go on there, with all that
  /// their next change stands on.
  @Test
  void aCollectionMovesToAnotherLog() {
    var committed = new ArrayList<Change>();
    var big = new RandomJson(new SplittableRandom(1)).large(40_000);
    committed.add(commitOn(JACK, d -> Writes.create(d, big)));
    committed.add(commitOn(JACK, d -> Writes.set(d, "n", "1")));
    stop();
    rules = List.of(new RocksStoreOptions.Rule("driver", Durability.FSYNC));
    committed.add(commitOn(JACK, d -> Writes.set(d, "n", "2")));
    committed.add(commitOn(JACK, d -> Writes.set(d, "n", "3")));
    stop();
    rules = List.of();
    committed.add(commitOn(JACK, d -> Writes.set(d, "n", "4")));

    for (int i = 1; i < committed.size(); i++) {
      assertEquals(committed.get(i - 1).after(), committed.get(i).before());
    }
    var logs = committed.stream().map(change -> change.position().log()).distinct().toList();
    assertEquals(2, logs.size());
    for (var log : logs) {
      assertEquals(
          committed.stream().filter(change -> change.position().log().equals(log)).toList(),
          readAll(log, null));
    }
  }

  @Test
  void theMaintenanceThreadWritesByItself() {
    memory = new RocksStoreOptions.Memory(1 << 20, 1 << 20, 10_000, 1 << 20);
    var store = (RocksStore) store();
    commitOn(JACK, d -> Writes.create(d, new RandomJson(new SplittableRandom(1)).large(5_000)));

    Eventually.holds(() -> store.unmaterialisedHeapBytes() == 0);
    assertEquals(1, load(JACK).revision());
  }
}
