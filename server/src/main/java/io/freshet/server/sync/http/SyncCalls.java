// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync.http;

import io.freshet.engine.feed.Outcome;
import io.freshet.engine.guard.Principal;
import io.freshet.protocol.Document;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.server.net.HttpAnswer;
import io.freshet.server.net.HttpCall;
import io.freshet.server.session.Desk;
import io.freshet.server.session.HttpLogins;
import io.freshet.server.sync.Answering;
import io.freshet.server.sync.SyncAnswer;
import io.freshet.server.sync.SyncRequest;
import io.freshet.spi.Authenticator.Verdict;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/// What every call of the documents face goes through: who is it, what is wanted, what became of
/// it, and how that is told.
///
/// Threading: any thread; a call is read on its event loop.
final class SyncCalls {
  private static final String JSON = "application/json";
  private static final String DOOR = "/api/sync";

  private final SyncHttpOptions options;
  private final Desk desk;
  private final HttpLogins logins;
  private final Answering answering;

  SyncCalls(SyncHttpOptions options, Desk desk, HttpLogins logins, Answering answering) {
    this.options = options;
    this.desk = desk;
    this.logins = logins;
    this.answering = answering;
  }

  /// @param reader reads what is wanted, once the caller is known
  CompletionStage<HttpAnswer> answer(HttpCall call, Supplier<SyncRequest> reader) {
    return logins
        .judge(call.headers(), call.peer(), DOOR)
        .thenCompose(verdict ->
            switch (verdict) {
              case Verdict.Accepted accepted -> run(call, reader, accepted);
              case Verdict.Refused _ -> CompletableFuture.completedStage(unauthenticated());
              case Verdict.NotMine _ -> CompletableFuture.completedStage(unauthenticated());
              case Verdict.Later later -> CompletableFuture.completedStage(later(later));
            });
  }

  private HttpAnswer unauthenticated() {
    return refusal(
            SyncAnswer.refused(
                ErrorCode.UNAUTHENTICATED,
                "The login is missing or wrong; send a token as \"Authorization: Bearer\""))
        .with("WWW-Authenticate", "Bearer");
  }

  private HttpAnswer later(Verdict.Later later) {
    long seconds = later.retryAfter().plusMillis(999).toSeconds();
    return refusal(
            SyncAnswer.refused(
                ErrorCode.RATE_LIMITED, "The login cannot be judged now; try again later"))
        .with("Retry-After", Long.toString(seconds));
  }

  private CompletionStage<HttpAnswer> run(
      HttpCall call, Supplier<SyncRequest> reader, Verdict.Accepted accepted) {
    SyncRequest request;
    try {
      request = reader.get();
    } catch (FreshetException e) {
      return CompletableFuture.completedStage(refusal(SyncAnswer.refused(e)));
    }
    var principal = new Principal(accepted.userId(), accepted.serverData(), accepted.clientData());
    CompletionStage<Outcome> asked =
        isShort(request)
            ? desk.askShortly(principal, request::command)
            : desk.ask(principal, request::command);
    return asked
        .toCompletableFuture()
        .orTimeout(options.requestTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .handle((outcome, failure) ->
            failure == null ? told(call, request, outcome) : failed(request, failure));
  }

  /// Whether its answer is soon written: of one document, which is mostly small.
  private static boolean isShort(SyncRequest request) {
    return switch (request) {
      case SyncRequest.Revise _, SyncRequest.Get _ -> true;
      case SyncRequest.Listing _, SyncRequest.History _, SyncRequest.Batch _ -> false;
    };
  }

  private HttpAnswer told(HttpCall call, SyncRequest request, Outcome outcome) {
    SyncAnswer answer = answering.answer(request, outcome);
    if (answer.refusal() != null) {
      return refusal(answer);
    }
    Document document = answer.document();
    if (document == null) {
      return new HttpAnswer(answer.status(), JSON, Map.of(), answer.text(null));
    }
    String tag = Tags.of(document.revision());
    boolean known =
        request instanceof SyncRequest.Get
            && call.header("If-None-Match")
                .map(tags -> Tags.isKnown(tags, document.revision()))
                .orElse(false);
    if (known) {
      return new HttpAnswer(304, "", Map.of("ETag", tag), "");
    }
    Map<String, String> headers =
        answer.status() == 201
            ? Map.of("ETag", tag, "Location", location(document))
            : Map.of("ETag", tag);
    return new HttpAnswer(answer.status(), JSON, headers, answer.text(null));
  }

  private static String location(Document document) {
    return DOOR
        + "/"
        + encoded(document.key().collection())
        + "/documents/"
        + encoded(document.key().id());
  }

  private static String encoded(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /// Nobody knows what became of a write that was not answered.
  private HttpAnswer failed(SyncRequest request, Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (!(cause instanceof TimeoutException)) {
      throw new CompletionException(cause);
    }
    boolean write = request instanceof SyncRequest.Revise || request instanceof SyncRequest.Batch;
    return refusal(
        write
            ? SyncAnswer.refused(
                ErrorCode.NOT_DURABLE,
                "The write was not confirmed in time and may or may not be done; send it again"
                    + " with the same Idempotency-Key")
            : SyncAnswer.refused(
                ErrorCode.OVERLOADED, "The answer did not come in time; try again"));
  }

  /// What a call gets that was not done.
  HttpAnswer refusal(SyncAnswer answer) {
    return new HttpAnswer(answer.status(), JSON, Map.of(), answer.text(desk.nextId()));
  }
}
