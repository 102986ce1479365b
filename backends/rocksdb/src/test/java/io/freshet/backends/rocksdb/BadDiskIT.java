// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.Change;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.Health;
import io.freshet.spi.LogState;
import io.freshet.spi.RequestKey;
import io.freshet.spi.Store;
import io.freshet.spi.StoreMeter;
import io.freshet.testkit.StoreContract;
import io.freshet.testkit.Writes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Disks and directories that do not work: the store says so in its own words and never
/// acknowledges what it could not keep.
final class BadDiskIT extends StoreContract {
  private static final DocumentKey JACK = key("jobs/jack");

  @TempDir Path parent;
  private Path directory = Path.of("unset");

  @Override
  protected Store open(InstantSource clock) {
    return openIn(directory());
  }

  private Path directory() {
    if (!directory.startsWith(parent)) {
      directory = parent.resolve("data");
    }
    return directory;
  }

  private static RocksStore openIn(Path directory) {
    return RocksStore.open(CrashChild.options(directory), InstantSource.system(), StoreMeter.NONE);
  }

  @Test
  void refusesADirectoryInUseAndNamesIt() {
    store();

    FreshetException refusal = assertRefused(ErrorCode.STORE_NOT_USABLE, () -> openIn(directory()));
    assertTrue(refusal.getMessage().contains(directory().toString()), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("in use"), refusal.getMessage());
  }

  @Test
  void refusesADirectoryAnotherProcessUses() throws IOException, InterruptedException {
    ChildProcess child = ChildProcess.start(List.of(), directory(), 1);
    assertEquals("OPEN", child.line());
    try {
      FreshetException refusal =
          assertRefused(ErrorCode.STORE_NOT_USABLE, () -> openIn(directory()));
      assertTrue(refusal.getMessage().contains("in use"), refusal.getMessage());
    } finally {
      child.kill();
    }
  }

  @Test
  void refusesAFileWhereTheDirectoryShouldBe() throws IOException {
    Files.writeString(directory(), "not a directory");

    FreshetException refusal = assertRefused(ErrorCode.STORE_NOT_USABLE, () -> openIn(directory()));
    assertTrue(refusal.getMessage().contains(directory().toString()), refusal.getMessage());
  }

