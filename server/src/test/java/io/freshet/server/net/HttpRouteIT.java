// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.server.metrics.Metrics;
import io.freshet.testkit.Eventually;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Routes with methods, bodies and everything below their path, over real sockets.
class HttpRouteIT {
  private static final int BODY_MAX = 1000;
  private static final int DOCUMENT_MAX = 200_000;
  private static final int BATCH_MAX = 2_000_000;
  private static final String TOKEN = "a-token-of-some-length";
  private static final String JSON = "Content-Type: application/json";

  private final Metrics metrics = new Metrics();
  private final Echo echo = new Echo();
  private final Held held = new Held();
  private final Documents documents = new Documents("/documents", true, DOCUMENT_MAX);
  private final Documents batch = new Documents("/documents/batch", false, BATCH_MAX);
  private NetServer server;
  private InetSocketAddress address;

  /// Tells what it was called with.
  private static final class Echo implements HttpRoute {
    @Override
    public Place place() {
      return new Place("/things", true, Set.of("GET", "PUT", "POST"), BODY_MAX);
    }

    @Override
    public HttpAnswer refusal(HttpCall head) {
      return head.query().equals("refuse") ? HttpAnswer.text(402, "pay first") : null;
    }

    @Override
    public CompletionStage<HttpAnswer> answer(HttpCall call) {
      String body = new String(call.body(), StandardCharsets.UTF_8);
      return CompletableFuture.completedStage(
          HttpAnswer.ok(
              "text/plain",
              String.join(
                  "|",
                  call.method(),
                  call.rest(),
                  call.segments().toString(),
                  call.query(),
                  body.length() > 20 ? Integer.toString(body.length()) : body)));
    }
  }

  /// Takes what documents take, and answers with what it understood; the query tells how.
  private record Documents(String path, boolean below, int bodyMax) implements HttpRoute {
    @Override
    public Place place() {
      return new Place(path, below, Set.of("GET", "POST", "PUT", "PATCH", "DELETE"), bodyMax);
    }

    @Override
    public HttpAnswer refusal(HttpCall head) {
      return switch (head.parameter("refuse").orElse("")) {
        case "typed" -> throw new FreshetException(ErrorCode.INVALID_NAME, "no such service");
        case "bug" -> throw new IllegalStateException("thrown by refusal, on purpose: a secret");
        default -> null;
      };
    }

    @Override
    public CompletionStage<HttpAnswer> answer(HttpCall call) {
      return switch (call.parameter("answer").orElse("")) {
        case "204" -> CompletableFuture.completedStage(HttpAnswer.nothing().with("ETag", "\"1\""));
        case "304" ->
            CompletableFuture.completedStage(
                new HttpAnswer(304, "", Map.of("ETag", "\"2\""), "never sent"));
        case "201" ->
            CompletableFuture.completedStage(
                new HttpAnswer(201, "text/plain", Map.of("Location", "/documents/ä/b"), "made"));
        case "unsendable" ->
            CompletableFuture.completedStage(
                HttpAnswer.text(200, "x").with("Location", "/a\r\nSet-Cookie: evil=1"));
        case "typed" ->
            CompletableFuture.failedStage(
                new FreshetException(ErrorCode.NOT_FOUND, "no such document"));
        case "typed later" ->
            CompletableFuture.supplyAsync(() -> {
              throw new FreshetException(ErrorCode.NOT_FOUND, "no such document");
            });
        case "none" -> CompletableFuture.completedStage(null);
        default ->
            CompletableFuture.completedStage(
                HttpAnswer.ok(
                    "text/plain",
                    String.join(
                        "|",
                        path,
                        call.method(),
                        call.segments().toString(),
                        call.contentType(),
                        call.parameters().all("topic").toString(),
                        Integer.toString(call.body().length))));
      };
    }
  }

  /// Answers when the test says so.
  private static final class Held implements HttpRoute {
    final BlockingQueue<CompletableFuture<HttpAnswer>> calls = new LinkedBlockingQueue<>();

    @Override
    public Place place() {
      return new Place("/held", false, Set.of("GET"), BODY_MAX);
    }

    @Override
    public CompletionStage<HttpAnswer> answer(HttpCall call) {
      var answer = new CompletableFuture<HttpAnswer>();
      calls.add(answer);
      return answer;
    }
  }

