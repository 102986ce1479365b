// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.Document.Life;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.Operation;
import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.Durability;
import io.freshet.spi.LogState;
import io.freshet.spi.Store;
import io.freshet.spi.StoreMeter;
import io.freshet.testkit.StoreContract;
import io.freshet.testkit.Writes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;

/// `format-1.zip` was written by the store as it was when format 1 was the present one, and killed:
/// `driver/opened`, `driver/live` (`n` set to 2, then to 3 after the last clean stop),
/// `driver/gone` deleted restorably; in the other log `synced`, large, edited, and after the clean
/// stop deleted, and `late`, created after it.
final class Format1Test extends StoreContract {
  private static final DocumentKey GONE = key("driver/gone");

  @TempDir Path parent;

  @Override
  protected Store open(InstantSource clock) {
    Path directory = parent.resolve("data");
    if (!Files.exists(directory)) {
      unpack("/format-1.zip", directory);
    }
    var rules = List.of(new RocksStoreOptions.Rule("dri*", Durability.OS));
    return RocksStore.open(
        RocksStoreOptions.of(directory).withDurability(Durability.FSYNC, rules),
        clock,
        StoreMeter.NONE);
  }

  static void unpack(String zipped, Path directory) {
    InputStream packed = Format1Test.class.getResourceAsStream(zipped);
    assertNotNull(packed);
    try (var zip = new ZipInputStream(packed)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path target = directory.resolve(entry.getName());
        Files.createDirectories(target.getParent());
        if (!entry.isDirectory()) {
          Files.copy(zip, target);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void readsDocumentsAndChanges() {
    assertEquals(Life.OPENED, load(key("driver/opened")).life());
    assertEquals(json("{\"n\":3}"), load(key("driver/live")).data());
    assertEquals(json("{\"n\":[1,2]}"), load(GONE).data());
    assertEquals(Life.TOMBSTONE, load(key("synced")).life());
    assertEquals(json("{\"a\":\"b\"}"), load(key("late")).data());

    List<Change> driver = readAll(store().logOf("driver"), null);
    assertEquals(
        List.of(
            Operation.OPEN,
            Operation.CREATE,
            Operation.MUTATE,
            Operation.CREATE,
            Operation.DELETE,
            Operation.MUTATE),
        driver.stream().map(Change::operation).toList());
    assertEquals(Writes.ACTOR, driver.getLast().after().updatedBy());
    assertNull(driver.getLast().batch());
    List<Change> history = store().history(key("synced"), 0, 10);
    assertEquals(List.of(1L, 2L, 3L, 4L), history.stream().map(Change::revision).toList());
    assertEquals(json("{\"deep\":true}"), ((JsonObject) history.get(2).after().data()).get("m"));
  }

  @Test
  void goesOnInTheNewFormat() {
    Document live = commitOn(key("driver/live"), d -> Writes.set(d, "n", "4")).after();
    Change restored = commitOn(GONE, Writes::restore);
    stop();

    assertEquals(live, load(live.key()));
    assertEquals(json("{\"n\":[1,2]}"), restored.after().data());
    assertEquals(
        List.of("gone", "live", "opened"),
        store().scan("driver", null, 9).stream().map(l -> l.document().key().id()).toList());
    // The user of its last write was not kept in the document, but in the log.
    assertEquals("", restored.before().updatedBy());
    Change read = store().history(GONE, 2, 10).getFirst();
    assertEquals(restored.after(), read.after());
    assertEquals(Writes.ACTOR, read.before().updatedBy());
  }

  /// Those given since the last start are of a new epoch in one of the logs: it was killed.
  @Test
  void locatesItsIds() {
    commitOn(key("driver/live"), d -> Writes.set(d, "n", "4"));
    for (LogState state : store().logs()) {
      for (Change change : readAll(state.log(), null)) {
        assertEquals(change.position(), store().locate(change.id()));
      }
    }
    assertEquals(2, log(key("driver/live")).epoch());
  }

  @Test
  void purgesItsTombstones() throws RocksDBException {
    assertEquals(2, load(GONE).revision());
    clock.advance(Duration.ofHours(25));
    ((RocksStore) store()).maintain();

    assertEquals(Document.missing(GONE), load(GONE));
    assertEquals(Document.missing(key("synced")), load(key("synced")));
    assertEquals(List.of(), store().history(GONE, -1, 10));
  }
}
