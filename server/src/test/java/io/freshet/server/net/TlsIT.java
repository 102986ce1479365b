// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.server.metrics.Metrics;
import io.freshet.server.tls.ClientAuth;
import io.freshet.server.tls.ServerCertificate;
import io.freshet.server.tls.TlsFiles;
import io.freshet.spi.Health;
import io.freshet.testkit.Eventually;
import io.freshet.testkit.TestCertificates;
import io.freshet.testkit.TestCertificates.Certified;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The port with TLS, spoken to by the JDK's own clients and by sockets that do it wrong.
class TlsIT {
  private static final int HANDSHAKES_MAX = 20;
  private static final Duration PATIENCE = Duration.ofMillis(1500);

  private final TestCertificates authority = new TestCertificates("Test authority");
  private final EchoDoor door = new EchoDoor();
  private final Metrics metrics = new Metrics();
  private @TempDir Path folder;
  private ServerCertificate certificate;
  private NetServer server;

  private void start(Certified own, ClientAuth clientAuth) throws IOException {
    write(own);
    Path ca = folder.resolve("ca.pem");
    Files.writeString(ca, authority.authority().certificatePem());
    Optional<Path> clientCa = clientAuth == ClientAuth.NONE ? Optional.empty() : Optional.of(ca);
    certificate =
        new ServerCertificate(
            new TlsFiles(
                folder.resolve("cert.pem"), folder.resolve("key.pem"), clientCa, clientAuth),
            InstantSource.system(),
            metrics);
    var limits =
        new SocketLimits(
            100_000, 65_536, 32_768, 1_000_000, 500, 20, 256L << 20, Duration.ofSeconds(5));
    server =
        NetServer.start(
            new NetOptions(
                "127.0.0.1",
                0,
                2,
                new AccessPolicy(Set.of(), false, Set.of()),
                limits,
                PeerLimits.NONE,
                new Tls(certificate::context, PATIENCE, HANDSHAKES_MAX, true)),
            List.of(door),
            List.of(),
            List.of(new HealthRoute(() -> Health.Healthy.HEALTHY), new WhoRoute()),
            metrics);
  }

  /// Answers with the subject of the certificate that its caller has shown.
  private final class WhoRoute implements HttpRoute {
    @Override
    public Place place() {
      return Place.ofPage("/who");
    }

    @Override
    public CompletionStage<HttpAnswer> answer(HttpCall call) {
      X509Certificate one = call.peer().certificate();
      return CompletableFuture.completedStage(
          HttpAnswer.text(200, one == null ? "" : one.getSubjectX500Principal().getName()));
    }
  }

  private void write(Certified own) throws IOException {
    Files.writeString(folder.resolve("cert.pem"), own.certificatePem());
    Files.writeString(folder.resolve("key.pem"), own.keyPem());
  }

  private Certified usual() {
    return authority.certify("CN=localhost", "localhost", "127.0.0.1");
  }

  @AfterEach
  void stop() {
    server.close(Duration.ofSeconds(1));
    assertEquals(0, door.misplacedCalls.get(), "calls after onClosed or off the event loop");
  }

  private HttpResponse<String> get(SSLContext client, String path) throws Exception {
    try (var http = HttpClient.newBuilder().sslContext(client).build()) {
      return get(http, path);
    }
  }

