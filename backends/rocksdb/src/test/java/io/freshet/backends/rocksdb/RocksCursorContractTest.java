// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.EventId;
import io.freshet.spi.Cursor;
import io.freshet.spi.CursorLease;
import io.freshet.spi.Cursors;
import io.freshet.spi.Store;
import io.freshet.testkit.CursorContractSuite;
import io.freshet.testkit.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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

  /// Whatever was done when the process is killed: each cursor stands where it stood at some moment
  /// since the last write to disk, never ahead; and no token comes again.
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("io.freshet.testkit.Seeds#all")
  void aKillTakesCursorsBackToTheLastWriteAtMost(long seed) {
    var random = new SplittableRandom(seed);
    var states = new HashMap<String, List<Optional<EventId>>>();
    var tokens = new HashMap<String, Long>();
    long highest = 0;
    for (int step = 1; step <= 400; step++) {
      String name = "s" + random.nextInt(3);
      EventId place = EventId.of(step, 1, step);
      Cursors cursors = store().cursors();
      switch (random.nextInt(40)) {
        case 0 -> written(states, name, cursors.delete(name), null);
        case 1 -> written(states, name, cursors.reset(name, place), place);
        case 2, 3, 4 -> {
          CursorLease lease = cursors.lease(name, "users");
          highest = lease.token();
          tokens.put(name, highest);
          written(states, name, true, lease.cursor().place());
        }
        default -> {
          if (cursors.advance(name, tokens.getOrDefault(name, 0L), place)) {
            states.get(name).add(Optional.of(place));
          }
        }
      }
      if (random.nextInt(100) == 0) {
        assertAtOneOf(states, highest);
      }
    }
    assertAtOneOf(states, highest);
  }

  /// What is done at once takes all that was not written yet with it.
  private static void written(
      Map<String, List<Optional<EventId>>> states,
      String name,
      boolean done,
      @Nullable EventId place) {
    if (done) {
      states.computeIfAbsent(name, n -> new ArrayList<>()).add(Optional.ofNullable(place));
      states.values().forEach(each -> each.subList(0, each.size() - 1).clear());
    }
  }

  private void assertAtOneOf(Map<String, List<Optional<EventId>>> states, long highest) {
    try (RocksStore killed = afterAKill()) {
      states.forEach((name, possible) -> {
        Cursor found = killed.cursors().find(name);
        Optional<EventId> place =
            found == null ? Optional.empty() : Optional.ofNullable(found.place());
        assertTrue(possible.contains(place), () -> name + " at " + place + ", not " + possible);
      });
      assertTrue(killed.cursors().lease("s0", "users").token() > highest);
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
