// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.server.net.HttpAnswer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PulseRefusalTest {
  @ParameterizedTest
  @CsvSource({
    "NAME_IN_USE, 409, P6100",
    "INVALID_FILTER, 400, P6100",
    "CURSOR_EXPIRED, 410, P6100",
    "SOURCE_GAP, 410, P6100",
    "UNKNOWN_COLLECTION, 404, P6100",
    "LIMIT_REACHED, 429, P6100",
    "OVERLOADED, 503, P6100",
    "UNAUTHENTICATED, 401, P6102",
    "FORBIDDEN, 403, P6102",
    "STREAMS_DISABLED, 403, P6106",
    "UNAVAILABLE, 503, P6101",
    "STORE_CORRUPT, 503, P6101",
  })
  void hasTheCodeThePackageKnows(ErrorCode code, int status, String pulse) {
    HttpAnswer answer = PulseRefusal.of(code, "because").answer("r-1");
    assertEquals(status, answer.status());
    assertEquals(
        "{\"code\":\"%s\",\"message\":\"because\",\"requestId\":\"r-1\",\"status\":%d}"
            .formatted(pulse, status),
        answer.body());
    assertEquals("application/json", answer.contentType());
  }

  @Test
  void saysHowLongToWait() {
    HttpAnswer answer = PulseRefusal.later(Duration.ofMillis(1500)).answer("r-1");
    assertEquals(429, answer.status());
    assertEquals("2", answer.headers().get("Retry-After"));
  }

  /// What a client has sent may be in it, and that may be a quarter of a megabyte.
  @Test
  void doesNotSayALongMessageToItsEnd() {
    String half = "x".repeat(499);
    assertEquals(half + "y…", PulseRefusal.of(ErrorCode.INTERNAL, half + "yz").message());
    assertEquals(half + "y", PulseRefusal.of(ErrorCode.INTERNAL, half + "y").message());
    assertEquals(half + "…", PulseRefusal.of(ErrorCode.INTERNAL, half + "😀z").message());
  }
}
