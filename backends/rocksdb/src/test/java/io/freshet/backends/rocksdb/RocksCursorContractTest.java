// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.EventId;
import io.freshet.spi.Cursor;
import io.freshet.spi.CursorLease;
import io.freshet.spi.Store;
import io.freshet.testkit.CursorContractSuite;
import io.freshet.testkit.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RocksCursorContractTest extends CursorContractSuite {
  private static final EventId FIRST = EventId.of(1_000, 1, 5);
  private static final EventId SECOND = EventId.of(1_000, 1, 9);

  @TempDir Path parent;
  private final AtomicInteger images = new AtomicInteger();

  private Path directory() {
    return parent.resolve("data");
  }

  @Override
  protected Store open(InstantSource clock) {
    return ThreeLogs.open(directory(), clock);
  }

  @Override
  protected void settle() {
    stop();
  }

  /// What a killed process would leave now.
  private RocksStore afterAKill() {
    Path image = parent.resolve("image" + images.incrementAndGet());
    try {
      CrashImage.ofKilledProcess(directory(), image);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ThreeLogs.open(image, clock);
  }

  private Cursor afterAKill(String name) {
    try (RocksStore killed = afterAKill()) {
      Cursor found = killed.cursors().find(name);
      return found == null ? new Cursor("none", "", null, 0) : found;
    }
  }

  /// Nobody asks for it.
  @Test
  void anAdvanceIsKeptSoonThoughTheProcessIsKilled() {
    long token = store().cursors().lease("s", "users").token();
    store().cursors().advance("s", token, FIRST);

    Eventually.holds(() -> FIRST.equals(afterAKill("s").place()));
    store().cursors().advance("s", token, SECOND);
    Eventually.holds(() -> SECOND.equals(afterAKill("s").place()));
  }

  @Test
  void resetsAndDeletesAreKeptAtOnce() {
    store().cursors().lease("s", "users");
    store().cursors().reset("s", FIRST);
    assertEquals(FIRST, afterAKill("s").place());
    store().cursors().delete("s");
    assertEquals("none", afterAKill("s").name());
  }

  @Test
  void tokensAscendOverAKill() {
    CursorLease lease = store().cursors().lease("s", "users");
    try (RocksStore killed = afterAKill()) {
      CursorLease next = killed.cursors().lease("s", "users");

      assertTrue(next.token() > lease.token());
      assertFalse(killed.cursors().advance("s", lease.token(), FIRST));
    }
  }
}
