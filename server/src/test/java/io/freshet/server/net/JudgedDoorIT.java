// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.server.metrics.Metrics;
import io.freshet.spi.Health;
import io.freshet.testkit.Eventually;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Handshakes whose answer takes its time, over real sockets.
class JudgedDoorIT {
  private static final int KIB = 1024;

  private final Metrics metrics = new Metrics();
  private final CourtDoor door = new CourtDoor();
  private final EchoDoor plain = new EchoDoor();
  private NetServer server;
  private InetSocketAddress address;

  @BeforeEach
  void start() {
    var limits =
        new SocketLimits(
            100_000, 65_536, 32_768, 1_000_000, 50, 20, 64L << 20, Duration.ofMillis(1500));
    var access = new AccessPolicy(Set.of(), false, Set.of());
    server =
        NetServer.start(
            new NetOptions("127.0.0.1", 0, 1, access, limits),
            List.of(door, plain),
            List.of(),
            List.of(new HealthRoute(() -> Health.Healthy.HEALTHY)),
            metrics);
    address = server.address();
  }

  @AfterEach
  void stop() {
    server.close(Duration.ofSeconds(1));
    assertEquals(0, door.misplacedCalls.get(), "calls after onClosed or off the event loop");
  }

  private void awaitMetric(String line) {
    Eventually.holds(() -> metrics.scrape().contains(line));
  }

  private CompletableFuture<JudgedDoor.Opening> judgement() throws InterruptedException {
    CompletableFuture<JudgedDoor.Opening> later = door.later.poll(10, TimeUnit.SECONDS);
    assertNotNull(later);
    return later;
  }

  private static String valueOf(Handshake handshake, String name) {
    return handshake.headers().stream()
        .filter(header -> header.getKey().equalsIgnoreCase(name))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse("");
  }

  @Test
  void letsInWhenItIsDecided() throws Exception {
    try (var client = new RawClient(address)) {
      client.sendUpgrade("/court?later", "Sec-WebSocket-Protocol: freshet.1");
      CompletableFuture<JudgedDoor.Opening> later = judgement();
      assertFalse(client.ends(Duration.ofMillis(100)), "answered before it was decided");
      later.complete(door.accepted());
      RawClient.Answer answer = client.readAnswer();
      assertEquals(101, answer.status());
      assertEquals("freshet.1", answer.header("sec-websocket-protocol"));
      client.text("hello");
      assertEquals("hello", client.read().text());
      awaitMetric("freshet_connections{door=\"/court\"} 1.0");
      awaitMetric("freshet_http_connections 0.0");
    }
    Eventually.holds(() -> door.closed.get() == 1);
    awaitMetric("freshet_connections{door=\"/court\"} 0.0");
    assertEquals(0, door.abandoned.get());
  }

  @ParameterizedTest
  @CsvSource({
    "refuse, 409, {}",
    "bad, 400, INVALID_FILTER",
    "throw, 500, INTERNAL",
    "fail, 500, INTERNAL"
  })
  void answersThoseItRefusesAndEndsTheConnection(String query, int status, String part)
      throws IOException {
    try (var client = new RawClient(address)) {
      RawClient.Answer answer = client.upgrade("/court?" + query);
      assertEquals(status, answer.status());
      assertEquals("close", answer.header("connection"));
      assertTrue(answer.body().contains(part), answer::body);
      assertFalse(answer.body().contains("secret"), answer::body);
      client.raw(new byte[100_000]);
      client.awaitEnd();
    }
    awaitMetric("freshet_http_connections 0.0");
    assertEquals(0, door.abandoned.get());
  }

  @Test
  void whatIsNoHandshakeIsNotJudgedAndKeepsItsConnection() throws IOException {
    try (var client = new RawClient(address)) {
      assertEquals(426, client.request("GET", "/court").status());
      assertEquals(405, client.request("POST", "/court", "Content-Length: 0").status());
      assertEquals(200, client.request("GET", "/health-check").status());
      assertEquals(101, client.upgrade("/court").status());
    }
    try (var client = new RawClient(address)) {
      assertEquals(403, client.upgrade("/court", "Origin: https://a.b").status());
    }
    assertEquals(1, door.asked.size());
  }

