// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.server.metrics.Metrics;
import io.freshet.server.session.Credentials;
import io.freshet.server.session.TrustedProxies;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How a request becomes a WebSocket, and what a door gets to know by it.
class HandshakeIT {
  private final EchoDoor door = new EchoDoor();
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
            List.of(door),
            List.of(),
            List.of(),
            new Metrics());
    address = server.address();
  }

  @AfterEach
  void stop() {
    server.close(Duration.ofSeconds(1));
    assertEquals(0, door.misplacedCalls.get(), "calls after onClosed or off the event loop");
  }

  @Test
  void declinesExtensionsAndSubprotocolsAndComputesTheAcceptKey() throws IOException {
    try (var client = new RawClient(address)) {
      RawClient.Answer answer =
          client.upgrade(
              "/echo",
              "Sec-WebSocket-Extensions: permessage-deflate",
              "Sec-WebSocket-Protocol: mqtt");
      assertEquals(101, answer.status());
      assertEquals("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", answer.header("sec-websocket-accept"));
      assertEquals("", answer.header("sec-websocket-extensions"));
      assertEquals("", answer.header("sec-websocket-protocol"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "freshet.1 | freshet.1",
        "freshet.1, freshet.2 | freshet.2",
        "freshet.1, freshet.token.abc | freshet.1",
        "freshet.token.abc,freshet.2 | freshet.2",
        "freshet.token.abc | ''",
        "freshet.1.1, FRESHET.1 | ''",
        "'' | ''",
      })
  void agreesOnTheSubprotocolItPrefers(String offered, String agreed) throws IOException {
    try (var client = new RawClient(address)) {
      RawClient.Answer answer = client.upgrade("/echo", "Sec-WebSocket-Protocol: " + offered);
      assertEquals(101, answer.status());
      assertEquals(agreed, answer.header("sec-websocket-protocol"));
    }
    try (var client = new RawClient(address)) {
      String[] each =
          java.util.Arrays.stream(offered.split(","))
              .map(one -> "Sec-WebSocket-Protocol: " + one.strip())
              .toArray(String[]::new);
      assertEquals(agreed, client.upgrade("/echo", each).header("sec-websocket-protocol"));
    }
  }

  /// What a door makes of a handshake to know who is there.
  private static Credentials credentials(Handshake handshake) {
    return Credentials.of(
            handshake.headers(), handshake.peer(), new TrustedProxies(List.of()), handshake.path())
        .withToken(handshake.parameters().one("token").orElse(null))
        .withSubprotocols();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/echo?token=a.b-c_d | X: 1 | a.b-c_d",
        "/echo?x=1&token=a%2Bb%20c | X: 1 | a+b c",
        "/echo | Authorization: Bearer a.b-c_d | a.b-c_d",
        "/echo | Sec-WebSocket-Protocol: freshet.1, freshet.token.a.b-c_d | a.b-c_d",
        "/echo?token=query | Authorization: Bearer header | header",
        "/echo?token=query | Sec-WebSocket-Protocol: freshet.token.protocol | query",
        "/echo?token= | X: 1 | ''",
        "/echo | X: 1 | ''",
      })
  void handsOverTheTokenWhereverItIs(String target, String header, String token) throws Exception {
    try (var client = new RawClient(address)) {
      RawClient.Answer answer = client.upgrade(target, header);
      assertEquals(101, answer.status());
      assertFalse(answer.toString().contains("a.b-c_d"), "a token must not travel back");
    }
    Handshake handshake = door.opened.poll(10, TimeUnit.SECONDS);
    assertNotNull(handshake);
    JsonObject shown = credentials(handshake).attempt().data();
    assertEquals(
        token.isEmpty() ? JsonObject.empty() : JsonObject.of("token", JsonString.of(token)), shown);
    assertFalse(handshake.toString().contains("b-c_d"), handshake::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "/echo?token=%zz, 400, INVALID_ARGUMENT",
    "/echo?token=a&token=b, 400, INVALID_ARGUMENT",
    "/echo?token=stolen, 403, FORBIDDEN"
  })
  void refusesHandshakesBeforeTheyBecomeWebSockets(String target, int status, String code)
      throws Exception {
    try (var client = new RawClient(address)) {
      for (int i = 0; i < 2; i++) {
        RawClient.Answer answer = client.upgrade(target);
        assertEquals(status, answer.status());
        assertTrue(answer.body().contains("\"code\":\"" + code + "\""), answer::body);
      }
      assertEquals(101, client.upgrade("/echo").status());
    }
    assertNotNull(door.opened.poll(10, TimeUnit.SECONDS));
    assertTrue(door.opened.isEmpty());
  }

  @Test
  void matchesDoorsByPathAndHandsOverTheHandshake() throws Exception {
    try (var client = new RawClient(address)) {
      assertEquals(
          101,
          client
              .upgrade(
                  "/echo?a=b%20c&d",
                  "Origin: http://localhost:3000", "User-Agent: raw", "Host: LOCALHOST:6020")
              .status());
    }
    Handshake handshake = door.opened.poll(10, TimeUnit.SECONDS);
    assertNotNull(handshake);
    assertEquals("/echo?a=b%20c&d", handshake.target());
    assertEquals("/echo", handshake.path());
    assertEquals("a=b%20c&d", handshake.query());
    assertEquals("LOCALHOST:6020", handshake.host());
    assertEquals("http://localhost:3000", handshake.origin().orElseThrow());
    assertEquals("raw", handshake.userAgent().orElseThrow());
    assertTrue(handshake.remoteAddress().getAddress().isLoopbackAddress());
  }

  @Test
  void refusesWrongHandshakes() throws IOException {
    try (var client = new RawClient(address)) {
      var headers =
          List.of(
              "Upgrade: websocket",
              "Connection: Upgrade",
              "Sec-WebSocket-Version: 12",
              "Sec-WebSocket-Key: " + RawClient.KEY);
      client.sendRequest("GET", "/echo", headers);
      RawClient.Answer answer = client.readAnswer();
      assertEquals(426, answer.status());
      assertEquals("13", answer.header("sec-websocket-version"));
    }
    try (var client = new RawClient(address)) {
      var headers =
          List.of(
              "Upgrade: websocket",
              "Connection: Upgrade",
              "Sec-WebSocket-Version: 13",
              "Sec-WebSocket-Key: short");
      client.sendRequest("GET", "/echo", headers);
      assertEquals(400, client.readAnswer().status());
    }
  }
}
