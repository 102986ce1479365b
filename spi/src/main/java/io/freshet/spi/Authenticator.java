// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import java.time.Instant;
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

  /// One attempt to log in.
  ///
  /// @param data what the client sent; holds secrets, so it is never logged
  /// @param remoteAddress of the peer, without the port
  record Attempt(JsonObject data, String remoteAddress) {
    @Override
    public String toString() {
      return "Attempt[from " + remoteAddress + "]";
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
    record Accepted(
        String userId,
        JsonObject serverData,
        @Nullable JsonValue clientData,
        @Nullable String token,
        @Nullable Instant expiresAt)
        implements Verdict {}

    /// The login is this authenticator's to judge, and it is wrong.
    ///
    /// @param clientData sent to the client as the reason; null for none
    record Refused(@Nullable JsonValue clientData) implements Verdict {}

    /// Somebody else may know this login.
    enum NotMine implements Verdict {
      NOT_MINE
    }
  }
}
