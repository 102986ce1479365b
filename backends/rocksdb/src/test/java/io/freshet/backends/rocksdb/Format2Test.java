// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document.Life;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.Position;
import io.freshet.spi.Cursor;
import io.freshet.spi.Durability;
import io.freshet.spi.RequestKey;
import io.freshet.spi.Store;
import io.freshet.spi.StoreMeter;
import io.freshet.testkit.StoreContract;
import io.freshet.testkit.Writes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `format-2.zip` was written by the store as it was when format 2 was the present one, and killed:
/// `driver/live` (`n` set to 2, then to 3 after the last clean stop), `driver/gone` deleted
/// restorably; in the other log `synced`, created in a batch and with an expiry, and after the
/// clean stop edited by `eve` for a request, whose change the cursor `orders` stands at.
final class Format2Test extends StoreContract {
  private static final DocumentKey SYNCED = key("synced");
  private static final EventId LAST = EventId.parse("01KT1GW6G00000400000000002");

  @TempDir Path parent;

  @Override
  protected Store open(InstantSource clock) {
    Path directory = parent.resolve("data");
    if (!Files.exists(directory)) {
      Format1Test.unpack("/format-2.zip", directory);
    }
    var rules = List.of(new RocksStoreOptions.Rule("dri*", Durability.OS));
    return RocksStore.open(
        RocksStoreOptions.of(directory).withDurability(Durability.FSYNC, rules),
        clock,
        StoreMeter.NONE);
  }

  @Test
  void isReadAsItIs() {
    assertEquals(json("{\"n\":3}"), load(key("driver/live")).data());
    assertEquals(Life.TOMBSTONE, load(key("driver/gone")).life());
    List<Change> synced = store().history(SYNCED, 0, 10);
    assertEquals(2, synced.size());
    assertEquals("b1", synced.getFirst().batch());
    assertEquals(json("{\"a\":\"c\"}"), synced.getLast().after().data());
    assertEquals("eve", load(SYNCED).updatedBy());
    assertEquals(synced.getFirst().after().expiresAt(), load(SYNCED).expiresAt());
    assertNull(synced.getLast().captured());
    assertEquals(List.of(synced), List.of(readAll(store().logOf("synced"), null)));
    assertNotNull(LAST);
    assertEquals(new Position(store().logOf("synced"), 1, 2), store().locate(LAST));
    Cursor cursor = store().cursors().find("orders");
    assertNotNull(cursor);
    assertEquals(LAST, cursor.place());
    var request = new RequestKey("ada", "scope", "key");
    assertEquals(List.of(synced.getLast()), store().outcome(request).toCompletableFuture().join());
  }

  @Test
  void goesOnInTheNewFormat() {
    Change next = commitOn(SYNCED, d -> Writes.set(d, "a", "4"));
    var source = store().openSource("main");
    source.route(Set.of("_"));
    source.append(List.of(Writes.replace(load(SYNCED), json("{}"))), "one");
    stop();

    assertEquals(4, load(SYNCED).revision());
    assertEquals(4, store().history(SYNCED, 0, 9).size());
    assertEquals(next.position(), store().locate(next.id()));
    assertEquals("one", store().openSource("main").progress());
  }
}
