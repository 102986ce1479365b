// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.spi.Authenticator;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks a web service of the operator's who somebody is, with the question and the answer of
/// deepstream's `http` authentication: POST of `{connectionData, authData}`; a permitted status
/// says yes, and the body may hold the user's id and data.
///
/// When the service does not answer, or with one of the retry statuses, it is asked again a few
/// times; then nobody has judged the login, and the client may try again.
///
/// Redirects are not followed: login data goes to the configured address only.
///
/// Threading: any thread; asking runs on the threads given, whose number bounds how many questions
/// are under way at once.
public final class HttpAuthenticator implements Authenticator {
  private static final Logger log = LoggerFactory.getLogger(HttpAuthenticator.class);
  private static final int ANSWER_BYTES_MAX = 1 << 20;
  private static final int FIRST_SERVER_ERROR = 500;
  private static final Verdict EXHAUSTED =
      new Verdict.Later(
          JsonObject.of("error", JsonString.of("AUTH_RETRY_ATTEMPTS_EXCEEDED")),
          Duration.ofSeconds(5));

  private final Options options;
  private final HttpClient client;
  private final BoundedWork work;
  private final Pause pause;

  /// @param permittedStatusCodes that say yes
  /// @param requestTimeout for the whole answer
  /// @param retryStatusCodes after which the service is asked again
  /// @param retryAttempts how many times at most it is asked again
  /// @param promoteToHeader members of the login data that are sent as request headers too
  /// @param reportInvalidParameters a "no" is final and its body goes to the client; otherwise the
  ///   next authenticator is asked
  public record Options(
      URI url,
      Set<Integer> permittedStatusCodes,
      Duration requestTimeout,
      Set<Integer> retryStatusCodes,
      int retryAttempts,
      Duration retryInterval,
      List<String> promoteToHeader,
      boolean reportInvalidParameters) {
    public Options {
      permittedStatusCodes = Set.copyOf(permittedStatusCodes);
      retryStatusCodes = Set.copyOf(retryStatusCodes);
      promoteToHeader = List.copyOf(promoteToHeader);
    }
  }

  /// Lets time pass; a thread may be held for it.
  @FunctionalInterface
  public interface Pause {
    void pass(Duration time) throws InterruptedException;
  }

  /// @param client must not follow redirects
  /// @throws IdentityException if a member to promote is no possible header name
  public HttpAuthenticator(Options options, HttpClient client, BoundedWork work, Pause pause) {
    if (client.followRedirects() != HttpClient.Redirect.NEVER) {
      throw new IllegalArgumentException("the client must not follow redirects");
    }
    this.options = options;
    this.client = client;
    this.work = work;
    this.pause = pause;
    options.promoteToHeader().forEach(this::checkHeader);
  }

  private void checkHeader(String name) {
    try {
      var _ = HttpRequest.newBuilder(options.url()).header(name, "x");
    } catch (IllegalArgumentException e) {
      throw new IdentityException("promoteToHeader: %s cannot be a header".formatted(name), e);
    }
  }

  @Override
  public CompletionStage<Verdict> authenticate(Attempt attempt) {
    return work.judge(() -> judge(attempt));
  }

  private Verdict judge(Attempt attempt) {
    HttpRequest request = request(attempt);
    try {
      for (int tries = 0; tries <= options.retryAttempts(); tries++) {
        if (tries > 0) {
          pause.pass(options.retryInterval());
        }
        Optional<HttpResponse<byte[]>> answer = ask(request);
        if (answer.isPresent() && !isRetry(answer.get().statusCode())) {
          return verdict(answer.get());
        }
      }
      log.warn("{} gave no answer after {} retries", options.url(), options.retryAttempts());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return EXHAUSTED;
  }

  private boolean isRetry(int status) {
    return options.retryStatusCodes().contains(status);
  }

  private HttpRequest request(Attempt attempt) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(options.url())
            .timeout(options.requestTimeout())
            .header("Content-Type", "application/json")
            .header("Accept", "application/json, text/plain");
    for (String name : options.promoteToHeader()) {
      if (attempt.data().get(name) instanceof JsonString value && isHeaderValue(value.value())) {
        request.header(name, value.value());
      }
    }
    return request
        .POST(HttpRequest.BodyPublishers.ofByteArray(Json.encode(question(attempt))))
        .build();
  }

  private static boolean isHeaderValue(String text) {
    return text.chars().allMatch(c -> c >= ' ' && c < 0x7F);
  }

  private static JsonObject question(Attempt attempt) {
    JsonObject headers = JsonObject.empty();
    for (Map.Entry<String, String> header : attempt.headers().entrySet()) {
      headers = headers.with(header.getKey(), JsonString.of(header.getValue()));
    }
    JsonObject connection =
        JsonObject.of("headers", headers)
            .with("remoteAddress", JsonString.of(attempt.remoteAddress()));
    String referer = attempt.headers().get("referer");
    if (referer != null) {
      connection = connection.with("referer", JsonString.of(referer));
    }
    return JsonObject.of("connectionData", connection).with("authData", attempt.data());
  }

  /// Empty if there was no answer in time.
  private Optional<HttpResponse<byte[]>> ask(HttpRequest request) throws InterruptedException {
    var response =
        client.sendAsync(
            request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), ANSWER_BYTES_MAX));
    try {
      return Optional.of(response.get(options.requestTimeout().toMillis(), TimeUnit.MILLISECONDS));
    } catch (ExecutionException e) {
      log.warn("cannot ask {}: {}", options.url(), String.valueOf(e.getCause()));
    } catch (TimeoutException e) {
      log.warn("{} did not answer within {}", options.url(), options.requestTimeout());
    } finally {
      response.cancel(true);
    }
    return Optional.empty();
  }

  private Verdict verdict(HttpResponse<byte[]> answer) {
    if (options.permittedStatusCodes().contains(answer.statusCode())) {
      return WebhookAnswer.accepted(answer.body());
    }
    if (answer.statusCode() >= FIRST_SERVER_ERROR) {
      log.warn("{} answered with status {}", options.url(), answer.statusCode());
    }
    return options.reportInvalidParameters()
        ? WebhookAnswer.refused(answer.body())
        : Verdict.NotMine.NOT_MINE;
  }
}
