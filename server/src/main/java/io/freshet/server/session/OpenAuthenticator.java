// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.session;

import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.spi.Authenticator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Lets everybody in: the user id is the login's `username` if that is a non-empty string, else
/// `open`. For servers without configured authentication.
public final class OpenAuthenticator implements Authenticator {
  private static final String DEFAULT_ID = "open";

  @Override
  public CompletionStage<Verdict> authenticate(Attempt attempt) {
    String id =
        attempt.data().get("username") instanceof JsonString name && !name.value().isEmpty()
            ? name.value()
            : DEFAULT_ID;
    return CompletableFuture.completedStage(
        new Verdict.Accepted(id, JsonObject.empty(), null, null, null));
  }
}
