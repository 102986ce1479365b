// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Decides who a connection is. Several are tried in order until one knows the login.
///
/// Threading: called by any thread, concurrently; must return at once and may complete the stage on
/// any thread. It must complete it in any case, with a bound of its own on whatever it waits for:
/// nothing else ends a login that hangs.
///
/// A stage that fails counts as [Verdict.Refused], and the failure is logged.
@FunctionalInterface
public interface Authenticator {
  /// The user id of a login that was accepted without naming anybody.
  String ANONYMOUS = "OPEN";

  CompletionStage<Verdict> authenticate(Attempt attempt);

  /// One attempt to log in, whatever door it came through.
  ///
  /// @param data what the client sent; holds secrets, so it is never logged
  /// @param headers of the HTTP request that carried the login or opened the connection, names in
  ///   lower case; bounded in number and size, and as secret as the data
  /// @param remoteAddress of the client, without the port: of the peer, or what a configured proxy
  ///   says
  /// @param door the path it came to: `/deepstream`; empty if unknown
  /// @param certificate that the connection itself was opened with (mutual TLS), already found to
  ///   be of a trusted issuer and its holder's; null for none
  record Attempt(
      JsonObject data,
      Map<String, String> headers,
      String remoteAddress,
      String door,
      @Nullable X509Certificate certificate) {
    public Attempt {
      headers = Map.copyOf(headers);
    }

    /// An attempt without a certificate.
    public Attempt(
        JsonObject data, Map<String, String> headers, String remoteAddress, String door) {
      this(data, headers, remoteAddress, door, null);
    }

    /// An attempt without headers.
    public Attempt(JsonObject data, String remoteAddress) {
      this(data, Map.of(), remoteAddress, "");
    }

    @Override
    public String toString() {
      return "Attempt[at " + door + " from " + remoteAddress + "]";
    }
  }

  /// What an authenticator says to an attempt.
  sealed interface Verdict {
    /// Welcome.
    ///
    /// @param userId of the user, or [#ANONYMOUS]
    /// @param serverData for permission rules; never sent to the client
    /// @param clientData sent to the client; null for none
    /// @param token with which the client may log in again; null for none
    /// @param expiresAt when the login ends; null for never
    /// @param credential names what was shown, if that can be taken back, so that what it opened
    ///   can be closed then: `key:k3x9`; no secret; null if it cannot
    record Accepted(
        String userId,
        JsonObject serverData,
        @Nullable JsonValue clientData,
        @Nullable String token,
        @Nullable Instant expiresAt,
        @Nullable String credential)
        implements Verdict {

      /// As the other, of a login that cannot be taken back.
      public Accepted(
          String userId,
          JsonObject serverData,
          @Nullable JsonValue clientData,
          @Nullable String token,
          @Nullable Instant expiresAt) {
        this(userId, serverData, clientData, token, expiresAt, null);
      }

      @Override
      public String toString() {
        return "Accepted[" + userId + "]";
      }
    }

    /// The login is this authenticator's to judge, and it is wrong.
    ///
    /// @param clientData sent to the client as the reason; null for none
    record Refused(@Nullable JsonValue clientData) implements Verdict {}

    /// Nobody could judge it now, which says nothing about the login. The client may try again.
    ///
    /// @param clientData sent to the client as the reason; null for none
    /// @param retryAfter how long it should wait
    record Later(@Nullable JsonValue clientData, Duration retryAfter) implements Verdict {}

    /// Somebody else may know this login.
    enum NotMine implements Verdict {
      NOT_MINE
    }
  }
}