  private HttpResponse<String> get(HttpClient http, String path) throws Exception {
    var uri = URI.create("https://127.0.0.1:" + server.address().getPort() + path);
    return http.send(
        HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private double metric(String series) {
    var found =
        Pattern.compile("(?m)^" + Pattern.quote(series) + " (\\S+)$").matcher(metrics.scrape());
    assertTrue(found.find(), series);
    return Double.parseDouble(found.group(1));
  }

  private double handshakes(TlsHandshakes.Outcome outcome) {
    return metric(
        "freshet_tls_handshakes_total{outcome=\"%s\"}".formatted(outcome.name().toLowerCase()));
  }

  /// The JDK's WebSocket, collecting what it is sent.
  private final class Talk implements WebSocket.Listener {
    final LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final StringBuilder text = new StringBuilder();
    private final WebSocket socket;

    Talk(HttpClient http) throws Exception {
      socket =
          http.newWebSocketBuilder()
              .buildAsync(
                  URI.create("wss://127.0.0.1:" + server.address().getPort() + "/echo"), this)
              .get(20, TimeUnit.SECONDS);
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        heard.add(text.toString());
        text.setLength(0);
      }
      from.request(1);
      return null;
    }

    String say(String words) throws Exception {
      socket.sendText(words, true).get(20, TimeUnit.SECONDS);
      return heard.poll(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void speaksWithTheJdksOwnClients() throws Exception {
    start(usual(), ClientAuth.NONE);
    SSLContext client = authority.clientContext();
    assertEquals(200, get(client, "/health-check").statusCode());
    assertEquals("", get(client, "/who").body());
    try (var http = HttpClient.newBuilder().sslContext(client).build()) {
      var talk = new Talk(http);
      assertEquals("hello", talk.say("hello"));
      String large = "x".repeat(90_000);
      assertEquals(large, talk.say(large));
      talk.socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(20, TimeUnit.SECONDS);
      assertNotNull(door.closed.poll(20, TimeUnit.SECONDS));
    }
    assertEquals(3, handshakes(TlsHandshakes.Outcome.AGREED));
  }

  @Test
  void isNotTakenForSomebodyElse() throws Exception {
    start(authority.certify("CN=elsewhere", "elsewhere.example"), ClientAuth.NONE);
    assertThrows(SSLException.class, () -> get(authority.clientContext(), "/health-check"));
    var stranger = new TestCertificates("Another authority");
    assertThrows(SSLException.class, () -> get(stranger.clientContext(), "/health-check"));
  }

  @Test
  void isNotBelievedWhenItsTimeIsOver() throws Exception {
    start(authority.certify("CN=l", Duration.ofDays(-1), "127.0.0.1"), ClientAuth.NONE);
    assertThrows(SSLException.class, () -> get(authority.clientContext(), "/health-check"));
  }

  @Test
  void speaksTwoVersionsAndNoOthers() throws Exception {
    start(usual(), ClientAuth.NONE);
    for (String version : List.of("TLSv1.3", "TLSv1.2")) {
      try (SSLSocket socket = socket(authority.clientContext())) {
        socket.setEnabledProtocols(new String[] {version});
        socket.startHandshake();
        assertEquals(version, socket.getSession().getProtocol());
        assertTrue(socket.getSession().getCipherSuite().matches("TLS_(AES|CHACHA|ECDHE).*"));
      }
    }
    // A hello of TLS 1.1 by hand, because the JDK's own clients no longer know how.
    try (var old = new RawClient(server.address())) {
      old.raw(hello(0x0302));
      assertEquals(0x15, old.readByte(), "an alert");
    }
    Eventually.holds(() -> handshakes(TlsHandshakes.Outcome.FAILED) == 1);
  }

  /// The first message of a client, RFC 5246 section 7.4.1.2, with two ciphers of its time.
  private static byte[] hello(int version) {
    byte[] hello = new byte[5 + 4 + 2 + 32 + 1 + 2 + 4 + 2];
    hello[0] = 0x16;
    hello[1] = 0x03;
    hello[2] = 0x01;
    hello[4] = (byte) (hello.length - 5);
    hello[5] = 0x01;
    hello[8] = (byte) (hello.length - 9);
    hello[9] = (byte) (version >> 8);
    hello[10] = (byte) version;
    hello[45] = 0x04;
    hello[46] = (byte) 0xC0;
    hello[47] = 0x13;
    hello[49] = 0x2F;
    hello[50] = 0x01;
    return hello;
  }

  private SSLSocket socket(SSLContext client) throws IOException {
    var socket =
        (SSLSocket) client.getSocketFactory().createSocket("127.0.0.1", server.address().getPort());
    socket.setSoTimeout(20_000);
    return socket;
  }

  @Test
  void tellsWhoSpeaksPlainText() throws Exception {
    start(usual(), ClientAuth.NONE);
    try (var plain = new RawClient(server.address())) {
      RawClient.Answer answer = plain.request("GET", "/health-check");
      assertEquals(400, answer.status());
      assertTrue(answer.body().contains("use https://"), answer::body);
      assertEquals("", plain.readToEnd());
    }
    assertEquals(1, handshakes(TlsHandshakes.Outcome.PLAIN));
  }

  @Test
  void asksClientsForCertificates() throws Exception {
    start(usual(), ClientAuth.REQUIRED);
    SSLContext known = authority.clientContext(authority.certify("CN=sensor-7,O=Example"));
    assertEquals("CN=sensor-7,O=Example", get(known, "/who").body());
    assertThrows(IOException.class, () -> get(authority.clientContext(), "/who"));
    var others = new TestCertificates("Another authority");
    assertThrows(
        IOException.class, () -> get(authority.clientContext(others.certify("CN=forged")), "/who"));
    assertThrows(
        IOException.class,
        () ->
            get(
                authority.clientContext(authority.certify("CN=late", Duration.ofDays(-1))),
                "/who"));
  }

  @Test
  void letsClientsInWithoutCertificatesIfTheyMay() throws Exception {
    start(usual(), ClientAuth.OPTIONAL);
    assertEquals("", get(authority.clientContext(), "/who").body());
    SSLContext known = authority.clientContext(authority.certify("CN=sensor-7"));
    assertEquals("CN=sensor-7", get(known, "/who").body());
  }

  @Test
  void keepsConnectionsOverAReload() throws Exception {
    start(usual(), ClientAuth.NONE);
    try (var http = HttpClient.newBuilder().sslContext(authority.clientContext()).build()) {
      var talks = new ArrayList<Talk>();
      for (int i = 0; i < 5; i++) {
        talks.add(new Talk(http));
      }
      var later = new TestCertificates("Another authority");
      for (int round = 0; round < 5; round++) {
        write(later.certify("CN=localhost", "127.0.0.1"));
        certificate.reload();
        assertThrows(SSLException.class, () -> get(authority.clientContext(), "/health-check"));
        assertEquals(200, get(later.clientContext(), "/health-check").statusCode());
        for (Talk talk : talks) {
          assertEquals("round " + round, talk.say("round " + round));
        }
      }
      talks.forEach(talk -> talk.socket.abort());
    }
  }

  /// Whoever is silent in the middle is ended in time, and does not keep others out meanwhile.
  @Test
  void isNotHeldUpBySlowHandshakes() throws Exception {
    start(usual(), ClientAuth.NONE);
    var slow = new ArrayList<RawClient>();
    try {
      for (int i = 0; i < HANDSHAKES_MAX; i++) {
        var client = new RawClient(server.address());
        slow.add(client);
        if (i % 2 == 0) {
          client.raw(java.util.Arrays.copyOf(hello(0x0303), 20));
        }
      }
      Eventually.holds(() -> metric("freshet_tls_handshakes_pending") == HANDSHAKES_MAX);
      SSLContext client = authority.clientContext();
      Eventually.holds(() -> answers(client));
      for (RawClient each : slow) {
        assertEquals("", each.readToEnd());
      }
      Eventually.holds(() -> metric("freshet_tls_handshakes_pending") == 0);
      assertTrue(handshakes(TlsHandshakes.Outcome.TIMEOUT) >= HANDSHAKES_MAX);
    } finally {
      for (RawClient each : slow) {
        each.close();
      }
    }
  }

  private boolean answers(SSLContext client) {
    try {
      return get(client, "/health-check").statusCode() == 200;
    } catch (Exception e) {
      return false;
    }
  }

  /// A large answer arrives whole although the server ends the connection behind it.
  @Test
  void endsPolitely() throws Exception {
    start(usual(), ClientAuth.NONE);
    try (SSLSocket socket = socket(authority.clientContext())) {
      var parameters = new SSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
      socket
          .getOutputStream()
          .write("GET /who HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes());
      String all = new String(socket.getInputStream().readAllBytes());
      assertTrue(all.startsWith("HTTP/1.1 200 OK"), all);
    }
  }
}
