// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.server.net.HttpAnswer;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Why a client is not let in. Its package makes an error of the code and the message; the HTTP
/// status is for people and proxies.
///
/// @param message cut where it is longer than anybody reads: what a client has sent may be in it
/// @param retryAfter when it may be tried again; null if nothing is known of that
record PulseRefusal(PulseCode code, int status, String message, @Nullable Duration retryAfter) {
  private static final int MESSAGE_CHARACTERS_MAX = 500;

  PulseRefusal {
    if (message.length() > MESSAGE_CHARACTERS_MAX) {
      boolean splits = Character.isHighSurrogate(message.charAt(MESSAGE_CHARACTERS_MAX - 1));
      message = message.substring(0, MESSAGE_CHARACTERS_MAX - (splits ? 1 : 0)) + "…";
    }
  }

  PulseRefusal(PulseCode code, int status, String message) {
    this(code, status, message, null);
  }

  static final PulseRefusal UNAUTHENTICATED =
      new PulseRefusal(PulseCode.UNAUTHORIZED, 401, "The API key is missing or wrong");

  static final PulseRefusal INTERNAL =
      new PulseRefusal(PulseCode.SERVER, 500, "The server failed; its log says why");

  static PulseRefusal of(ErrorCode code, String message) {
    return new PulseRefusal(PulseCode.of(code), code.status(), message);
  }

  static PulseRefusal of(FreshetException refusal) {
    return of(refusal.code(), String.valueOf(refusal.getMessage()));
  }

  static PulseRefusal later(Duration wait) {
    return new PulseRefusal(
        PulseCode.SERVER,
        ErrorCode.RATE_LIMITED.status(),
        "Keys cannot be judged now; try again later",
        wait);
  }

  /// @param requestId shown to the user, and to be found in the log
  HttpAnswer answer(String requestId) {
    JsonObject body =
        JsonObject.of("code", JsonString.of(code.text()))
            .with("message", JsonString.of(message))
            .with("requestId", JsonString.of(requestId))
            .with("status", JsonNumber.of(status));
    var answer = new HttpAnswer(status, "application/json", Map.of(), Json.text(body));
    HttpAnswer named = status == 401 ? answer.with("WWW-Authenticate", "Bearer") : answer;
    return retryAfter == null
        ? named
        : named.with("Retry-After", Long.toString(retryAfter.plusMillis(999).toSeconds()));
  }
}
