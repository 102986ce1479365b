// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.Cursor;
import io.freshet.spi.CursorLease;
import io.freshet.spi.Durability;
import io.freshet.spi.LogState;
import io.freshet.spi.Store;
import io.freshet.spi.StoreMeter;
import io.freshet.testkit.StoreContract;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rocksdb.RocksDBException;

/// `kill -9` at any instant under load, several times on one directory: every acknowledged write is
/// there, no revision twice, no batch by half, log, documents and outcomes agree, and the cursor
/// stands where it once was.
final class KilledProcessIT extends StoreContract {
  private static final int KILLS = 3;

  @TempDir Path directory;

  /// What the children were told, per log by offset. Of a log that may lose, a loss takes the end.
  private final Map<String, TreeMap<Long, String>> acknowledged = new HashMap<>();

  @Override
  protected Store open(InstantSource clock) {
    return RocksStore.open(CrashChild.options(directory), InstantSource.system(), StoreMeter.NONE);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("io.freshet.testkit.Seeds#all")
  void keepsWhatItAcknowledged(long seed)
      throws IOException, InterruptedException, RocksDBException {
    var random = new SplittableRandom(seed);
    Map<String, Long> epochs = new HashMap<>();
    var before = new CursorLease(0, new Cursor(CrashChild.CURSOR, "jobs", null, 0));
    for (int kill = 0; kill < KILLS; kill++) {
      runAndKill(random);
      Families.assertDueInStep(directory);
      for (LogState state : store().logs()) {
        assertKept(state);
        Long epoch = epochs.put(state.log().name(), state.epoch());
        boolean loses = state.durability() != Durability.FSYNC;
        assertTrue(epoch == null || state.epoch() == epoch + (loses ? 1 : 0));
      }
      before = assertCursorWasThere(before);
      assertDocumentsAgree();
      stop();
    }
  }

  private void runAndKill(SplittableRandom random) throws IOException, InterruptedException {
    ChildProcess child = ChildProcess.start(List.of(), directory, random.nextLong());
    assertEquals("OPEN", child.line());
    for (int lines = random.nextInt(1, 500); lines > 0; lines--) {
      remember(child.line());
    }
    child.kill();
    for (String line = child.line(); line != null; line = child.line()) {
      remember(line);
    }
  }

  private void remember(@Nullable String line) {
    assertNotNull(line, "the child ended by itself");
    assertTrue(line.startsWith("ACK "), line);
    for (String acknowledgement : line.substring(4).split(";", -1)) {
      String[] parts = acknowledgement.split(" ", -1);
      if (parts.length == 4 && parts[3].length() == 26) {
        acknowledged
            .computeIfAbsent(parts[0], log -> new TreeMap<>())
            .put(Long.parseLong(parts[1]), acknowledgement);
      }
    }
  }

  private void assertKept(LogState state) {
    List<Change> found = readAll(state.log(), null);
    Map<Long, String> byOffset = new HashMap<>();
    found.forEach(c -> byOffset.put(c.position().offset(), CrashChild.acknowledgement(c)));
    TreeMap<Long, String> told =
        acknowledged.computeIfAbsent(state.log().name(), log -> new TreeMap<>());
    if (state.durability() == Durability.MEMORY) {
      // What was lost is lost: its offsets will be used again, in another epoch.
      told.tailMap(state.head(), false).clear();
    }
    told.tailMap(state.oldest())
        .forEach((offset, change) -> assertEquals(change, byOffset.get(offset)));
    CrashChild.assertBatchesAreWhole(store(), found);
    List<EventId> ids = found.stream().map(Change::id).toList();
    assertEquals(ids.stream().sorted().distinct().toList(), ids);
  }

  /// It stands at something acknowledged before it was moved there, and not behind where the child
  /// found it. The token is newer than any before: the child's, and the one of the time before.
  private CursorLease assertCursorWasThere(CursorLease before) {
    CursorLease lease = store().cursors().lease(CrashChild.CURSOR, "jobs");
    EventId place = lease.cursor().place();
    EventId earlier = before.cursor().place();
    assertTrue(lease.token() > before.token() + 1);
    if (place != null) {
      String told = acknowledged.get("fsync").get(place.offset());
      assertTrue(told != null && told.endsWith(" " + place.text()), "at " + place);
    }
    assertTrue(earlier == null || place != null && place.compareTo(earlier) >= 0);
    return lease;
  }

  /// Each document's changes count up by one to the document; nothing was dropped here.
  private void assertDocumentsAgree() {
    assertLogsGiveTheDocuments(CrashChild.keys());
    Map<DocumentKey, Long> revisions = new HashMap<>();
    for (LogState state : store().logs()) {
      for (Change change : readAll(state.log(), null)) {
        long before = revisions.getOrDefault(change.key(), 0L);
        assertEquals(before + 1, change.revision());
        revisions.put(change.key(), change.revision());
      }
    }
    for (DocumentKey key : CrashChild.keys()) {
      Document document = load(key);
      assertEquals(revisions.getOrDefault(key, 0L), document.revision());
      if (document.isLive()) {
        assertEquals(JsonNumber.of(document.revision()), ((JsonObject) document.data()).get("r"));
      }
    }
  }
}
