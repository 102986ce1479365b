// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.error;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import org.junit.jupiter.api.Test;

class ErrorCodeTest {
  @Test
  void numbersAreUniqueAndInTheRangesOfTheirAreas() {
    var numbers = new HashSet<Integer>();
    for (ErrorCode code : ErrorCode.values()) {
      assertTrue(numbers.add(code.number()), code + " has the number of another");
      assertTrue(code.number() >= 1001 && code.number() < 6000, code::name);
      assertTrue(code.status() >= 400 && code.status() < 600, code::name);
    }
  }

  /// A refusal of input is thrown by the thousand: it must stay cheap, and a store's failure must
  /// keep its cause.
  @Test
  void refusalsHaveNoStackAndFailuresHaveACause() {
    var refusal = new FreshetException(ErrorCode.INVALID_JSON, "no");
    assertEquals(0, refusal.getStackTrace().length);
    var cause = new IllegalStateException("disk");
    var failure = new FreshetException(ErrorCode.UNAVAILABLE, "later", cause);
    assertEquals(cause, failure.getCause());
    assertEquals(ErrorCode.UNAVAILABLE, failure.code());
  }

  @Test
  void aRefusalMayHaveAStatusOfItsOwn() {
    var sum = new FreshetException(ErrorCode.NUMBER_OUT_OF_RANGE, 422, "too many digits");
    assertEquals(422, sum.status());
    assertEquals(400, new FreshetException(ErrorCode.NUMBER_OUT_OF_RANGE, "no").status());
    var failure = new FreshetException(ErrorCode.UNAVAILABLE, "later", new IllegalStateException());
    assertEquals(503, failure.status());
  }
}
