// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.DocumentKey;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WatchedNamesTest {
  private static DocumentKey key(int number) {
    return new DocumentKey(number % 3 == 0 ? "_" : "c" + number % 3, "name" + number);
  }

  /// A walk, and the names it still has to see, in order.
  private record Walking(WatchedNames.Walk walk, LinkedHashSet<DocumentKey> expected) {}

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void isAnOrderedSetWhoseWalksSeeWhatWasThereAndStayed(long seed) {
    var random = new SplittableRandom(seed);
    var names = new WatchedNames(random.nextLong());
    var model = new LinkedHashSet<DocumentKey>();
    var walks = new ArrayList<Walking>();
    for (int i = 0; i < 60_000; i++) {
      // Growing, then shrinking, so that both kinds of rebuilding happen under way.
      boolean grow = i / 10_000 % 2 == 0;
      DocumentKey key = key(random.nextInt(4000));
      if (random.nextInt(4) == 0 ^ grow) {
        assertEquals(model.add(key), names.add(key));
      } else {
        assertEquals(model.remove(key), names.remove(key));
        walks.forEach(walking -> walking.expected.remove(key));
      }
      assertEquals(model.contains(key), names.contains(key));
      assertEquals(model.size(), names.size());
      if (walks.size() < 5 && random.nextInt(500) == 0) {
        walks.add(new Walking(names.walk(), new LinkedHashSet<>(model)));
      }
      if (!walks.isEmpty()) {
        step(walks, random.nextInt(walks.size()), random);
      }
    }
    assertEquals(List.copyOf(model), names.toList());
  }

  private static void step(List<Walking> walks, int which, SplittableRandom random) {
    Walking walking = walks.get(which);
    for (int steps = random.nextInt(8); steps > 0; steps--) {
      DocumentKey next = walking.walk.next();
      if (walking.expected.isEmpty()) {
        assertNull(next);
        walking.walk.close();
        walks.remove(which);
        return;
      }
      assertEquals(walking.expected.removeFirst(), next);
    }
  }

  /// Names whose `String.hashCode` is one and the same must not make the set slow: that they do not
  /// meet in the same place shows in the number of comparisons, which this key counts.
  @Test
  void craftedHashesDoNotCollide() {
    var names = new WatchedNames(42);
    for (int i = 0; i < 1 << 14; i++) {
      var id = new StringBuilder();
      for (int bit = 0; bit < 14; bit++) {
        id.append((i >> bit & 1) == 0 ? "Aa" : "BB");
      }
      assertTrue(names.add(DocumentKey.ofRecordName(id.toString())));
    }
    assertTrue(names.longestProbe() < 100, () -> "probes up to " + names.longestProbe());
  }
}