  /// What exact routes and nested prefixes lead to.
  private static HttpRoute named(String path, boolean below, String name) {
    return new HttpRoute() {
      @Override
      public Place place() {
        return new Place(path, below, Set.of("GET"), BODY_MAX);
      }

      @Override
      public CompletionStage<HttpAnswer> answer(HttpCall call) {
        return CompletableFuture.completedStage(HttpAnswer.ok("text/plain", name));
      }
    };
  }

  @BeforeEach
  void start() {
    var limits =
        new SocketLimits(
            100_000, 65_536, 32_768, 1_000_000, 50, 20, 64L << 20, Duration.ofMillis(1500));
    var access = new AccessPolicy(Set.of(), false, Set.of("https://app.example"));
    server =
        NetServer.start(
            new NetOptions("127.0.0.1", 0, 1, access, limits),
            List.of(new EchoDoor()),
            List.of(),
            List.of(
                echo,
                held,
                named("/things/special", true, "special"),
                named("/exact", false, "exact"),
                documents,
                batch,
                new MetricsRoute(
                    metrics,
                    new AdminToken(Optional.of(TOKEN)),
                    Executors.newVirtualThreadPerTaskExecutor())),
            metrics);
    address = server.address();
  }

  @AfterEach
  void stop() {
    server.close(Duration.ofSeconds(1));
  }

  private RawClient.Answer send(String method, String target, String body, String... headers)
      throws IOException {
    try (var client = new RawClient(address)) {
      return send(client, method, target, body, headers);
    }
  }

