// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.server.metrics.Metrics;
import io.freshet.testkit.Eventually;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Answers that go on, over real sockets.
class StreamDoorIT {
  private static final String PATH = "/things/events";
  private static final int REQUESTS_MAX = 20;

  private final Metrics metrics = new Metrics();
  private final EventsDoor door = new EventsDoor();
  private NetServer server;
  private InetSocketAddress address;

  @BeforeEach
  void start() {
    var limits =
        new SocketLimits(
            100_000,
            65_536,
            32_768,
            1_000_000,
            50,
            REQUESTS_MAX,
            64L << 20,
            Duration.ofMillis(1500));
    var access = new AccessPolicy(Set.of(), false, Set.of("https://app.example"));
    server =
        NetServer.start(
            new NetOptions("127.0.0.1", 0, 1, access, limits),
            List.of(),
            List.of(door),
            List.of(new HealthRoute(() -> io.freshet.spi.Health.Healthy.HEALTHY)),
            metrics);
    address = server.address();
  }

  @AfterEach
  void stop() {
    server.close(Duration.ofSeconds(1));
    assertEquals(0, door.misplacedCalls.get(), "calls after onClosed or off the event loop");
  }

  private Connection opened() throws InterruptedException {
    Connection connection = door.opened.poll(10, TimeUnit.SECONDS);
    assertNotNull(connection);
    return connection;
  }

  private void awaitMetric(String line) {
    Eventually.holds(() -> metrics.scrape().contains(line));
  }

  @Test
  void sendsWhatTheGatewaySendsAsChunksUntilItCloses() throws Exception {
    try (var client = new RawClient(address)) {
      client.sendRequest("GET", PATH, List.of());
      RawClient.Answer head = client.readHeaders();
      assertEquals(200, head.status());
      assertEquals("text/event-stream", head.header("content-type"));
      assertEquals("no-store", head.header("cache-control"));
      assertEquals("no", head.header("x-accel-buffering"));
      assertEquals("nosniff", head.header("x-content-type-options"));
      assertEquals("chunked", head.header("transfer-encoding"));
      assertEquals("close", head.header("connection"));
      assertEquals("", head.header("content-length"));
      Connection connection = opened();
      EventsDoor.send(connection, "data: ä\n\n");
      assertEquals("data: ä\n\n", client.readChunk());
      EventsDoor.send(connection, ""); // an empty chunk would be the last
      EventsDoor.send(connection, "data: " + "x".repeat(70_000) + "\n\n");
      assertEquals(70_008, client.readChunk().length());
      awaitMetric("freshet_connections{door=\"" + PATH + "\"} 1.0");
      awaitMetric("freshet_messages_sent_total{door=\"" + PATH + "\"} 2.0");
      connection.close(1012, "restart");
      assertEquals("", client.readChunk());
      client.awaitEnd();
      assertEquals(connection.id(), door.closed.poll(10, TimeUnit.SECONDS));
      assertFalse(connection.isOpen());
    }
    awaitMetric("freshet_connections{door=\"" + PATH + "\"} 0.0");
  }

