// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import static io.freshet.bundle.WireMessage.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.testkit.Eventually;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What no honest client sends, and connections that come to nothing, against the packaged server
/// while a [Witness] works on it. Malformed documents, paths and patterns, one by one with the
/// error each gets, are in `src/test/client/bad-input.test.mjs`.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileE2E {
  private static final int PROTOCOL_ERROR = 1002;
  private static final int INVALID_TEXT = 1007;
  private static final int TOO_BIG = 1009;
  private static final int CONNECTIONS_MAX = 1500;

  /// Every door and every kind of route.
  private static final List<String> ROUTES =
      List.of(
          "/deepstream",
          "/ws",
          "/stream",
          "/subscribe",
          "/api",
          "/api/auth",
          "/api/sync/things",
          "/api/sync/stream?topic=sync.things.updated",
          "/api/streams/things",
          "/api/openapi.json",
          "/admin/connections",
          "/admin/tls/reload",
          "/monitoring",
          "/metrics",
          "/health-check",
          "/nowhere");

  private static final String UPGRADE =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";

  private AttackedServer server;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    server =
        new AttackedServer(
            directory,
            "--limits.connections=" + CONNECTIONS_MAX,
            "--deepstream.unauthenticatedTimeout=5s");
  }

  @AfterEach
  void unharmed() throws Exception {
    server.assertUnharmed();
  }

  @AfterAll
  void stop() throws Exception {
    server.close();
  }

  static Stream<Arguments> brokenFrames() {
    byte[] ping = WireMessage.PING;
    return Stream.of(
        Arguments.of("unmasked", new byte[] {(byte) 0x82, 1, 0}, PROTOCOL_ERROR),
        Arguments.of("reserved bit 1", RawSocket.frame(0xC2, ping), PROTOCOL_ERROR),
        Arguments.of("reserved bit 2", RawSocket.frame(0xA2, ping), PROTOCOL_ERROR),
        Arguments.of("reserved bit 3", RawSocket.frame(0x92, ping), PROTOCOL_ERROR),
        Arguments.of("fragmented ping", RawSocket.frame(0x09, new byte[1]), PROTOCOL_ERROR),
        Arguments.of("fragmented close", RawSocket.frame(0x08, new byte[0]), PROTOCOL_ERROR),
        Arguments.of("long ping", RawSocket.frame(0x89, new byte[126]), PROTOCOL_ERROR),
        Arguments.of("unknown opcode", RawSocket.frame(0x83, ping), PROTOCOL_ERROR),
        Arguments.of("unknown control opcode", RawSocket.frame(0x8B, ping), PROTOCOL_ERROR),
        Arguments.of("continuation of nothing", RawSocket.frame(0x80, ping), PROTOCOL_ERROR),
        Arguments.of("invalid UTF-8", RawSocket.frame(0x81, new byte[] {-1}), INVALID_TEXT),
        Arguments.of("2 MiB", RawSocket.header(RawSocket.BINARY, 2 << 20), TOO_BIG),
        Arguments.of("2^62 bytes", RawSocket.header(RawSocket.BINARY, 1L << 62), TOO_BIG),
        Arguments.of("2^63 bytes", RawSocket.header(RawSocket.BINARY, 1L << 63), PROTOCOL_ERROR));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void brokenFrames(String what, byte[] bytes, int closeCode) throws Exception {
    try (RawSocket stranger = RawSocket.upgraded(server.url());
        RawSocket session = RawSocket.loggedIn(server.url())) {
      stranger.sendRaw(bytes);
      session.sendRaw(bytes);
      assertEquals(closeCode, stranger.awaitClose());
      assertEquals(closeCode, session.awaitClose());
    }
  }

  @Test
  void manyFragmentsOfATooLargeMessage() throws Exception {
    try (RawSocket socket = RawSocket.upgraded(server.url())) {
      byte[] part = new byte[1000];
      socket.sendRaw(RawSocket.frame(0x02, part));
      byte[] next = RawSocket.frame(0x00, part);
      assertTrue(IntStream.range(0, 2000).anyMatch(_ -> !sends(socket, next)) || closes(socket));
    }
  }

  private static boolean sends(RawSocket socket, byte[] bytes) {
    try {
      socket.sendRaw(bytes);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean closes(RawSocket socket) throws IOException {
    return socket.awaitClose() == TOO_BIG;
  }

  @Test
  void textFramesAreNotUnderstood() throws Exception {
    try (RawSocket socket = RawSocket.loggedIn(server.url())) {
      socket.sendRaw(RawSocket.frame(0x81, "{\"topic\":5}".getBytes(StandardCharsets.UTF_8)));
      assertTrue(socket.await(_ -> true).is(WireMessage.PARSER, 1));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyActionOfEveryTopicWithEveryKindOfBadData(boolean loggedIn) throws Exception {
    String deep = "[".repeat(100_000);
    List<String> bad = List.of("notjson", "", "{\"a\":1e400}", "{\"__proto__\":1}", "\u0000");
    for (int topic : new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 99, 100, 1 << 30}) {
      try (RawSocket socket =
          loggedIn ? RawSocket.loggedIn(server.url()) : RawSocket.upgraded(server.url())) {
        for (int action = 0; action <= 130; action++) {
          for (String data : bad) {
            sends(socket, RawSocket.frame(RawSocket.BINARY, bad(topic, action, data)));
          }
        }
        sends(socket, RawSocket.frame(RawSocket.BINARY, bad(topic, 18, deep)));
        sends(socket, RawSocket.frame(RawSocket.BINARY, bad(topic, -1, deep)));
        socket.send(WireMessage.PING);
        WireMessage answer;
        do {
          answer = socket.read();
        } while (answer != null && !answer.is(WireMessage.CONNECTION, 3));
        assertTrue(answer != null || topic == WireMessage.AUTH, "topic " + topic);
      }
    }
  }

  /// With what is the data's field number in some topic, and the name's in some.
  private static byte[] bad(int topic, int action, String data) {
    return new WireMessage.Draft(topic, action)
        .text(2, data)
        .text(4, data)
        .text(6, "bad")
        .text(7, "bad")
        .text(9, "bad")
        .number(13, 1)
        .bytes();
  }

  @Test
  void catastrophicPatternsOnTenThousandNames() throws Exception {
    int names = 10_000;
    try (RawSocket watcher = RawSocket.loggedIn(server.url());
        RawSocket provider = RawSocket.loggedIn(server.url())) {
      WireMessage.Draft draft = record(WireMessage.SUBSCRIBECREATEANDREAD);
      for (int i = 0; i < names; i++) {
        draft.text(WireMessage.NAMES, "evil/" + "a".repeat(40) + i + "!");
      }
      watcher.send(draft);
      for (int i = 0; i < names; i++) {
        watcher.await(message -> message.isRecord(WireMessage.READ_RESPONSE));
      }
      for (String pattern :
          List.of("(a+)+$", "(a|aa)+$", "(.*a){30}$", "((a*)*)*b", "(?=(a+)+$)x", "(a+)+\\1z")) {
        provider.send(record(WireMessage.LISTEN).named(pattern));
      }
      provider.send(record(WireMessage.LISTEN).named("(((a{99}){99}){99})"));
      provider.await(message -> message.isRecord(WireMessage.INVALID_LISTEN_REGEX));
      server.assertUnharmed();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: evil.example",
        "Host: 127.0.0.1.evil.example",
        "Host: 127.0.0.1\r\nOrigin: https://evil.example",
        "Host: 127.0.0.1\r\nOrigin: null",
        "Host: 127.0.0.1\r\nHost: 127.0.0.1",
        "X: 1"
      })
  void strangersAtEveryRoute(String headers) throws Exception {
    for (String route : ROUTES) {
      for (String upgrade : List.of("", UPGRADE)) {
        try (RawSocket socket = RawSocket.connected(server.url())) {
          socket.sendRaw(
              ("GET " + route + " HTTP/1.1\r\n" + headers + "\r\n" + upgrade + "\r\n")
                  .getBytes(StandardCharsets.ISO_8859_1));
          String answer = socket.readHead();
          assertTrue(answer.matches("(?s)HTTP/1.1 (403|400) .*"), route + ": " + answer);
          assertFalse(answer.toLowerCase(Locale.ROOT).contains("access-control"), answer);
        }
      }
    }
  }

  /// Some say nothing, some begin a request, some become WebSockets, some even get a challenge.
  @Test
  void aThousandConnectionsThatNeverLogIn() throws Exception {
    var sockets = new ArrayList<RawSocket>();
    try {
      for (int i = 0; i < 250; i++) {
        sockets.add(RawSocket.connected(server.url()));
        RawSocket half = RawSocket.connected(server.url());
        half.sendRaw("GET /deepstream HTTP/1.1\r\nHost: 127".getBytes(StandardCharsets.US_ASCII));
        sockets.add(half);
        sockets.add(RawSocket.upgraded(server.url()));
        RawSocket challenged = RawSocket.upgraded(server.url());
        challenged.send(WireMessage.CHALLENGE);
        sockets.add(challenged);
      }
      server.assertUnharmed();
      for (RawSocket socket : sockets) {
        assertTrue(socket.isEnded(), "a connection that never logs in is closed");
      }
    } finally {
      sockets.forEach(RawSocket::close);
    }
  }

  /// A header that comes a byte at a time keeps nothing open.
  @Test
  void slowRequests() throws Exception {
    var sockets = new ArrayList<RawSocket>();
    try {
      for (int i = 0; i < 300; i++) {
        sockets.add(RawSocket.connected(server.url()));
      }
      var open = new ArrayList<>(sockets);
      byte[] endless = RawSocket.upgradeRequest(server.authority(), "X: " + "y".repeat(8000));
      for (int i = 0; i < endless.length && !open.isEmpty(); i++) {
        byte[] next = {endless[i]};
        open.removeIf(socket -> !sends(socket, next));
        java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
      }
      assertTrue(open.isEmpty(), () -> open.size() + " are still open");
    } finally {
      sockets.forEach(RawSocket::close);
    }
  }

  /// Whoever has begun a request and goes silent makes room for those who have something to say.
  @Test
  void silentConnectionsMakeRoom() throws Exception {
    var sockets = new ArrayList<RawSocket>();
    try {
      for (int i = 0; i < CONNECTIONS_MAX; i++) {
        RawSocket half = RawSocket.connected(server.url());
        sockets.add(half);
        sends(half, "GET /deepstream HTTP/1.1\r\nHost: 127".getBytes(StandardCharsets.US_ASCII));
      }
      Eventually.holds(this::letsIn);
      assertTrue(server.metric("freshet_connections_refused_total{reason=\"crowded\"") > 0);
    } finally {
      sockets.forEach(RawSocket::close);
    }
  }

  private boolean letsIn() {
    try (RawSocket socket = RawSocket.loggedIn(server.url())) {
      socket.send(WireMessage.CHALLENGE);
      return true;
    } catch (IOException | AssertionError e) {
      return false;
    }
  }

  @Test
  void moreConnectionsThanAllowed() throws Exception {
    double before = refusals();
    var sockets = new ArrayList<RawSocket>();
    try {
      // They log in: others would be gone before all are there, on a slow machine.
      for (int i = 0; i < CONNECTIONS_MAX - 100; i++) {
        sockets.add(RawSocket.loggedIn(server.url()));
      }
      server.get("/health-check");
      for (int i = 0; i < 200; i++) {
        sockets.add(RawSocket.connected(server.url()));
      }
      assertTrue(sockets.getLast().isEnded());
    } finally {
      sockets.forEach(RawSocket::close);
    }
    Eventually.holds(() -> refusals() > before);
  }

  private double refusals() {
    try {
      return server.metric("freshet_connections_refused_total{reason=\"full\"")
          + server.metric("freshet_connections_refused_total{reason=\"crowded\"");
    } catch (Exception e) {
      return 0; // turned away itself, as long as the others are not gone
    }
  }
}
