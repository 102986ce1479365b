// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.server.metrics.Metrics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetServerIT {
  private static final int MESSAGE_BYTES_MAX = 100_000;

  private final EchoDoor door = new EchoDoor();
  private final Metrics metrics = new Metrics();
  private NetServer server;
  private InetSocketAddress address;

  @BeforeEach
  void start() {
    var limits =
        new SocketLimits(
            MESSAGE_BYTES_MAX,
            65_536,
            32_768,
            1_000_000,
            50,
            20,
            256L << 20,
            Duration.ofMillis(1500));
    var access = new AccessPolicy(Set.of("db.example"), false, Set.of("https://app.example"));
    server =
        NetServer.start(
            new NetOptions("127.0.0.1", 0, 2, access, limits),
            List.of(door),
            List.of(),
            List.of(
                new HealthRoute(() -> io.freshet.spi.Health.Healthy.HEALTHY),
                new MetricsRoute(
                    metrics,
                    new AdminToken(Optional.empty()),
                    Executors.newVirtualThreadPerTaskExecutor())),
            metrics);
    address = server.address();
  }

  @AfterEach
  void stop() {
    server.close(Duration.ofSeconds(1));
    assertEquals(0, door.misplacedCalls.get(), "calls after onClosed or off the event loop");
  }

  @Test
  void echoesMessagesOfEverySizeClass() throws IOException {
    try (var client = RawClient.upgraded(address, "/echo")) {
      for (int size : new int[] {0, 1, 7, 8, 9, 125, 126, 127, 65_535, 65_536, MESSAGE_BYTES_MAX}) {
        byte[] payload = new byte[size];
        new Random(size).nextBytes(payload);
        client.binary(payload);
        RawClient.Frame echo = client.read();
        assertEquals(0x2, echo.opcode());
        assertTrue(echo.last());
        assertArrayEquals(payload, echo.payload());
      }
    }
  }

  @Test
  void speaksWithTheJdksOwnClient() throws Exception {
    var received = new CompletableFuture<String>();
    var listener =
        new WebSocket.Listener() {
          private final StringBuilder text = new StringBuilder();

          @Override
          public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
              received.complete(text.toString());
            }
            socket.request(1);
            return null;
          }
        };
    try (var http = HttpClient.newHttpClient()) {
      WebSocket socket =
          http.newWebSocketBuilder()
              .buildAsync(URI.create("ws://127.0.0.1:" + address.getPort() + "/echo"), listener)
              .get(10, TimeUnit.SECONDS);
      socket.sendText("fähre ", false).get(10, TimeUnit.SECONDS);
      socket.sendText("über", true).get(10, TimeUnit.SECONDS);
      assertEquals("fähre über", received.get(10, TimeUnit.SECONDS));
      socket.sendClose(WebSocket.NORMAL_CLOSURE, "bye").get(10, TimeUnit.SECONDS);
      assertNotNull(door.closed.poll(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void sendsWhatTheGatewayQueuesWhileOpening() throws IOException {
    try (var client = RawClient.upgraded(address, "/echo?greet")) {
      assertEquals("welcome", client.read().text());
    }
  }

  @Test
  void acceptsFramesSentTogetherWithTheHandshake() throws IOException {
    try (var client = new RawClient(address)) {
      var bytes = new ByteArrayOutputStream();
      bytes.writeBytes(
          ("GET /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                  + "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                  + "Sec-WebSocket-Key: "
                  + RawClient.KEY
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.ISO_8859_1));
      bytes.writeBytes(RawClient.frame(0x81, "early".getBytes(StandardCharsets.UTF_8)));
      bytes.writeBytes(RawClient.frame(0x81, "bird".getBytes(StandardCharsets.UTF_8)));
      client.raw(bytes.toByteArray());
      assertEquals(101, client.readAnswer().status());
      assertEquals("early", client.read().text());
      assertEquals("bird", client.read().text());
    }
  }

  @Test
  void joinsFragmentsAroundControlFrames() throws IOException {
    try (var client = RawClient.upgraded(address, "/echo")) {
      client.raw(RawClient.frame(0x01, "one ".getBytes(StandardCharsets.UTF_8)));
      client.raw(RawClient.frame(0x89, new byte[] {1, 2, 3}));
      client.raw(RawClient.frame(0x00, "two ".getBytes(StandardCharsets.UTF_8)));
      client.raw(RawClient.frame(0x8A, new byte[0]));
      client.raw(RawClient.frame(0x80, "three".getBytes(StandardCharsets.UTF_8)));
      RawClient.Frame pong = client.read();
      assertEquals(0xA, pong.opcode());
      assertArrayEquals(new byte[] {1, 2, 3}, pong.payload());
      assertEquals("one two three", client.read().text());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "reserved bit, C1016869, 1002",
    "reserved opcode, 8380, 1002",
    "reserved control opcode, 8B80, 1002",
    "unmasked, 810161, 1002",
    "fragmented ping, 0980, 1002",
    "ping of 126 bytes, 89FE007E, 1002",
    "continuation of nothing, 8080, 1002",
    "length not minimal, 82FE0005, 1002",
    "length negative, 82FFFFFFFFFFFFFFFFFF, 1002",
    "above the limit by its header, 82FF00000000000186A1, 1009",
    "far above the limit, 82FF7FFFFFFFFFFFFFFF, 1009",
    "invalid UTF-8, 818200000000C328, 1007",
    "half a surrogate pair, 818300000000EDA080, 1007",
  })
  void answersFaultsWithTheirCloseCode(String what, String hex, int code) throws Exception {
    try (var client = RawClient.upgraded(address, "/echo");
        var bystander = RawClient.upgraded(address, "/echo")) {
      client.raw(java.util.HexFormat.of().parseHex(hex));
      assertEquals(code, client.awaitClose(), what);
      assertNotNull(door.closed.poll(10, TimeUnit.SECONDS));
      bystander.text("still here");
      assertEquals("still here", bystander.read().text());
    }
  }

  @Test
  void countsFragmentsTogetherAgainstTheLimit() throws IOException {
    try (var client = RawClient.upgraded(address, "/echo")) {
      client.raw(RawClient.frame(0x02, new byte[60_000]));
      client.raw(RawClient.frame(0x80, new byte[60_000]));
      assertEquals(1009, client.awaitClose());
    }
  }

  @Test
  void getsTheCloseFrameThroughToAClientThatKeepsSending() throws IOException {
    try (var client = RawClient.upgraded(address, "/echo")) {
      client.raw(RawClient.frame(0x82, new byte[MESSAGE_BYTES_MAX + 1]));
      client.raw(new byte[500_000]);
      assertEquals(1009, client.awaitClose());
    }
  }

  @ParameterizedTest
  @CsvSource({"'', 1005", "03E8, 1000", "0BB8, 3000", "03, 1002", "03ED, 1002", "03E8C3, 1007"})
  void answersACloseFrame(String payload, int code) throws Exception {
    try (var client = RawClient.upgraded(address, "/echo")) {
      client.raw(RawClient.frame(0x88, java.util.HexFormat.of().parseHex(payload)));
      assertEquals(code, client.awaitClose());
      assertNotNull(door.closed.poll(10, TimeUnit.SECONDS));
    }
  }

  @ParameterizedTest
  @CsvSource({"close, 1005", "close 4000, 4000", "throw, 1011"})
  void closesWhenTheGatewaySaysSo(String word, int code) throws Exception {
    try (var client = RawClient.upgraded(address, "/echo")) {
      client.text(word);
      client.text("never delivered");
      assertEquals(code, client.awaitClose());
      assertNotNull(door.closed.poll(10, TimeUnit.SECONDS));
    }
  }

  @ParameterizedTest
  @CsvSource({"refuse, 4001", "throw, 1011"})
  void closesWhenTheGatewayRefusesToOpen(String query, int code) throws IOException {
    try (var client = RawClient.upgraded(address, "/echo?" + query)) {
      assertEquals(code, client.awaitClose());
    }
  }

  @Test
  void endsAConnectionWhosePeerIgnoresTheClose() throws IOException {
    try (var client = RawClient.upgraded(address, "/echo")) {
      client.text("close");
      assertEquals(0x8, client.read().opcode());
      client.awaitEnd();
      await(() -> scrape().contains("freshet_connections{door=\"/echo\"} 0.0"));
    }
  }

  @Test
  void tellsTheGatewayOnceWhenThePeerVanishes() throws Exception {
    try (var client = RawClient.upgraded(address, "/echo")) {
      client.text("hello");
      assertEquals("hello", client.read().text());
    }
    assertNotNull(door.closed.poll(10, TimeUnit.SECONDS));
    assertEquals(0, door.closed.size());
  }

  @Test
  void closesAClientThatNeverReads() throws Exception {
    try (var client = new RawClient(address, 4096)) {
      assertEquals(101, client.upgrade("/echo").status());
      client.text("flood");
      assertNotNull(door.closed.poll(10, TimeUnit.SECONDS));
      assertEquals(false, door.writability.poll(10, TimeUnit.SECONDS));
      await(() -> scrape().contains("freshet_connections_refused_total{reason=\"slow\"} 1.0"));
    }
  }

  @Test
  void ticksForHeartbeats() throws IOException {
    try (var _ = RawClient.upgraded(address, "/echo")) {
      await(() -> door.ticks.get() >= 2);
    }
  }

  @Test
  void answersTheHealthCheck() throws IOException {
    try (var client = new RawClient(address)) {
      for (int i = 0; i < 3; i++) {
        RawClient.Answer answer = client.request("GET", "/health-check?x");
        assertEquals(200, answer.status());
        assertEquals("", answer.body());
        assertEquals("application/json", answer.header("content-type"));
      }
    }
  }

  @Test
  void answersWrongRequestsWithTypedErrors() throws IOException {
    assertProblem(404, "UNKNOWN_ROUTE", "GET", "/nowhere");
    assertProblem(404, "UNKNOWN_ROUTE", "GET", "/echo/");
    assertProblem(405, "METHOD_NOT_ALLOWED", "POST", "/health-check");
    assertProblem(405, "METHOD_NOT_ALLOWED", "DELETE", "/echo");
    assertProblem(426, "UPGRADE_REQUIRED", "GET", "/echo");
    assertProblem(400, "INVALID_ARGUMENT", "GET", "/health-check", "Host: a", "Host: b");
    try (var client = new RawClient(address)) {
      assertEquals("GET, HEAD", client.request("PUT", "/health-check").header("allow"));
    }
    try (var client = new RawClient(address)) {
      client.raw("GET /health-check HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      assertEquals(400, client.readAnswer().status());
    }
    try (var client = new RawClient(address)) {
      client.raw("GET / HTTP/1.2\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      RawClient.Answer answer = client.readAnswer();
      assertEquals(400, answer.status());
      assertEquals("close", answer.header("connection"));
      client.awaitEnd();
    }
    try (var client = new RawClient(address)) {
      client.raw("\u0000\u0001garbage\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      assertEquals(400, client.readAnswer().status());
    }
    assertProblem(400, "INVALID_ARGUMENT", "GET", "http://127.0.0.1/health-check");
    assertProblem(400, "INVALID_ARGUMENT", "OPTIONS", "*");
    assertProblem(400, "INVALID_ARGUMENT", "GET", "/health-check#x");
    assertProblem(400, "INVALID_ARGUMENT", "GET", "/", "Transfer-Encoding: gzip, chunked");
    assertProblem(431, "PAYLOAD_TOO_LARGE", "GET", "/", "X: " + "x".repeat(20_000));
    assertProblem(431, "PAYLOAD_TOO_LARGE", "GET", "/" + "x".repeat(9_000));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Origin: https://evil.example",
        "Origin: null",
        "Origin: http://localhost.evil.example",
        "Origin: http://127.0.0.1.evil.example:6020",
        "Host: evil.example:6020",
        "Host: 127.0.0.1.evil.example",
        "Host: 192.168.1.1",
        "Host: 127.0.0.1:6020, evil.example",
        "Host: 127.0.0.1:6020@evil.example",
        "Host: [::1]evil.example",
        "Host: [::1",
        "Origin: http://localhost:1.evil.example",
        "Host: ",
      })
  void refusesForeignOriginsAndHostsEverywhere(String header) throws IOException {
    for (String target : List.of("/health-check", "/metrics", "/nowhere")) {
      assertProblem(403, "FORBIDDEN", "GET", target, header);
    }
    try (var client = new RawClient(address)) {
      assertEquals(403, client.upgrade("/echo", header).status());
    }
    assertTrue(door.opened.isEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Origin: http://localhost:8080",
        "Origin: https://app.localhost",
        "Origin: http://127.0.0.9",
        "Origin: http://[::1]:3000",
        "Origin: https://app.example",
        "Host: db.example:6020",
        "Host: [::1]:6020",
        "Host: localhost",
      })
  void letsLoopbackAndConfiguredOnesIn(String header) throws IOException {
    try (var client = new RawClient(address)) {
      assertEquals(200, client.request("GET", "/health-check", header).status());
      assertEquals(101, client.upgrade("/echo", header).status());
    }
  }

  @Test
  void closesConnectionsThatNeverFinishARequest() throws IOException {
    try (var silent = new RawClient(address);
        var slow = new RawClient(address)) {
      slow.raw("GET /health".getBytes(StandardCharsets.UTF_8));
      silent.awaitEnd();
      slow.awaitEnd();
      await(() -> scrape().contains("freshet_connections_refused_total{reason=\"timeout\"} 2.0"));
    }
  }

  @Test
  void boundsConnectionsThatAreNoWebSockets() throws IOException {
    var clients = new java.util.ArrayList<RawClient>();
    try {
      for (int i = 0; i < 20; i++) {
        clients.add(new RawClient(address));
        assertEquals(200, clients.getLast().request("GET", "/health-check").status());
      }
      try (var oneTooMany = new RawClient(address)) {
        oneTooMany.awaitEnd();
      }
      assertEquals(101, clients.getFirst().upgrade("/echo").status());
      try (var fits = new RawClient(address)) {
        assertEquals(200, fits.request("GET", "/health-check").status());
      }
    } finally {
      for (RawClient client : clients) {
        client.close();
      }
    }
  }

  @Test
  void countsWhatPassesADoor() throws IOException {
    try (var client = RawClient.upgraded(address, "/echo")) {
      client.text("12345");
      assertEquals("12345", client.read().text());
      client.text("678");
      assertEquals("678", client.read().text());
      String page = scrape();
      assertTrue(page.contains("freshet_connections{door=\"/echo\"} 1.0"), page);
      assertTrue(page.contains("freshet_messages_received_total{door=\"/echo\"} 2.0"), page);
      assertTrue(page.contains("freshet_messages_sent_total{door=\"/echo\"} 2.0"), page);
      assertTrue(page.contains("freshet_received_bytes_total{door=\"/echo\"} 20.0"), page);
      assertTrue(page.contains("freshet_sent_bytes_total{door=\"/echo\"} 12.0"), page);
      assertTrue(page.contains("jvm_memory_used_bytes"), page);
      assertTrue(page.contains("jvm_threads_live_threads"), page);
      assertTrue(page.contains("jvm_gc"), page);
    }
  }

  @Test
  void saysGoodbyeWhenStopping() throws Exception {
    try (var client = RawClient.upgraded(address, "/echo")) {
      client.text("hello");
      assertEquals("hello", client.read().text());
      var stopped =
          CompletableFuture.runAsync(
              () -> server.close(Duration.ofSeconds(5)),
              Executors.newVirtualThreadPerTaskExecutor());
      assertEquals(1001, client.awaitClose());
      stopped.get(10, TimeUnit.SECONDS);
      assertThrows(IOException.class, () -> new RawClient(address).close());
      assertNotNull(door.closed.poll(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void saysWhatIsWrongWhenThePortIsTaken() {
    var options =
        new NetOptions(
            "127.0.0.1",
            address.getPort(),
            1,
            new AccessPolicy(Set.of(), false, Set.of()),
            new SocketLimits(1000, 1000, 500, 1000, 1, 1, 1, Duration.ofSeconds(1)));
    var failure =
        assertThrows(
            BindFailedException.class,
            () -> NetServer.start(options, List.of(), List.of(), List.of(), new Metrics()));
    assertTrue(
        failure.getMessage().contains("127.0.0.1 port " + address.getPort()), failure::getMessage);
  }

  private void assertProblem(
      int status, String code, String method, String target, String... headers) throws IOException {
    try (var client = new RawClient(address)) {
      RawClient.Answer answer = client.request(method, target, headers);
      assertEquals(status, answer.status(), target);
      assertEquals("application/json", answer.header("content-type"));
      assertTrue(answer.body().contains("\"code\":\"" + code + "\""), answer::body);
      assertFalse(answer.body().contains("evil"), "nothing a client sent comes back");
    }
  }

  private String scrape() {
    try (var client = new RawClient(address)) {
      return client.request("GET", "/metrics").body();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /// Looks again and again until it holds; gives up after ten seconds.
  private static void await(java.util.function.BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "condition not met in time");
      LockSupport.parkNanos(10_000_000);
    }
  }
}
