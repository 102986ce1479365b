// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import org.junit.jupiter.api.function.Executable;

/// What all refusals of filters have in common.
final class FilterRefusals {
  private static final int MESSAGE_MAX = 900;

  private FilterRefusals() {}

  static void assertRefused(Executable reading, String text) {
    FreshetException refused = assertThrows(FreshetException.class, reading);
    assertEquals(ErrorCode.INVALID_FILTER, refused.code());
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains(text), message);
    assertTrue(message.length() <= MESSAGE_MAX, message);
  }
}
