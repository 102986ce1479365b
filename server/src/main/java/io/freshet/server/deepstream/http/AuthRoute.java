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
import io.freshet.server.session.HttpLogins;
import io.freshet.server.session.Tokens;
import io.freshet.spi.Authenticator.Verdict;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// `POST /api/auth`: login data in, a token out that stands for this login at every door.
public final class AuthRoute implements HttpRoute {
  private static final String PATH = "/api/auth";
  private static final String REFUSED = "Invalid authentication data.";
  private static final int BODY_BYTES_MAX = 64 << 10;

  private final ApiOptions options;
  private final Tokens tokens;
  private final HttpLogins logins;

  public AuthRoute(ApiOptions options, Tokens tokens, HttpLogins logins) {
    this.options = options;
    this.tokens = tokens;
    this.logins = logins;
  }

  @Override
  public Place place() {
    return new Place(PATH, true, Set.of("POST"), BODY_BYTES_MAX);
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
    long mark = tokens.mark();
    return logins
        .judge(call.headers(), call.peer(), PATH, login)
        .thenApply(verdict -> judged(verdict, mark));
  }

  private JsonObject read(byte[] body) {
    if (!(ApiRequest.parse(body, options) instanceof JsonObject login)) {
      throw new BadRequestException("Failed to parse body of request: it must be a JSON object");
    }
    return login;
  }

  private HttpAnswer judged(Verdict verdict, long mark) {
    return switch (verdict) {
      case Verdict.Accepted accepted -> {
        JsonValue clientData = accepted.clientData();
        yield ApiRoute.encoded(
            JsonObject.of("token", JsonString.of(tokens.issue(accepted, mark)))
                .with("clientData", clientData == null ? JsonNull.NULL : clientData));
      }
      case Verdict.Refused(JsonValue why) -> ApiRoute.unauthenticated(why, REFUSED);
      case Verdict.NotMine _ -> ApiRoute.unauthenticated(null, REFUSED);
      case Verdict.Later later -> ApiRoute.later(later);
    };
  }
}
