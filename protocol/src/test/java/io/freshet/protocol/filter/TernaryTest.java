// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import static io.freshet.protocol.filter.Ternary.FALSE;
import static io.freshet.protocol.filter.Ternary.TRUE;
import static io.freshet.protocol.filter.Ternary.UNKNOWN;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// SQL's truth tables.
class TernaryTest {
  @ParameterizedTest
  @CsvSource({
    "TRUE, TRUE, TRUE, TRUE",
    "TRUE, UNKNOWN, UNKNOWN, TRUE",
    "TRUE, FALSE, FALSE, TRUE",
    "UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN",
    "UNKNOWN, FALSE, FALSE, UNKNOWN",
    "FALSE, FALSE, FALSE, FALSE",
  })
  void andAndOr(Ternary one, Ternary other, Ternary and, Ternary or) {
    assertEquals(and, one.and(other));
    assertEquals(and, other.and(one));
    assertEquals(or, one.or(other));
    assertEquals(or, other.or(one));
  }

  @Test
  void not() {
    assertEquals(FALSE, TRUE.not());
    assertEquals(UNKNOWN, UNKNOWN.not());
    assertEquals(TRUE, FALSE.not());
  }
}