  @Test
  void streamsWithoutChunksToThoseWhoDoNotKnowThem() throws Exception {
    try (var client = new RawClient(address)) {
      client.raw(
          ("GET " + PATH + " HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      RawClient.Answer head = client.readHeaders();
      assertEquals(200, head.status());
      assertEquals("", head.header("transfer-encoding"));
      assertEquals("close", head.header("connection"));
      Connection connection = opened();
      EventsDoor.send(connection, "data: 1\n\n");
      EventsDoor.send(connection, "data: 2\n\n");
      connection.close();
      assertEquals("data: 1\n\ndata: 2\n\n", client.readToEnd());
    }
  }

  @Test
  void isReadByTheJdksOwnClient() throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      URI url = URI.create("http://127.0.0.1:" + address.getPort() + PATH);
      HttpResponse<Stream<String>> answer =
          http.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofLines());
      assertEquals(200, answer.statusCode());
      Connection connection = opened();
      EventsDoor.send(connection, "data: 1\n\ndata: 2\n\n");
      EventsDoor.send(connection, "data: 3\n\n");
      connection.close();
      assertEquals(
          List.of("data: 1", "data: 2", "data: 3"),
          answer.body().filter(line -> !line.isEmpty()).toList());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "refuse, 401, UNAUTHENTICATED",
    "bad, 400, INVALID_ARGUMENT",
    "throw, 500, INTERNAL",
    "pay, 402, ''"
  })
  void answersThoseItRefusesAndKeepsTheirConnection(String query, int status, String code)
      throws Exception {
    try (var client = new RawClient(address)) {
      RawClient.Answer answer = client.request("GET", PATH + "?" + query);
      assertEquals(status, answer.status());
      assertTrue(answer.body().contains(code), answer::body);
      assertFalse(answer.body().contains("secret"), answer::body);
      assertEquals(status == 401 ? "Bearer" : "", answer.header("www-authenticate"));
      assertEquals(200, client.request("GET", "/health-check").status());
      client.sendRequest("GET", PATH, List.of());
      assertEquals(200, client.readHeaders().status());
      EventsDoor.send(opened(), "data: 1\n\n");
      assertEquals("data: 1\n\n", client.readChunk());
    }
  }

  @Test
  void waitsForTheDecision() throws Exception {
    try (var refused = new RawClient(address);
        var accepted = new RawClient(address)) {
      refused.sendRequest("GET", PATH + "?later", List.of());
      CompletableFuture<StreamDoor.Opening> first = door.later.poll(10, TimeUnit.SECONDS);
      accepted.sendRequest("GET", PATH + "?later", List.of());
      CompletableFuture<StreamDoor.Opening> second = door.later.poll(10, TimeUnit.SECONDS);
      first.complete(new StreamDoor.Opening.Refused(HttpAnswer.text(403, "no")));
      second.complete(door.accepted());
      assertEquals("no", refused.readAnswer().body());
      assertEquals(200, accepted.readHeaders().status());
      EventsDoor.send(opened(), "data: 1\n\n");
      assertEquals("data: 1\n\n", accepted.readChunk());
    }
  }

  @Test
  void beginsNothingForAClientThatIsGoneByThen() throws Exception {
    CompletableFuture<StreamDoor.Opening> opening;
    try (var client = new RawClient(address)) {
      client.sendRequest("GET", PATH + "?later", List.of());
      opening = door.later.poll(10, TimeUnit.SECONDS);
    }
    awaitMetric("freshet_http_connections 0.0");
    opening.complete(door.accepted());
    try (var next = new RawClient(address)) {
      next.sendRequest("GET", PATH, List.of());
      assertEquals(200, next.readHeaders().status());
      assertNotNull(opened());
    }
    assertTrue(door.opened.isEmpty());
    awaitMetric("freshet_http_connections 0.0");
    awaitMetric("freshet_connections{door=\"" + PATH + "\"} 0.0");
  }

  @Test
  void tellsTheGatewayOnceWhenTheClientVanishes() throws Exception {
    try (var client = new RawClient(address)) {
      client.sendRequest("GET", PATH, List.of());
      assertEquals(200, client.readHeaders().status());
    }
    assertNotNull(door.closed.poll(10, TimeUnit.SECONDS));
    assertTrue(door.closed.isEmpty());
  }

  @Test
  void ticksForHeartbeats() throws Exception {
    try (var client = new RawClient(address)) {
      client.sendRequest("GET", PATH, List.of());
      Eventually.holds(() -> door.ticks.get() >= 2);
    }
  }

  @Test
  void dropsWhateverComesAfterTheRequest() throws Exception {
    try (var client = new RawClient(address)) {
      client.sendRequest("GET", PATH, List.of());
      client.sendRequest("GET", "/health-check", List.of());
      assertEquals(200, client.readHeaders().status());
      client.raw(new byte[300_000]);
      EventsDoor.send(opened(), "data: 1\n\n");
      assertEquals("data: 1\n\n", client.readChunk());
    }
  }

  @Test
  void closesAClientThatNeverReads() throws Exception {
    try (var client = new RawClient(address, 4096)) {
      client.sendRequest("GET", PATH, List.of());
      Connection connection = opened();
      String event = "data: " + "x".repeat(10_000) + "\n\n";
      for (int i = 0; i < 10_000; i++) {
        EventsDoor.send(connection, event);
      }
      assertEquals(false, door.writability.poll(10, TimeUnit.SECONDS));
      assertNotNull(door.closed.poll(10, TimeUnit.SECONDS));
      awaitMetric("freshet_connections_refused_total{reason=\"slow\"} 1.0");
    }
  }

  @Test
  void answersHeadWithTheHeadAlone() throws Exception {
    try (var client = new RawClient(address)) {
      RawClient.Answer answer = client.request("HEAD", PATH);
      assertEquals(200, answer.status());
      assertEquals("text/event-stream", answer.header("content-type"));
      assertEquals("no-store", answer.header("cache-control"));
      assertEquals("", answer.header("content-length"));
      client.sendRequest("HEAD", PATH + "?refuse", List.of());
      assertEquals(401, client.readHeaders().status());
      assertEquals(200, client.request("GET", "/health-check").status());
    }
    assertTrue(door.opened.isEmpty());
  }

  @Test
  void takesABody() throws Exception {
    try (var client = new RawClient(address)) {
      client.sendRequest("POST", PATH, List.of("Content-Length: 2"));
      client.raw("{}".getBytes(StandardCharsets.US_ASCII));
      assertEquals(200, client.readHeaders().status());
      EventsDoor.send(opened(), "data: 1\n\n");
      assertEquals("data: 1\n\n", client.readChunk());
    }
    try (var client = new RawClient(address)) {
      client.sendRequest("POST", PATH, List.of("Content-Length: 1001"));
      assertEquals(413, client.readAnswer().status());
    }
    awaitMetric("freshet_http_body_bytes 0.0");
  }

  @Test
  void treatsOriginsAndMethodsAsEveryRoute() throws Exception {
    try (var client = new RawClient(address)) {
      RawClient.Answer answer = client.request("DELETE", PATH);
      assertEquals(405, answer.status());
      assertEquals("GET, HEAD, POST", answer.header("allow"));
      answer =
          client.request(
              "OPTIONS",
              PATH,
              "Origin: https://app.example",
              "Access-Control-Request-Method: GET",
              "Access-Control-Request-Headers: authorization, last-event-id");
      assertEquals(204, answer.status());
      assertEquals("", answer.header("content-length"));
      client.sendRequest("GET", PATH, List.of("Origin: https://app.example"));
      answer = client.readHeaders();
      assertEquals("https://app.example", answer.header("access-control-allow-origin"));
      assertEquals("true", answer.header("access-control-allow-credentials"));
      assertEquals("origin", answer.header("vary"));
    }
    try (var client = new RawClient(address)) {
      assertEquals(403, client.request("GET", PATH, "Origin: https://evil.example").status());
    }
    try (var client = new RawClient(address)) {
      assertEquals(403, client.request("GET", PATH, "Host: evil.example").status());
    }
    assertEquals(1, door.opened.size());
  }

  @Test
  void endsTheAnswerWhenTheGatewayFails() throws Exception {
    try (var client = new RawClient(address)) {
      client.sendRequest("GET", PATH + "?broken", List.of());
      assertEquals(200, client.readHeaders().status());
      assertEquals("", client.readChunk());
      client.awaitEnd();
    }
    awaitMetric("freshet_connections{door=\"" + PATH + "\"} 0.0");
  }

  @Test
  void countsStreamsAmongAllConnectionsAndNotAmongRequests() throws Exception {
    var clients = new ArrayList<RawClient>();
    try {
      for (int i = 0; i < 2 * REQUESTS_MAX; i++) {
        clients.add(new RawClient(address));
        clients.getLast().sendRequest("GET", PATH, List.of());
        assertEquals(200, clients.getLast().readHeaders().status());
      }
      for (int i = 0; i < 10; i++) {
        clients.add(new RawClient(address));
        assertEquals(200, clients.getLast().request("GET", "/health-check").status());
      }
      try (var oneTooMany = new RawClient(address)) {
        oneTooMany.awaitEnd();
      }
    } finally {
      for (RawClient client : clients) {
        client.close();
      }
    }
    awaitMetric("freshet_connections{door=\"" + PATH + "\"} 0.0");
    awaitMetric("freshet_http_connections 0.0");
  }

  @Test
  void endsStreamsInGoodOrderWhenStopping() throws Exception {
    try (var client = new RawClient(address)) {
      client.sendRequest("GET", PATH, List.of());
      assertEquals(200, client.readHeaders().status());
      var stopped =
          CompletableFuture.runAsync(
              () -> server.close(Duration.ofSeconds(5)),
              Executors.newVirtualThreadPerTaskExecutor());
      assertEquals("", client.readChunk());
      client.awaitEnd();
      client.close();
      stopped.get(10, TimeUnit.SECONDS);
      assertNotNull(door.closed.poll(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void endsAStreamWhoseClientIgnoresTheEnd() throws IOException, InterruptedException {
    try (var client = new RawClient(address)) {
      client.sendRequest("GET", PATH, List.of());
      opened().close();
      awaitMetric("freshet_connections{door=\"" + PATH + "\"} 0.0");
    }
  }
}
