// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests no honest client sends, against the packaged server while a [Witness] works on it. Each
/// is answered with its code; a connection on which it is not certain where the next request begins
/// is over; and the same port serves the next client as if nothing had been.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileHttpE2E {
  private static final int FUZZED_PER_ROUND = 500;
  private static final Set<Integer> STATUSES =
      Set.of(200, 204, 400, 403, 404, 405, 413, 415, 426, 431);

  private AttackedServer server;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    server = new AttackedServer(directory, "--durability=os");
  }

  @AfterEach
  void unharmed() throws Exception {
    server.assertUnharmed();
  }

  @AfterAll
  void stop() throws Exception {
    server.close();
  }

  static Stream<HttpAttack> attacks() {
    return HttpAttack.all().stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void attacks(HttpAttack attack) throws Exception {
    try (RawSocket socket = RawSocket.connected(server.url())) {
      socket.sendRaw(attack.bytes(server.authority()));
      RawSocket.Answer answer = socket.readAnswer();
      assertNotNull(answer, "no answer");
      assertEquals(attack.status(), answer.status(), answer::toString);
      assertNoDetails(answer);
      if (attack.ends()) {
        assertEquals("close", answer.header("connection"), answer::toString);
        sends(socket, request("GET", "/metrics", ""));
        assertNull(socket.readAnswer(), "a request on a connection that is over");
      } else {
        assertClean(socket);
      }
    }
    assertServesTheNextOne();
  }

  private static void assertNoDetails(RawSocket.Answer answer) {
    if (answer.status() >= 400 && answer.header("content-type").equals("application/json")) {
      assertTrue(answer.body().startsWith("{\"error\":"), answer::toString);
    }
    assertFalse(answer.body().contains("xception"), answer::toString);
    assertFalse(answer.body().contains("evil"), answer::toString);
  }

  /// Another request on the same connection is answered as the first on a new one.
  private void assertClean(RawSocket socket) throws IOException {
    socket.sendRaw(request("GET", "/health-check", ""));
    RawSocket.Answer clean = socket.readAnswer();
    assertNotNull(clean, "the connection is over");
    assertEquals(200, clean.status(), clean::toString);
    assertEquals("", clean.body());
    assertEquals("", clean.header("connection"));
  }

  private void assertServesTheNextOne() throws IOException {
    try (RawSocket next = RawSocket.connected(server.url())) {
      assertClean(next);
    }
  }

  private byte[] request(String method, String target, String moreHeaders) {
    return "%s %s HTTP/1.1\r\nHost: %s\r\n%s\r\n"
        .formatted(method, target, server.authority(), moreHeaders)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static boolean sends(RawSocket socket, byte[] bytes) {
    try {
      socket.sendRaw(bytes);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /// What is hidden behind a request comes when the request has been answered, as from a proxy that
  /// took it for a part of the body.
  @Test
  void aRequestHiddenInAnother() throws Exception {
    byte[] hidden = request("GET", "/metrics", "");
    for (String lines :
        List.of(
            "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: xchunked\r\n",
            "Transfer-Encoding: chunked, identity\r\n",
            "Content-Length: 0\r\nContent-Length: " + hidden.length + "\r\n",
            "Content-Length : " + hidden.length + "\r\n")) {
      try (RawSocket socket = RawSocket.connected(server.url())) {
        socket.sendRaw(request("POST", "/api", lines));
        RawSocket.Answer answer = socket.readAnswer();
        assertNotNull(answer);
        assertEquals(400, answer.status(), lines);
        sends(socket, "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        sends(socket, hidden);
        assertNull(socket.readAnswer(), lines);
      }
    }
  }

  @Test
  void manyRequestsAtOnce() throws Exception {
    try (RawSocket socket = RawSocket.connected(server.url())) {
      String one = new String(request("GET", "/metrics", ""), StandardCharsets.ISO_8859_1);
      sends(socket, one.repeat(2_000).getBytes(StandardCharsets.ISO_8859_1));
      assertTrue(answers(socket) >= 1, "not even the first was answered");
    }
  }

  /// A hundred megabytes, said beforehand or not, are not waited for.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anEndlessBody(boolean chunked) throws Exception {
    byte[] part = "x".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
    String json = "Content-Type: application/json\r\n";
    try (RawSocket socket = RawSocket.connected(server.url())) {
      socket.sendRaw(
          request(
              "POST",
              "/api",
              json
                  + (chunked
                      ? "Transfer-Encoding: chunked\r\n"
                      : "Content-Length: 104857600\r\n")));
      Thread sender =
          Thread.startVirtualThread(() -> {
            byte[] size = "100000\r\n".getBytes(StandardCharsets.US_ASCII);
            byte[] end = "\r\n".getBytes(StandardCharsets.US_ASCII);
            boolean open = true;
            for (int i = 0; i < 100 && open; i++) {
              open =
                  chunked
                      ? sends(socket, size) && sends(socket, part) && sends(socket, end)
                      : sends(socket, part);
            }
          });
      RawSocket.Answer answer = socket.readAnswer();
      assertNotNull(answer, "no answer");
      assertEquals(413, answer.status());
      assertTrue(answer.body().contains("PAYLOAD_TOO_LARGE"), answer::toString);
      assertNull(socket.readAnswer());
      sender.join();
    }
    assertServesTheNextOne();
  }

  /// Bodies that come a byte at a time, in one piece and in chunks, keep nothing open and nothing
  /// in memory.
  @Test
  void slowBodies() throws Exception {
    double late = server.metric("freshet_connections_refused_total{reason=\"timeout\"");
    var sockets = new ArrayList<RawSocket>();
    try {
      for (int i = 0; i < 200; i++) {
        RawSocket socket = RawSocket.connected(server.url());
        socket.sendRaw(
            request(
                "POST",
                "/api",
                "Content-Type: application/json\r\n"
                    + (i % 2 == 0
                        ? "Content-Length: 100000\r\n"
                        : "Transfer-Encoding: chunked\r\n")));
        sockets.add(socket);
      }
      String chunk = "1;" + "x".repeat(4_000);
      var open = new ArrayList<>(sockets);
      for (int i = 0; i < chunk.length() && !open.isEmpty(); i++) {
        byte[] next = {(byte) chunk.charAt(i)};
        open.removeIf(socket -> !sends(socket, next));
        LockSupport.parkNanos(50_000_000);
      }
      assertTrue(open.isEmpty(), () -> open.size() + " are still open");
    } finally {
      sockets.forEach(RawSocket::close);
    }
    assertTrue(server.metric("freshet_connections_refused_total{reason=\"timeout\"") >= late + 200);
    assertEquals(0, server.metric("freshet_http_body_bytes"));
  }

  /// Whatever the bytes are, what comes back is HTTP, and the end comes too: nobody waits for ever
  /// for the rest of a request.
  @ParameterizedTest
  @MethodSource("io.freshet.testkit.Seeds#all")
  void mutatedRequests(long seed) throws Exception {
    var random = new Random(seed);
    List<HttpAttack> all =
        HttpAttack.all().stream().filter(attack -> attack.bytes().length < 2_000).toList();
    var sockets = new ArrayList<RawSocket>();
    try {
      for (int i = 0; i < FUZZED_PER_ROUND; i++) {
        byte[] bytes = all.get(random.nextInt(all.size())).bytes(server.authority());
        mutate(bytes, random);
        RawSocket socket = RawSocket.connected(server.url());
        sockets.add(socket);
        sends(socket, bytes);
      }
      int answered = 0;
      for (RawSocket socket : sockets) {
        answered += answers(socket) > 0 ? 1 : 0;
      }
      int most = answered;
      assertTrue(most > FUZZED_PER_ROUND / 2, () -> "only " + most + " had an answer");
      server.assertUnharmed();
    } catch (Throwable failure) {
      throw new AssertionError("repeat with FRESHET_SEED=" + seed, failure);
    } finally {
      sockets.forEach(RawSocket::close);
    }
  }

  private static void mutate(byte[] bytes, Random random) {
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] = (byte) "\r\n :;,0\t\0".charAt(random.nextInt(9));
        case 2 -> bytes[at] = bytes[random.nextInt(bytes.length)];
        default -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      }
    }
  }

  /// How many come before the server ends the connection.
  private static int answers(RawSocket socket) throws IOException {
    int answers = 0;
    for (RawSocket.Answer answer = socket.readAnswer();
        answer != null;
        answer = socket.readAnswer()) {
      assertTrue(STATUSES.contains(answer.status()), answer::toString);
      assertNoDetails(answer);
      answers++;
    }
    return answers;
  }
}
