// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.http;

import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.server.net.HttpAnswer;
import io.freshet.server.net.HttpCall;
import io.freshet.server.net.HttpRoute;
import io.freshet.server.session.Tokens;
import io.freshet.spi.Authenticator;
import io.freshet.spi.Authenticator.Attempt;
import io.freshet.spi.Authenticator.Verdict;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// `POST /api/auth`: login data in, a token out that stands for this login at every door.
public final class AuthRoute implements HttpRoute {
  private static final String REFUSED = "Invalid authentication data.";
  private static final int BODY_BYTES_MAX = 64 << 10;

  private final ApiOptions options;
  private final Authenticator authenticator;
  private final Tokens tokens;
  private final HttpLogins logins;

  public AuthRoute(
      ApiOptions options, Authenticator authenticator, Tokens tokens, HttpLogins logins) {
    this.options = options;
    this.authenticator = authenticator;
    this.tokens = tokens;
    this.logins = logins;
  }

  @Override
  public Place place() {
    return new Place("/api/auth", true, Set.of("POST"), BODY_BYTES_MAX);
  }

  @Override
  public @Nullable HttpAnswer refusal(HttpCall head) {
    return ApiRoute.notJson(head);
  }

  @Override
  public CompletionStage<HttpAnswer> answer(HttpCall call) {
    JsonObject login;
    try {
      login = read(call.body());
    } catch (BadRequestException e) {
      return CompletableFuture.completedStage(ApiRoute.refused(e));
    }
    return authenticator
        .authenticate(new Attempt(login, call.remoteAddress().getHostString()))
        .thenApply(this::judged);
  }

  private JsonObject read(byte[] body) {
    if (!(ApiRequest.parse(body, options) instanceof JsonObject login)) {
      throw new BadRequestException("Failed to parse body of request: it must be a JSON object");
    }
    return login;
  }

  private HttpAnswer judged(Verdict verdict) {
    logins.count(verdict instanceof Verdict.Accepted);
    return switch (verdict) {
      case Verdict.Accepted accepted -> {
        JsonValue clientData = accepted.clientData();
        yield ApiRoute.encoded(
            JsonObject.of("token", JsonString.of(tokens.issue(accepted)))
                .with("clientData", clientData == null ? JsonNull.NULL : clientData));
      }
      case Verdict.Refused(JsonValue why) -> ApiRoute.unauthenticated(why, REFUSED);
      case Verdict.NotMine _ -> ApiRoute.unauthenticated(null, REFUSED);
    };
  }
}
