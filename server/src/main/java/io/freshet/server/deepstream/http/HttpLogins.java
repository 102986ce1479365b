// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.http;

import io.freshet.protocol.json.JsonObject;
import io.freshet.server.net.HttpCall;
import io.freshet.server.session.Credentials;
import io.freshet.server.session.TrustedProxies;
import io.freshet.spi.Authenticator;
import io.freshet.spi.Authenticator.Verdict;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;

/// Logins over HTTP, judged, and counted since the last look. Any thread.
public final class HttpLogins {
  private final Authenticator authenticator;
  private final TrustedProxies proxies;
  private final LongAdder allowed = new LongAdder();
  private final LongAdder declined = new LongAdder();

  public HttpLogins(Authenticator authenticator, TrustedProxies proxies) {
    this.authenticator = authenticator;
    this.proxies = proxies;
  }

  /// @param login what the body shows; empty if only the headers do
  CompletionStage<Verdict> judge(HttpCall call, String door, JsonObject login) {
    String peer = call.remoteAddress().getHostString();
    return authenticator
        .authenticate(Credentials.of(call.headers(), peer, proxies, door).attempt(login))
        .thenApply(verdict -> {
          (verdict instanceof Verdict.Accepted ? allowed : declined).increment();
          return verdict;
        });
  }

  /// Since the last call.
  public long takeAllowed() {
    return allowed.sumThenReset();
  }

  /// Since the last call.
  public long takeDeclined() {
    return declined.sumThenReset();
  }
}
