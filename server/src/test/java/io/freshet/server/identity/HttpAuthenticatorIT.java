// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import static io.freshet.server.identity.Logins.login;
import static io.freshet.server.identity.Logins.object;
import static io.freshet.server.identity.Logins.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.spi.Authenticator.Attempt;
import io.freshet.spi.Authenticator.Verdict;
import io.freshet.testkit.Eventually;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Against a real web service on this machine.
class HttpAuthenticatorIT {
  private static final Duration INTERVAL = Duration.ofMillis(250);

  private record Answer(int status, String body) {}

  private record Question(JsonValue body, Headers headers) {}

  private final HttpClient client = HttpClient.newHttpClient();
  private final BoundedWork work = BoundedWork.waiting(2, 2);
  private final ExecutorService serving = Executors.newCachedThreadPool();
  private final List<Question> questions = new CopyOnWriteArrayList<>();
  private final List<Duration> pauses = new CopyOnWriteArrayList<>();
  private final LinkedBlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
  private final AtomicInteger elsewhere = new AtomicInteger();
  private HttpServer service;

  @BeforeEach
  void serve() throws IOException {
    service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    service.setExecutor(serving);
    service.createContext("/auth", this::answer);
    service.createContext(
        "/elsewhere",
        exchange -> {
          elsewhere.incrementAndGet();
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    service.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    questions.add(new Question(Json.parse(body), exchange.getRequestHeaders()));
    try {
      Answer answer = answers.take();
      byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().add("Location", "/elsewhere");
      exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      exchange.close();
    }
  }

  @AfterEach
  void stop() {
    serving.shutdownNow();
    service.stop(0);
    client.close();
    work.close();
  }

  private HttpAuthenticator open(Duration timeout, boolean report, List<String> promoted) {
    URI url = URI.create("http://127.0.0.1:%d/auth".formatted(service.getAddress().getPort()));
    var options =
        new HttpAuthenticator.Options(
            url, Set.of(200, 202), timeout, Set.of(404, 504), 2, INTERVAL, promoted, report);
    return new HttpAuthenticator(options, client, work, pauses::add);
  }

  private HttpAuthenticator open() {
    return open(Duration.ofSeconds(20), true, List.of());
  }

  @Test
  void asksAsDeepstreamDoes() {
    answers.add(new Answer(200, ""));
    var headers = Map.of("cookie", "session=7", "referer", "https://app.example/x");
    var attempt = new Attempt(object("{\"a\":[1,{}]}"), headers, "198.51.100.7", "/deepstream");
    assertEquals(
        new Verdict.Accepted("OPEN", JsonObject.empty(), null, null, null), login(open(), attempt));
    assertEquals(
        object(
            """
            {"connectionData":
               {"headers":{"cookie":"session=7","referer":"https://app.example/x"},
                "referer":"https://app.example/x","remoteAddress":"198.51.100.7"},
             "authData":{"a":[1,{}]}}\
            """),
        questions.getFirst().body());
    assertEquals("application/json", questions.getFirst().headers().getFirst("Content-Type"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "ann | ann | {} | null",
        "\"ann\" | ann | {} | null",
        "{\"id\":\"ann\"} | ann | {} | null",
        "{\"id\":7} | 7 | {} | null",
        "{\"id\":\"\"} | OPEN | {} | null",
        "{} | OPEN | {} | null",
        "null | OPEN | {} | null",
        "{\"id\":\"ann\",\"serverData\":{\"r\":1},\"clientData\":{\"t\":2}} | ann | {\"r\":1} |"
            + " {\"t\":2}",
        "{\"id\":\"ann\",\"serverData\":7,\"clientData\":\"x\"} | ann | {} | \"x\"",
      })
  void readsTheAnswerOfAYes(String body, String id, String serverData, String clientData) {
    answers.add(new Answer(202, body));
    JsonValue client = Json.parse(clientData);
    var expected =
        new Verdict.Accepted(
            id, object(serverData), clientData.equals("null") ? null : client, null, null);
    assertEquals(expected, login(open(), "{}"));
  }

  @Test
  void takesATokenAndAnEnd() {
    answers.add(new Answer(200, "{\"id\":\"ann\",\"token\":\"t\",\"expiresAt\":1700000000000}"));
    var expected =
        new Verdict.Accepted(
            "ann", JsonObject.empty(), null, "t", Instant.ofEpochMilli(1700000000000L));
    assertEquals(expected, login(open(), "{}"));
    answers.add(new Answer(200, "{\"id\":\"ann\",\"expiresAt\":\"tomorrow\"}"));
    assertEquals(new Verdict.Refused(null), login(open(), "{}"));
    answers.add(new Answer(200, "[1]"));
    assertEquals(new Verdict.Refused(null), login(open(), "{}"));
  }

  @Test
  void handsTheReasonOfANoToTheClient() {
    answers.add(new Answer(401, "who are you?"));
    assertEquals(refused("{\"error\":\"who are you?\"}"), login(open(), "{}"));
    answers.add(new Answer(403, "{\"code\":7}"));
    assertEquals(refused("{\"code\":7}"), login(open(), "{}"));
    answers.add(new Answer(500, ""));
    assertEquals(new Verdict.Refused(null), login(open(), "{}"));
    answers.add(new Answer(401, "no"));
    assertEquals(
        Verdict.NotMine.NOT_MINE, login(open(Duration.ofSeconds(20), false, List.of()), "{}"));
    assertEquals(List.of(), pauses);
  }

  @Test
  void asksAgainAfterCertainStatuses() {
    answers.add(new Answer(504, ""));
    answers.add(new Answer(404, ""));
    answers.add(new Answer(200, "ann"));
    assertEquals("ann", Logins.accepted(login(open(), "{}")).userId());
    assertEquals(List.of(INTERVAL, INTERVAL), pauses);
    assertEquals(questions.get(0).body(), questions.get(2).body());
  }

  private static void assertExhausted(Verdict verdict) {
    var later = assertInstanceOf(Verdict.Later.class, verdict);
    assertEquals(object("{\"error\":\"AUTH_RETRY_ATTEMPTS_EXCEEDED\"}"), later.clientData());
  }

  @Test
  void givesUpAfterSomeRetries() {
    for (int i = 0; i < 3; i++) {
      answers.add(new Answer(504, ""));
    }
    assertExhausted(login(open(), "{}"));
    assertEquals(3, questions.size());
  }

  @Test
  void aServiceThatDoesNotAnswerCountsAsOneThatFailed() {
    assertExhausted(login(open(Duration.ofMillis(50), true, List.of()), "{}"));
    Eventually.holds(() -> questions.size() == 3);
    HttpAuthenticator unreachable = open();
    service.stop(0);
    assertExhausted(login(unreachable, "{}"));
    assertEquals(4, pauses.size());
  }

  @Test
  void neverFollowsARedirect() {
    for (int status : new int[] {301, 302, 307, 308}) {
      answers.add(new Answer(status, "moved"));
      assertEquals(refused("{\"error\":\"moved\"}"), login(open(), "{}"));
    }
    assertEquals(0, elsewhere.get());
    try (HttpClient follower =
        HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build()) {
      var options =
          new HttpAuthenticator.Options(
              URI.create("http://127.0.0.1:1/"),
              Set.of(200),
              INTERVAL,
              Set.of(),
              0,
              INTERVAL,
              List.of(),
              true);
      assertThrows(
          IllegalArgumentException.class,
          () -> new HttpAuthenticator(options, follower, work, pauses::add));
    }
  }

  @Test
  void promotesLoginDataToHeaders() {
    answers.add(new Answer(200, "ann"));
    String data = "{\"token\":\"abc\",\"x-n\":7,\"x-evil\":\"a\\r\\nHost: b\"}";
    login(open(Duration.ofSeconds(20), true, List.of("token", "x-n", "x-evil", "x-none")), data);
    Headers headers = questions.getFirst().headers();
    assertEquals("abc", headers.getFirst("token"));
    for (String absent : List.of("x-n", "x-evil", "x-none")) {
      assertNull(headers.getFirst(absent), absent);
    }
    assertThrows(IdentityException.class, () -> open(Duration.ofSeconds(1), true, List.of("Host")));
  }

  @Test
  void asksABoundedNumberOfQuestionsAtOnce() {
    var users = open();
    var logins = new ArrayList<CompletableFuture<Verdict>>();
    for (int i = 0; i < 4; i++) {
      logins.add(
          users.authenticate(new Attempt(JsonObject.empty(), "192.0.2.1")).toCompletableFuture());
    }
    Eventually.holds(() -> questions.size() == 2 && work.waiting() == 2);
    assertInstanceOf(Verdict.Later.class, login(users, "{}"));
    for (int i = 0; i < 4; i++) {
      answers.add(new Answer(200, "ann"));
    }
    logins.forEach(login -> assertEquals("ann", Logins.accepted(login.join()).userId()));
    assertEquals(4, questions.size());
  }

  @Test
  void refusesAnAnswerWithoutEnd() {
    for (int i = 0; i < 3; i++) {
      answers.add(new Answer(200, "x".repeat((1 << 20) + 1)));
    }
    assertExhausted(login(open(), "{}"));
  }
}