  private static RawClient.Answer send(
      RawClient client, String method, String target, String body, String... headers)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    var all = new ArrayList<>(List.of(headers));
    all.add("Content-Length: " + bytes.length);
    client.sendRequest(method, target, all);
    client.raw(bytes);
    return client.readAnswer();
  }

  @ParameterizedTest
  @CsvSource({
    "/things, 'GET||[]||'",
    "/things?a=%20b, 'GET||[]|a=%20b|'",
    "/things/, 'GET||[]||'",
    "/things/a/b, 'GET|a/b|[a, b]||'",
    "/things/a%2Fb/c, 'GET|a/b/c|[a/b, c]||'",
    "/things/a+b%20%C3%A4, 'GET|a+b ä|[a+b ä]||'",
    "/things/specialist, 'GET|specialist|[specialist]||'",
    "/things/special, special",
    "/things/special/deeper/still, special",
    "/exact, exact"
  })
  void leadsToTheLongestPath(String target, String expected) throws IOException {
    assertEquals(expected, send("GET", target, "").body().replace("[]", "[]"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/thingsandmore", "/exact/below", "/exact/", "/%74hings", "/"})
  void leadsNowhereElse(String target) throws IOException {
    RawClient.Answer answer = send("GET", target, "");
    assertEquals(404, answer.status());
    assertTrue(answer.body().contains("\"code\":\"UNKNOWN_ROUTE\""), answer::body);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/things/%", "/things/%4", "/things/%zz", "/things/%ff", "/things/%C3"})
  void refusesPathsThatAreNotPercentEncodedUtf8(String target) throws IOException {
    RawClient.Answer answer = send("GET", target, "");
    assertEquals(400, answer.status());
    assertTrue(answer.body().contains("\"code\":\"INVALID_ARGUMENT\""), answer::body);
  }

  @Test
  void readsBodiesWholeOrInChunksOnOneConnection() throws IOException {
    try (var client = new RawClient(address)) {
      assertEquals("PUT|x|[x]||{\"a\":1}", send(client, "PUT", "/things/x", "{\"a\":1}").body());
      client.sendRequest("POST", "/things", List.of("Transfer-Encoding: chunked"));
      client.raw("3\r\nabc\r\n".getBytes(StandardCharsets.UTF_8));
      client.raw("2\r\nde\r\n0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      assertEquals("POST||[]||abcde", client.readAnswer().body());
      String largest = "x".repeat(BODY_MAX);
      assertEquals("POST||[]||" + BODY_MAX, send(client, "POST", "/things", largest).body());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE"})
  void takesBodiesWithEveryMethodThatChangesSomething(String method) throws IOException {
    String body = "x".repeat(DOCUMENT_MAX);
    try (var client = new RawClient(address)) {
      assertEquals(
          "/documents|" + method + "|[a b, batch]|application/merge-patch+json|[x, y]|200000",
          send(
                  client,
                  method,
                  "/documents/a%20b/batch?topic=x&topic=y",
                  body,
                  "Content-Type: Application/Merge-Patch+JSON ; charset=utf-8")
              .body());
      assertEquals(
          "/documents/batch|" + method + "|[]||[]|200001",
          send(client, method, "/documents/batch", body + "x").body());
      assertEquals(413, send(client, method, "/documents/batches", body + "x").status());
    }
    assertEquals(413, send(method, "/documents/batch/x", body + "x").status());
    assertEquals(413, send(method, "/documents/batch", "x".repeat(BATCH_MAX + 1)).status());
  }

  @ParameterizedTest
  @CsvSource({
    "204, 204, '\"1\"', '', ''",
    "304, 304, '\"2\"', '', ''",
    "201, 201, '', 4, made",
    "typed, 404, '', 82, ''",
    "typed+later, 404, '', 82, ''",
  })
  void answersWithEveryKindOfStatus(
      String asked, int status, String etag, String length, String body) throws IOException {
    try (var client = new RawClient(address)) {
      for (String method : List.of("GET", "HEAD", "PUT")) {
        client.sendRequest(
            method, "/documents?answer=" + asked, List.of("Origin: https://app.example"));
        RawClient.Answer answer =
            method.equals("HEAD") ? client.readHeaders() : client.readAnswer();
        assertEquals(status, answer.status());
        assertEquals(etag, answer.header("etag"));
        assertEquals(length, answer.header("content-length"));
        assertEquals("ETag, Location, Retry-After", answer.header("access-control-expose-headers"));
        if (!body.isEmpty()) {
          assertEquals(method.equals("HEAD") ? "" : body, answer.body());
        }
      }
      assertEquals("exact", send(client, "GET", "/exact", "").body());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "refuse=typed, 400, INVALID_NAME",
    "refuse=bug, 500, INTERNAL",
    "answer=unsendable, 500, INTERNAL",
    "answer=none, 500, INTERNAL",
    "answer=%zz, 400, INVALID_ARGUMENT",
    "answer=%ff, 400, INVALID_ARGUMENT",
    "answer=1&answer=2, 400, INVALID_ARGUMENT",
    "=1, 400, INVALID_ARGUMENT",
  })
  void answersWhateverARouteCannotWorkWith(String query, int status, String code)
      throws IOException {
    try (var client = new RawClient(address)) {
      for (int i = 0; i < 2; i++) {
        RawClient.Answer answer = send(client, "PUT", "/documents/a?" + query, "{}");
        assertEquals(status, answer.status());
        assertTrue(answer.body().contains("\"code\":\"" + code + "\""), answer::body);
        assertFalse(answer.body().contains("secret"), answer::body);
        assertEquals("", answer.header("set-cookie"));
      }
    }
  }

  @Test
  void answersHeadWithoutABody() throws IOException {
    try (var client = new RawClient(address)) {
      client.sendRequest("HEAD", "/exact", List.of());
      client.sendRequest("GET", "/exact", List.of("Connection: close"));
      // Pipelined: the first answer is the last. Had it a body, the length would not be exact's.
      client.raw(new byte[0]);
      String status = client.readHead();
      assertTrue(status.startsWith("HTTP/1.1 200"), status);
      client.awaitEnd();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void refusesBodiesThatAreTooLarge(boolean chunked) throws IOException {
    try (var client = new RawClient(address)) {
      String body = "x".repeat(500_000);
      client.sendRequest(
          "POST",
          "/things",
          List.of(chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + body.length()));
      // All of it is sent before the answer is read: the answer must survive that.
      client.raw((chunked ? "7a120\r\n" : "").getBytes(StandardCharsets.UTF_8));
      client.raw(body.getBytes(StandardCharsets.UTF_8));
      client.raw((chunked ? "\r\n0\r\n\r\n" : "").getBytes(StandardCharsets.UTF_8));
      RawClient.Answer answer = client.readAnswer();
      assertEquals(413, answer.status());
      assertEquals("application/json", answer.header("content-type"));
      assertTrue(answer.body().contains("\"code\":\"PAYLOAD_TOO_LARGE\""), answer::body);
      assertEquals("close", answer.header("connection"));
      client.awaitEnd();
    }
  }

  @Test
  void tellsThoseWhoAskFirstWhetherToSendTheirBody() throws IOException {
    try (var client = new RawClient(address)) {
      client.sendRequest("POST", "/things", List.of("Expect: 100-continue", "Content-Length: 2"));
      assertTrue(client.readHead().startsWith("HTTP/1.1 100"));
      client.raw("ok".getBytes(StandardCharsets.UTF_8));
      assertEquals("POST||[]||ok", client.readAnswer().body());
      client.sendRequest(
          "POST", "/things", List.of("Expect: 100-continue", "Content-Length: 2000"));
      assertEquals(413, client.readAnswer().status());
    }
    try (var client = new RawClient(address)) {
      client.sendRequest(
          "POST", "/things?refuse", List.of("Expect: 100-continue", "Content-Length: 2"));
      assertEquals(402, client.readAnswer().status());
    }
  }

  @Test
  void refusesByTheHeadAndKeepsTheConnectionWhenTheBodyIsSmall() throws IOException {
    try (var client = new RawClient(address)) {
      assertEquals("pay first", send(client, "POST", "/things?refuse", "ignored").body());
      assertEquals(404, send(client, "POST", "/nowhere", "ignored").status());
      RawClient.Answer answer = send(client, "DELETE", "/things", "ignored");
      assertEquals(405, answer.status());
      assertEquals("GET, HEAD, POST, PUT", answer.header("allow"));
      assertEquals("exact", send(client, "GET", "/exact", "").body());
    }
  }

  @Test
  void takesOneRequestAtATime() throws Exception {
    try (var client = new RawClient(address)) {
      client.sendRequest("GET", "/held", List.of());
      CompletableFuture<HttpAnswer> answer = held.calls.poll(10, TimeUnit.SECONDS);
      client.sendRequest("POST", "/things", List.of("Content-Length: 2"));
      client.raw("ab".getBytes(StandardCharsets.UTF_8));
      // The time-out for requests does not count while the server is the one to be waited for.
      assertFalse(client.ends(Duration.ofMillis(2500)));
      answer.complete(HttpAnswer.ok("text/plain", "late"));
      RawClient.Answer first = client.readAnswer();
      assertEquals("late", first.body());
      assertEquals("close", first.header("connection"));
      client.awaitEnd();
    }
  }

  @Test
  void dropsHoweverManyRequestsComeBeforeAnAnswer() throws Exception {
    try (var client = new RawClient(address)) {
      client.sendRequest("GET", "/held", List.of());
      CompletableFuture<HttpAnswer> answer = held.calls.poll(10, TimeUnit.SECONDS);
      client.raw(
          "GET /held HTTP/1.1\r\nHost: localhost\r\n\r\n"
              .repeat(2_000)
              .getBytes(StandardCharsets.UTF_8));
      // Those that arrive behind an answer are taken one at a time, until one arrives before it.
      RawClient.Answer last = late(client, answer);
      int taken = 1;
      while (!last.header("connection").equals("close")) {
        last = late(client, held.calls.poll(10, TimeUnit.SECONDS));
        taken++;
      }
      client.awaitEnd();
      assertTrue(taken < 2_000, "none was dropped");
      assertTrue(held.calls.isEmpty());
    }
  }

  private static RawClient.Answer late(RawClient client, CompletableFuture<HttpAnswer> call)
      throws Exception {
    call.complete(HttpAnswer.ok("text/plain", "late"));
    RawClient.Answer answer = client.readAnswer();
    assertEquals("late", answer.body());
    return answer;
  }

  @Test
  void cutsThoseWhoNeverFinishTheirBody() throws IOException {
    try (var client = new RawClient(address)) {
      client.sendRequest("POST", "/things", List.of("Content-Length: 10"));
      client.raw("half".getBytes(StandardCharsets.UTF_8));
      client.awaitEnd();
    }
    // The peer may learn of the end before the server has put everything away.
    Eventually.holds(() -> metrics.scrape().contains("freshet_http_body_bytes 0.0"));
  }

  @Test
  void refusesBrokenChunks() throws IOException {
    try (var client = new RawClient(address)) {
      client.sendRequest("POST", "/things", List.of("Transfer-Encoding: chunked"));
      client.raw("zz\r\nabc\r\n".getBytes(StandardCharsets.UTF_8));
      assertEquals(400, client.readAnswer().status());
      client.awaitEnd();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://app.example", "http://localhost:3000", "http://127.0.0.1:1"})
  void lets(String origin) throws IOException {
    RawClient.Answer answer = send("GET", "/exact", "", "Origin: " + origin);
    assertEquals(200, answer.status());
    assertEquals(origin, answer.header("access-control-allow-origin"));
    assertEquals("true", answer.header("access-control-allow-credentials"));
    assertEquals("origin", answer.header("vary").toLowerCase());
    assertEquals("", send("GET", "/exact", "").header("access-control-allow-origin"));
  }

  @Test
  void answersPreflights() throws IOException {
    Map<String, Integer> statusByRequest =
        Map.of(
            "POST|content-type, X-Requested-With", 204,
            "PUT|Authorization", 204,
            "DELETE|Content-Type", 403,
            "POST|X-Evil", 403,
            "POST|", 204,
            "|Content-Type", 400,
            "POST", 400);
    for (Map.Entry<String, Integer> each : statusByRequest.entrySet()) {
      String[] parts = each.getKey().split("\\|", -1);
      var headers = new ArrayList<>(List.of("Origin: https://app.example"));
      if (!parts[0].isEmpty()) {
        headers.add("Access-Control-Request-Method: " + parts[0]);
      }
      if (parts.length > 1) {
        headers.add("Access-Control-Request-Headers: " + parts[1]);
      }
      RawClient.Answer answer = send("OPTIONS", "/things", "", headers.toArray(String[]::new));
      assertEquals(each.getValue(), answer.status(), each.getKey());
      assertEquals("https://app.example", answer.header("access-control-allow-origin"));
      if (answer.status() == 204) {
        assertEquals(
            "GET, HEAD, POST, PUT, OPTIONS", answer.header("access-control-allow-methods"));
        assertTrue(answer.header("access-control-allow-headers").contains("Content-Type"));
        assertEquals("", answer.header("content-type"));
      }
    }
    RawClient.Answer foreign =
        send(
            "OPTIONS",
            "/things",
            "",
            "Origin: https://evil.example",
            "Access-Control-Request-Method: POST",
            "Access-Control-Request-Headers: Content-Type");
    assertEquals(403, foreign.status());
    assertEquals("", foreign.header("access-control-allow-origin"));
  }

  /// What browsers ask before a page of another origin works on documents. Without a header to ask
  /// for they name none.
  @ParameterizedTest
  @CsvSource({
    "PUT, 'authorization,content-type,if-match,idempotency-key', 204",
    "PATCH, 'content-type', 204",
    "GET, 'if-none-match, last-event-id', 204",
    "DELETE, , 204",
    "PATCH, , 204",
    "PURGE, , 403",
    "PUT, x-evil, 403",
    "GET, , 400",
  })
  void answersPreflightsOfDocuments(String method, String headers, int status) throws IOException {
    var asked = new ArrayList<>(List.of("Origin: https://app.example"));
    asked.add("Access-Control-Request-Method: " + method);
    if (headers != null) {
      asked.add("Access-Control-Request-Headers: " + headers);
    }
    RawClient.Answer answer = send("OPTIONS", "/documents/a", "", asked.toArray(String[]::new));
    assertEquals(status, answer.status());
    assertEquals("https://app.example", answer.header("access-control-allow-origin"));
    if (status == 204) {
      assertEquals(
          "DELETE, GET, HEAD, PATCH, POST, PUT, OPTIONS",
          answer.header("access-control-allow-methods"));
    }
  }

  @Test
  void aRouteThatFailsIsAnErrorWithoutDetails() throws Exception {
    try (var client = new RawClient(address)) {
      client.sendRequest("GET", "/held", List.of());
      CompletableFuture<HttpAnswer> answer = held.calls.poll(10, TimeUnit.SECONDS);
      answer.completeExceptionally(new IllegalStateException("a secret"));
      RawClient.Answer failure = client.readAnswer();
      assertEquals(500, failure.status());
      assertTrue(failure.body().contains("\"code\":\"INTERNAL\""), failure::body);
      assertFalse(failure.body().contains("secret"), failure::body);
    }
  }

  @Test
  void showsMetricsToThisMachineWithoutAToken() throws IOException {
    assertEquals(200, send("GET", "/metrics", "").status());
    assertEquals(200, send("GET", "/metrics", "", JSON).status());
  }
}
