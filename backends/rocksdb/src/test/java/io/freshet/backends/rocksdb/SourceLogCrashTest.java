// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.Captured;
import io.freshet.protocol.Change;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.LogId;
import io.freshet.spi.CommitResult;
import io.freshet.spi.Durability;
import io.freshet.spi.LogState;
import io.freshet.spi.SourceLog;
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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rocksdb.RocksDBException;

/// The log of a source after unclean stops: whatever is left of it, its progress says exactly how
/// far it goes; and it is kept and trimmed as any other, also when nobody opens it.
final class SourceLogCrashTest extends StoreContract {
  private static final LogId LOG = new LogId("source/main");
  private static final DocumentKey ROW = key("User/1");
  private static final Duration FOR_EVER = Duration.ofDays(10_000);

  @TempDir Path parent;
  private Path directory = Path.of("unset");
  private RocksStoreOptions.Retention retention = retention(Long.MAX_VALUE, Long.MAX_VALUE);

  private static RocksStoreOptions.Retention retention(long perLog, long total) {
    return new RocksStoreOptions.Retention(FOR_EVER, perLog, total, FOR_EVER);
  }

  @Override
  protected Store open(InstantSource clock) {
    if (!directory.startsWith(parent)) {
      directory = parent.resolve("first");
    }
    var rules = List.of(new RocksStoreOptions.Rule("driver", Durability.OS));
    return RocksStore.open(
        RocksStoreOptions.of(directory)
            .withDurability(Durability.FSYNC, rules)
            .withRetention(retention),
        clock,
        StoreMeter.NONE);
  }

  private SourceLog source() {
    return store().openSource("main");
  }

  private LogState state() {
    return store().logs().stream().filter(log -> log.log().equals(LOG)).findFirst().orElseThrow();
  }

  private List<Change> append(List<Write> writes, String progress) {
    var changes = new ArrayList<Change>();
    for (CommitResult result : source().append(writes, progress)) {
      changes.add(assertInstanceOf(CommitResult.Committed.class, result).change());
    }
    assertEquals(writes.size(), changes.size());
    return changes;
  }

  private Change replace(DocumentKey key, String row, String progress) {
    return append(List.of(Writes.replace(load(key), json(row))), progress).getFirst();
  }

  private void crash(Map<String, Long> logLengths) throws IOException {
    Path image = directory.resolveSibling(directory.getFileName() + "+");
    CrashImage.ofLostPower(directory, image, logLengths);
    stop();
    directory = image;
  }

  private void kill() throws IOException {
    crash(CrashImage.logLengths(directory));
  }

  /// The progress names the end of the log and its epoch; some moves come without changes.
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("io.freshet.testkit.Seeds#all")
  void theProgressAgreesWithTheLogWhereverItIsCut(long seed) throws IOException, RocksDBException {
    var random = new SplittableRandom(seed);
    var rows = new RandomHistory(random, List.of("User", "Order"), 8);
    var ours = new RandomHistory(random, List.of("jobs", "driver"), 4);
    source().route(Set.of("User", "Order"));
    var appended = new ArrayList<Change>();
    Map<String, Long> synced = CrashImage.logLengths(directory);
    int syncedChanges = 0;
    for (int round = random.nextInt(20, 120); round > 0; round--) {
      switch (random.nextInt(12)) {
        case 0 -> source().append(List.of(), end(appended.size(), state().epoch(), round));
        case 1 -> source().newEpoch(end(appended.size(), state().epoch() + 1, round));
        case 2 -> commitAll(ours.batch(4));
        case 3 -> source().route(Set.of("User", "Order", "Table" + round));
        default -> {
          List<Write> writes = new ArrayList<>(rows.batch(6));
          writes.replaceAll(write -> Writes.told(new Captured(null, false, false), write));
          String progress = end(appended.size() + writes.size(), state().epoch(), round);
          appended.addAll(append(writes, progress));
          synced = CrashImage.logLengths(directory);
          syncedChanges = appended.size();
        }
      }
      if (random.nextInt(15) == 0) {
        ((RocksStore) store()).maintain();
      }
      if (random.nextInt(30) == 0) {
        stop();
        synced = CrashImage.logLengths(directory);
      }
    }

    boolean early = random.nextInt(3) == 0;
    Map<String, Long> lengths = CrashImage.logLengths(directory);
    String last = lengths.keySet().stream().max(String::compareTo).orElseThrow();
    long least = early ? 0 : synced.getOrDefault(last, 0L);
    lengths.put(last, random.nextLong(least, lengths.getOrDefault(last, 0L) + 1));
    crash(lengths);

    assertEquals(LOG, store().logOf("User"));
    int head = (int) state().head();
    assertTrue(early || head >= syncedChanges, head + " of " + syncedChanges + " synced");
    String progress = source().progress();
    if (progress != null) {
      assertEquals(end(head, state().epoch(), 0), progress.substring(0, progress.lastIndexOf('.')));
    }
    assertEquals(appended.subList(0, head), readAll(LOG, null));
    assertLogsGiveTheDocuments(ours.keys());
    assertLogsGiveTheDocuments(rows.keys());
  }

