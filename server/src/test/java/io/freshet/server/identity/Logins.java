// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.Authenticator;
import io.freshet.spi.Authenticator.Attempt;
import io.freshet.spi.Authenticator.Verdict;
import java.util.concurrent.TimeUnit;

/// Logging in, as the tests of this package do it.
final class Logins {
  private Logins() {}

  static JsonObject object(String json) {
    return (JsonObject) Json.parse(json);
  }

  static Verdict login(Authenticator authenticator, String data) {
    return login(authenticator, new Attempt(object(data), "192.0.2.1"));
  }

  static Verdict login(Authenticator authenticator, Attempt attempt) {
    return authenticator
        .authenticate(attempt)
        .toCompletableFuture()
        .orTimeout(30, TimeUnit.SECONDS)
        .join();
  }

  static Verdict.Accepted accepted(Verdict verdict) {
    return assertInstanceOf(Verdict.Accepted.class, verdict);
  }

  static Verdict refused(String clientData) {
    return new Verdict.Refused(Json.parse(clientData));
  }
}
