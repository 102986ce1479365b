// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Design, section 6: a ULID that carries its place.
class EventIdTest {
  private static final long TIME_MAX = (1L << 48) - 1;
  private static final int TAG_MAX = (1 << 24) - 1;
  private static final long OFFSET_MAX = (1L << 56) - 1;

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, 00000000000000000000000000",
    "281474976710655, 16777215, 72057594037927935, 7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
    "0, 0, 1, 00000000000000000000000001",
    "0, 0, 31, 0000000000000000000000000Z",
    "0, 0, 32, 00000000000000000000000010",
    "1, 0, 0, 00000000010000000000000000",
    // The specification's own example of a time.
    "1469918176385, 0, 0, 01ARYZ6S410000000000000000",
  })
  void isSpelledAsTheUlidSpecificationSays(long timeMs, int tag, long offset, String text) {
    assertEquals(text, EventId.of(timeMs, tag, offset).text());
    assertEquals(text, EventId.of(timeMs, tag, offset).toString());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void carriesItsPartsAndSortsByThemInEveryForm(long seed) {
    var random = new SplittableRandom(seed);
    EventId before = EventId.NONE;
    for (int i = 0; i < 20_000; i++) {
      long timeMs = random.nextLong(TIME_MAX + 1) >> random.nextInt(48);
      int tag = random.nextInt(TAG_MAX + 1) >> random.nextInt(24);
      long offset = random.nextLong(OFFSET_MAX + 1) >> random.nextInt(56);
      EventId id = EventId.of(timeMs, tag, offset);
      assertEquals(timeMs, id.timeMs());
      assertEquals(tag, id.tag());
      assertEquals(offset, id.offset());
      assertEquals(26, id.text().length());
      int expected = compared(id, before);
      assertEquals(expected, Integer.signum(id.compareTo(before)));
      assertEquals(expected, Integer.signum(id.text().compareTo(before.text())));
      assertEquals(expected, number(id).compareTo(number(before)));
      assertEquals(expected == 0, id.equals(before));
      before = id;
    }
  }

  private static int compared(EventId one, EventId other) {
    if (one.timeMs() != other.timeMs()) {
      return Long.compare(one.timeMs(), other.timeMs());
    }
    return one.tag() != other.tag()
        ? Integer.compare(one.tag(), other.tag())
        : Long.compare(one.offset(), other.offset());
  }

  /// The sixteen bytes, as an unsigned number.
  private static BigInteger number(EventId id) {
    return new BigInteger(Long.toUnsignedString(id.high()))
        .shiftLeft(64)
        .add(new BigInteger(Long.toUnsignedString(id.low())));
  }

  @Test
  void nothingComesBeforeNone() {
    assertTrue(EventId.NONE.compareTo(EventId.of(0, 0, 1)) < 0);
    assertEquals(EventId.NONE, EventId.of(0, 0, 0));
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 0, 0",
    "281474976710656, 0, 0",
    "0, -1, 0",
    "0, 16777216, 0",
    "0, 0, -1",
    "0, 0, 72057594037927936",
  })
  void refusesPartsThatDoNotFit(long timeMs, int tag, long offset) {
    assertThrows(IllegalArgumentException.class, () -> EventId.of(timeMs, tag, offset));
  }
}