  private static String end(int head, long epoch, int round) {
    return head + " of epoch " + epoch + (round == 0 ? "" : "." + round);
  }

  @Test
  void aKilledProcessLosesNothing() throws IOException {
    source().route(Set.of("User"));
    Change row = replace(ROW, "{\"n\":1}", "one");
    source().append(List.of(), "idle");
    kill();

    assertEquals(List.of(row), readAll(LOG, null));
    assertEquals(LOG, store().logOf("User"));
    assertEquals(row.after(), load(ROW));
    assertEquals(1, state().epoch());
    assertEquals("idle", source().progress());
    assertEquals(2, replace(ROW, "{\"n\":2}", "two").position().offset());
  }

  /// The same as for commits: the note of the failure cuts it off, and its progress with it.
  @Test
  void aFailedAppendDoesNotComeBack() throws IOException {
    source().route(Set.of("User"));
    Change row = replace(ROW, "{\"n\":1}", "one");
    LogState good = state();
    replace(ROW, "{\"n\":2}", "failed");
    Path image = parent.resolve("image");
    CrashImage.ofKilledProcess(directory, image);
    stop();
    directory = image;
    try (FailureMark mark = FailureMark.open(image.resolve("failed-commit"))) {
      mark.note(List.of(new FailureMark.End(LogTail.FIRST_SOURCE, good.head())));
    }

    assertEquals("one", source().progress());
    assertEquals(good, state());
    assertEquals(row.after(), load(ROW));
    stop();
    assertEquals("one", source().progress());
    Change next = replace(ROW, "{\"n\":3}", "two");
    stop();
    assertEquals("two", source().progress());
    assertEquals(List.of(row, next), readAll(LOG, null));
  }

  @Test
  void aCollectionThatMovedStaysWhereItIs() throws IOException {
    DocumentKey moved = key("driver/1");
    Change ours = commitOn(moved, d -> Writes.create(d, json("{\"n\":1}")));
    source().route(Set.of("driver"));
    Change theirs = replace(moved, "{\"n\":2}", "one");
    kill();

    assertEquals(LOG, store().logOf("driver"));
    assertEquals(theirs.after(), load(moved));
    assertEquals(List.of(ours, theirs), store().history(moved, 0, 10));
    source().route(Set.of());
    Change again = commitOn(moved, d -> Writes.replace(d, json("{\"n\":3}")));
    kill();
    assertEquals(again.after(), load(moved));
    assertEquals(List.of(ours, theirs, again), store().history(moved, 0, 10));
    assertEquals("one", source().progress());
  }

  @Test
  void isTrimmedWhetherOrNotItIsOpened() throws RocksDBException {
    source().route(Set.of("User"));
    for (int i = 0; i < 100; i++) {
      replace(ROW, "{\"text\":\"" + "x".repeat(500) + i + "\"}", "" + i);
    }
    Change last = replace(ROW, "{}", "last");
    commitOn(key("jobs/1"), d -> Writes.create(d, json("{}")));
    retention = retention(Long.MAX_VALUE, 20_000);
    stop();
    ((RocksStore) store()).maintain();

    LogState trimmed = state();
    assertTrue(trimmed.oldest() > 50, trimmed.toString());
    assertTrue(trimmed.bytes() < 20_000, trimmed.toString());
    assertEquals(1, log(key("jobs/1")).oldest());
    stop();
    assertEquals(trimmed, state());
    assertEquals(last.after(), load(ROW));
    assertEquals("last", source().progress());
    assertEquals(102, replace(ROW, "{\"n\":1}", "more").position().offset());
  }

  /// What a told entry says, and what is told of later changes, needs nothing that was dropped.
  @Test
  void toldEntriesOutliveWhatTheyTellOf() throws RocksDBException {
    source().route(Set.of("User"));
    var appended = new ArrayList<Change>();
    for (int i = 0; i < 30; i++) {
      appended.add(replace(ROW, "{\"n\":" + i + "}", "" + i));
      appended.addAll(append(List.of(Writes.tell(load(ROW))), "told " + i));
    }
    long oldest = 1;
    while (oldest <= 60) {
      retention = retention(state().bytes() - 60, Long.MAX_VALUE);
      stop();
      ((RocksStore) store()).maintain();
      assertTrue(state().oldest() > oldest);
      oldest = state().oldest();
      assertEquals(appended.subList((int) oldest - 1, 60), readAll(LOG, null));
      assertEquals(
          appended.stream()
              .filter(change -> change.position().offset() >= state().oldest())
              .filter(change -> change.before().revision() != change.revision())
              .toList(),
          store().history(ROW, 0, 99));
    }
    stop();
    assertEquals(0, Families.count(directory, "bases"));
    Change next = replace(ROW, "{\"n\":31}", "31");
    assertEquals(appended.getLast().after(), next.before());
    assertEquals(List.of(next), readAll(LOG, null));
    assertNotNull(source().progress());
  }
}
