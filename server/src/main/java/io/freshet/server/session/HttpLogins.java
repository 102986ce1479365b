// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.session;

import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.Authenticator;
import io.freshet.spi.Authenticator.Verdict;
import java.util.Map;
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

  /// Judges what the headers of a call show.
  ///
  /// @param peer the other end of the connection
  /// @param door the path
  public CompletionStage<Verdict> judge(
      Iterable<Map.Entry<String, String>> headers, Peer peer, String door) {
    return judge(headers, peer, door, JsonObject.empty());
  }

  /// As the other, of a call whose body may show something too.
  ///
  /// @param login what the body shows
  public CompletionStage<Verdict> judge(
      Iterable<Map.Entry<String, String>> headers, Peer peer, String door, JsonObject login) {
    return authenticator
        .authenticate(Credentials.of(headers, peer, proxies, door).attempt(login))
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
