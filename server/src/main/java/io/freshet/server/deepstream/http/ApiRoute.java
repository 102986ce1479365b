// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.http;

import io.freshet.engine.guard.Principal;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.server.net.HttpAnswer;
import io.freshet.server.net.HttpCall;
import io.freshet.server.net.HttpRoute;
import io.freshet.server.session.Desk;
import io.freshet.server.session.HttpLogins;
import io.freshet.spi.Authenticator.Verdict;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// `POST /api`: batches of messages. `GET` is answered with a sentence, as in the original.
public final class ApiRoute implements HttpRoute {
  private static final String PATH = "/api";
  private static final HttpAnswer NO_GET =
      end(
          HttpAnswer.text(
              400, "Reading records via HTTP GET is not implemented; use a POST request instead."));
  private static final HttpAnswer NOT_JSON =
      end(
          HttpAnswer.text(
              415, "Invalid media type: the \"Content-Type\" header must be application/json."));

  private final ApiOptions options;
  private final Desk desk;
  private final HttpLogins logins;

  public ApiRoute(ApiOptions options, Desk desk, HttpLogins logins) {
    this.options = options;
    this.desk = desk;
    this.logins = logins;
  }

  @Override
  public Place place() {
    return new Place(PATH, true, Set.of("GET", "POST"), options.batchBytesMax());
  }

  @Override
  public @Nullable HttpAnswer refusal(HttpCall head) {
    return notJson(head);
  }

  static @Nullable HttpAnswer notJson(HttpCall head) {
    return head.method().equals("POST") && !head.isJson() ? NOT_JSON : null;
  }

  /// The original ends every answer this way.
  static HttpAnswer end(HttpAnswer answer) {
    return new HttpAnswer(
        answer.status(), answer.contentType(), answer.headers(), answer.body() + "\r\n\r\n");
  }

  static HttpAnswer refused(BadRequestException why) {
    return end(HttpAnswer.text(why.status(), why.text()));
  }

  @Override
  public CompletionStage<HttpAnswer> answer(HttpCall call) {
    return call.method().equals("POST")
        ? CompletableFuture.supplyAsync(() -> begin(call), desk.blocking())
            .thenCompose(Function.identity())
        : CompletableFuture.completedStage(NO_GET);
  }

  private CompletionStage<HttpAnswer> begin(HttpCall call) {
    ApiRequest request;
    try {
      request = ApiRequest.read(call.body(), options);
    } catch (BadRequestException e) {
      return CompletableFuture.completedStage(refused(e));
    }
    return logins
        .judge(call.headers(), call.peer(), PATH, request.login())
        .thenComposeAsync(verdict -> judged(request, verdict), desk.blocking());
  }

  private CompletionStage<HttpAnswer> judged(ApiRequest request, Verdict verdict) {
    return switch (verdict) {
      case Verdict.Accepted accepted -> run(request, accepted);
      case Verdict.Refused(JsonValue why) ->
          CompletableFuture.completedStage(
              unauthenticated(why, "Unsuccessful authentication attempt."));
      case Verdict.NotMine _ ->
          CompletableFuture.completedStage(
              unauthenticated(null, "Unsuccessful authentication attempt."));
      case Verdict.Later later -> CompletableFuture.completedStage(later(later));
    };
  }

  /// @param why the authenticator's words, if it has any
  static HttpAnswer unauthenticated(@Nullable JsonValue why, String otherwise) {
    return end(HttpAnswer.text(401, why instanceof JsonString text ? text.value() : otherwise));
  }

  /// Nobody could judge the login now.
  static HttpAnswer later(Verdict.Later later) {
    long seconds = later.retryAfter().plusMillis(999).toSeconds();
    String text =
        later.clientData() instanceof JsonObject why && why.get("error") instanceof JsonString error
            ? error.value()
            : "TRY_AGAIN";
    return end(HttpAnswer.text(429, text)).with("Retry-After", Long.toString(seconds));
  }

  private CompletionStage<HttpAnswer> run(ApiRequest request, Verdict.Accepted accepted) {
    List<ApiMessage> messages;
    try {
      messages = request.messages(options);
    } catch (BadRequestException e) {
      return CompletableFuture.completedStage(refused(e));
    }
    var principal = new Principal(accepted.userId(), accepted.serverData(), accepted.clientData());
    return new Batch(desk, options, principal, messages)
        .run()
        .thenApplyAsync(ApiRoute::encoded, desk.blocking());
  }

  static HttpAnswer encoded(JsonObject answer) {
    return end(HttpAnswer.ok("application/json", Json.text(answer)));
  }
}