  @Test
  void givesBackWhatWasTakenForAClientThatIsGoneByThen() throws Exception {
    CompletableFuture<JudgedDoor.Opening> later;
    try (var client = new RawClient(address)) {
      client.sendUpgrade("/court?later");
      later = judgement();
    }
    awaitMetric("freshet_http_connections 0.0");
    later.complete(door.accepted());
    Eventually.holds(() -> door.abandoned.get() == 1);
    assertTrue(door.opened.isEmpty());
    awaitMetric("freshet_connections{door=\"/court\"} 0.0");
  }

  @Test
  void endsAClientThatDoesNotAwaitTheAnswer() throws Exception {
    try (var client = new RawClient(address)) {
      client.sendUpgrade("/court?later");
      CompletableFuture<JudgedDoor.Opening> later = judgement();
      client.text("too early");
      client.awaitEnd();
      later.complete(door.accepted());
      Eventually.holds(() -> door.abandoned.get() == 1);
    }
    try (var client = new RawClient(address)) {
      client.sendUpgrade(
          "/court?later", "X: 1\r\n\r\nGET /health-check HTTP/1.1\r\nHost: localhost");
      client.awaitEnd();
    }
    assertTrue(door.opened.isEmpty());
    assertTrue(door.later.isEmpty(), "what came with too much was judged");
  }

  @Test
  void endsAConnectionWhoseGatewayFails() throws IOException {
    try (var client = RawClient.upgraded(address, "/court?broken")) {
      assertEquals(1011, client.awaitClose());
    }
    assertEquals(0, door.abandoned.get());
  }

  @Test
  void takesLongHeadersHereOnlyAndCountsThem() throws Exception {
    String value = "é\u00ff~" + "x".repeat(250 * KIB);
    try (var client = new RawClient(address)) {
      client.sendUpgrade("/court?later", "Subscription: " + value, "X: after");
      CompletableFuture<JudgedDoor.Opening> later = judgement();
      Handshake handshake = door.asked.remove();
      assertEquals(value, valueOf(handshake, "subscription"));
      assertEquals("after", valueOf(handshake, "x"));
      String counted =
          metrics
              .scrape()
              .lines()
              .filter(line -> line.startsWith("freshet_http_body_bytes "))
              .findFirst()
              .orElseThrow();
      assertTrue(Double.parseDouble(counted.split(" ")[1]) > 230 * KIB, counted);
      later.complete(door.accepted());
      assertEquals(101, client.readAnswer().status());
      awaitMetric("freshet_http_body_bytes 0.0");
    }
    for (String path : List.of("/echo", "/health-check", "/court/below", "/nowhere", "/courts")) {
      try (var client = new RawClient(address)) {
        RawClient.Answer answer = client.upgrade(path, "Subscription: " + "x".repeat(17 * KIB));
        assertEquals(431, answer.status(), path);
      }
    }
    assertTrue(plain.opened.isEmpty());
    awaitMetric("freshet_http_body_bytes 0.0");
  }

  @Test
  void boundsLongHeadersToo() throws Exception {
    try (var client = new RawClient(address)) {
      RawClient.Answer answer = client.upgrade("/court", "Subscription: " + "x".repeat(257 * KIB));
      assertEquals(431, answer.status());
    }
    try (var client = new RawClient(address)) {
      String[] many = new String[300];
      Arrays.fill(many, "X: " + "y".repeat(KIB));
      assertEquals(431, client.upgrade("/court", many).status());
    }
    assertTrue(door.asked.isEmpty());
    awaitMetric("freshet_http_body_bytes 0.0");
  }

  @Test
  void endsALongHeadThatNeverEnds() throws Exception {
    try (var client = new RawClient(address)) {
      String start = "GET /court HTTP/1.1\r\nHost: localhost\r\nSubscription: ";
      client.raw((start + "x".repeat(200 * KIB)).getBytes(StandardCharsets.US_ASCII));
      client.awaitEnd();
    }
    awaitMetric("freshet_connections_refused_total{reason=\"timeout\"} 1.0");
    awaitMetric("freshet_http_body_bytes 0.0");
  }
}
