// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which frames go together.
class OutboxTest {
  private final Outbox outbox = new Outbox();

  @Test
  void aSingleFrameGoesAsItIsSeveralAsAnArray() {
    assertTrue(outbox.isEmpty());
    assertEquals("", outbox.next());
    outbox.add("{\"a\":1}");
    assertFalse(outbox.isEmpty());
    assertEquals("{\"a\":1}", outbox.next());
    outbox.add("{\"a\":1}");
    outbox.add("{\"b\":2}");
    outbox.add("{\"c\":3}");
    assertEquals("[{\"a\":1},{\"b\":2},{\"c\":3}]", outbox.next());
    assertTrue(outbox.isEmpty());
  }

  @Test
  void aFrameThatIsTooLongForOthersGoesAlone() {
    String large = frame(3 * Outbox.MESSAGE_CHARACTERS_MAX);
    outbox.add("{}");
    outbox.add(large);
    outbox.add("{}");
    assertTrue(outbox.isFull());
    assertEquals(List.of("{}", large, "{}"), outbox.takeAll());
    assertTrue(outbox.isEmpty());
    assertFalse(outbox.isFull());
  }

  @Test
  void isFullWithAWholeMessage() {
    String hundred = frame(100);
    for (int i = 0; i < Outbox.MESSAGE_CHARACTERS_MAX / 101; i++) {
      outbox.add(hundred);
    }
    assertFalse(outbox.isFull());
    outbox.add(hundred);
    assertTrue(outbox.isFull());
    assertFalse(outbox.next().isEmpty());
    assertFalse(outbox.isFull());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everythingGoesOnceInOrderInMessagesThatAreShort(long seed) {
    var random = new Random(seed);
    var added = new ArrayList<String>();
    var gone = new ArrayList<String>();
    for (int i = 0; i < 2000; i++) {
      if (random.nextInt(20) > 0) {
        String frame = frame(2 + random.nextInt(random.nextInt(50) == 0 ? 20_000 : 300));
        added.add(frame);
        outbox.add(frame);
      } else {
        take(outbox.next(), gone);
      }
    }
    outbox.takeAll().forEach(message -> take(message, gone));
    assertEquals(added, gone);
  }

  /// Frames here have no commas and brackets.
  private static void take(String message, List<String> gone) {
    if (message.startsWith("[")) {
      assertTrue(message.length() <= Outbox.MESSAGE_CHARACTERS_MAX, "length " + message.length());
      gone.addAll(List.of(message.substring(1, message.length() - 1).split(",")));
    } else if (!message.isEmpty()) {
      gone.add(message);
    }
  }

  private static String frame(int characters) {
    return "{" + "x".repeat(characters - 2) + "}";
  }
}