  /// Permissions do not stop the superuser, whom tests may run as; a directory in `/proc` does.
  @Test
  void refusesADirectoryThatCannotBeWritten() {
    assertRefused(ErrorCode.STORE_NOT_USABLE, () -> openIn(Path.of("/proc/self/freshet")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"CURRENT", "MANIFEST-"})
  void saysThatItsFilesAreDamaged(String name) throws IOException {
    commitOn(JACK, d -> Writes.create(d, JsonObject.empty()));
    stop();
    overwrite(file(name), 0);

    FreshetException refusal = assertRefused(ErrorCode.STORE_CORRUPT, () -> openIn(directory()));
    assertTrue(refusal.getMessage().contains("backup"), refusal.getMessage());
  }

  @Test
  void saysThatATableFileIsGone() throws IOException {
    commitOn(JACK, d -> Writes.create(d, JsonObject.empty()));
    stop();
    Files.delete(file(".sst"));

    assertRefused(ErrorCode.STORE_CORRUPT, () -> openIn(directory()));
  }

  /// Damage in the middle of a table is found by its checksum, when it is read at the latest.
  @Test
  void neverReturnsDamagedData() throws IOException {
    commitOn(JACK, d -> Writes.create(d, json("{\"text\":\"" + "x".repeat(5_000) + "\"}")));
    stop();
    for (Path table : files(".sst")) {
      overwrite(table, 200);
    }

    assertRefused(
        ErrorCode.STORE_CORRUPT,
        () -> {
          try (RocksStore store = openIn(directory())) {
            store.load(List.of(JACK));
            store.read(store.logOf("jobs"), null, 1, 10);
          }
        });
  }

  private Path file(String part) throws IOException {
    return files(part).getFirst();
  }

  private List<Path> files(String part) throws IOException {
    try (Stream<Path> files = Files.list(directory().resolve("rocksdb"))) {
      return files.filter(file -> file.getFileName().toString().contains(part)).toList();
    }
  }

  private static void overwrite(Path file, long from) throws IOException {
    try (var access = new RandomAccessFile(file.toFile(), "rw")) {
      access.seek(Math.min(from, access.length() / 3));
      access.write("damaged, damaged, damaged, damaged, damaged".getBytes(UTF_8));
    }
  }

  /// A limit on the size of files, which needs no privileges, stands for a full disk: the
  /// write-ahead log cannot grow.
  @Test
  void refusesWritesWhenTheDiskIsFullAndKeepsWhatItAcknowledged()
      throws IOException, InterruptedException {
    List<String> limited = List.of("sh", "-c", "ulimit -f 400; exec \"$@\"", "sh");
    Map<String, Map<Long, String>> acknowledged = new HashMap<>();
    ChildProcess child = ChildProcess.start(limited, directory(), 5);
    assertEquals("OPEN", child.line());
    String line = child.line();
    while (line != null && line.startsWith("ACK ")) {
      for (String change : line.substring(4).split(";", -1)) {
        String[] parts = change.split(" ", -1);
        acknowledged
            .computeIfAbsent(parts[0], log -> new HashMap<>())
            .put(Long.parseLong(parts[1]), change);
      }
      line = child.line();
    }
    assertEquals("REFUSED UNAVAILABLE", line);
    assertEquals(0, child.waitFor());

    Map<Long, String> synced = acknowledged.get("fsync");
    assertNotNull(synced);
    for (LogState state : store().logs()) {
      Map<Long, String> told = acknowledged.get(state.log().name());
      List<Change> found = readAll(state.log(), null);
      for (Change change : found) {
        assertEquals(told.get(change.position().offset()), CrashChild.acknowledgement(change));
      }
      if (!state.log().name().equals("memory")) {
        assertEquals(told.size(), found.size(), "acknowledged and kept in " + state);
      }
    }
    assertLogsGiveTheDocuments(CrashChild.keys());
    assertEquals(Health.Healthy.HEALTHY, store().check());
    commitOn(JACK, d -> Writes.create(d, JsonObject.empty()));
  }

  /// A commit whose write-ahead log was complete on disk although it was answered with a failure:
  /// the note made then keeps it from coming back.
  @Test
  void aFailedCommitDoesNotComeBack() throws IOException {
    var kept = new ArrayList<Change>();
    var done = new RequestKey("ada", "jobs", "done");
    var failed = new RequestKey("ada", "jobs", "failed");
    kept.add(commitOn(JACK, d -> Writes.create(d, json("{\"n\":1}"))));
    kept.add(commitOn(JACK, d -> Writes.requested(done, Writes.set(d, "n", "2"))));
    LogState good = log(JACK);
    commitOn(JACK, d -> Writes.requested(failed, Writes.set(d, "n", "3")));
    commitOn(key("driver/failed"), d -> Writes.create(d, JsonObject.empty()));
    Path image = parent.resolve("image");
    CrashImage.ofKilledProcess(directory(), image);
    stop();
    directory = image;
    try (FailureMark mark = FailureMark.open(image.resolve("failed-commit"))) {
      mark.note(List.of(new FailureMark.End(3, good.head()), new FailureMark.End(2, 0)));
    }

    assertEquals(good, log(JACK));
    assertEquals(kept, readAll(good.log(), null));
    assertEquals(kept.getLast().after(), load(JACK));
    assertEquals(0, load(key("driver/failed")).revision());
    assertEquals(List.of(kept.getLast()), store().outcome(done).toCompletableFuture().join());
    assertEquals(List.of(), store().outcome(failed).toCompletableFuture().join());
    kept.add(commitOn(JACK, d -> Writes.set(d, "n", "4")));
    stop();
    assertEquals(kept, readAll(good.log(), null));
    assertEquals(List.of(), store().outcome(failed).toCompletableFuture().join());
  }

  @Test
  void aClosedStoreIsUnhealthyAndCanBeClosedAgain() {
    Store closed = store();
    stop();
    closed.close();

    assertInstanceOf(Health.Unhealthy.class, closed.check());
    assertThrows(FreshetException.class, () -> closed.read(closed.logOf("jobs"), null, 1, 1));
  }
}
