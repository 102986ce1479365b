// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The packaged server with a certificate, and clients that have some of their own.
class TlsE2E {
  private static final String TOKEN = "0123456789abcdef";

  private final TestCertificates authority = new TestCertificates("Test authority");
  private @TempDir Path folder;
  private BundleProcess process;
  private URI url;

  @BeforeEach
  void start() throws Exception {
    write(authority.certify("CN=localhost", "localhost", "127.0.0.1"));
    Files.writeString(folder.resolve("ca.pem"), authority.authority().certificatePem());
    Files.writeString(
        folder.resolve("freshet.yml"),
        """
        server:
          port: 0
          tls:
            { certificate: cert.pem, key: key.pem, clientCa: ca.pem, clientAuth: optional }
        auth:
          - { type: certificate }
        admin: { token: %s }
        """
            .formatted(TOKEN));
    process = BundleProcess.start(folder, "start");
    url = process.awaitReady().url();
  }

  @AfterEach
  void stop() throws Exception {
    try (BundleProcess running = process) {
      running.signal("TERM");
      assertEquals(0, running.awaitExit(10), running::errors);
    }
  }

  private void write(Certified certified) throws IOException {
    Files.writeString(folder.resolve("cert.pem"), certified.certificatePem());
    Files.writeString(folder.resolve("key.pem"), certified.keyPem());
  }

  private static HttpResponse<String> send(HttpClient http, HttpRequest.Builder request)
      throws Exception {
    return http.send(
        request.timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder get(String path) {
    return HttpRequest.newBuilder(url.resolve(path));
  }

  /// What a WebSocket is sent, message by message.
  private static final class Heard implements WebSocket.Listener {
    final LinkedBlockingQueue<String> messages = new LinkedBlockingQueue<>();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
      messages.add(text.toString());
      socket.request(1);
      return null;
    }
  }

  @Test
  void knowsClientsByTheirCertificates() throws Exception {
    Certified sensor = authority.certify("CN=sensor-7,O=Example");
    try (var known = HttpClient.newBuilder().sslContext(authority.clientContext(sensor)).build();
        var nobody = HttpClient.newBuilder().sslContext(authority.clientContext()).build()) {
      assertEquals(200, send(known, get("/api/sync/things/documents")).statusCode());
      assertEquals(401, send(nobody, get("/api/sync/things/documents")).statusCode());
      assertEquals(200, send(nobody, get("/health-check")).statusCode());

      var heard = new Heard();
      URI socket = URI.create(url.toString().replace("https:", "wss:") + "/ws");
      WebSocket talk =
          known.newWebSocketBuilder().buildAsync(socket, heard).get(20, TimeUnit.SECONDS);
      String welcome = heard.messages.poll(20, TimeUnit.SECONDS);
      assertTrue(welcome.contains("\"sensor-7\""), welcome);
      String listed =
          command("admin", "connections", "--url", url.toString(), "--ca", "ca.pem").out();
      assertTrue(listed.contains("sensor-7"), listed);
      talk.abort();
    }
  }

  private BundleProcess.Result command(String... words) throws Exception {
    return BundleProcess.run(folder, Map.of("FRESHET_ADMIN_TOKEN", TOKEN), words);
  }

  @Test
  void changesItsCertificateWhileItRuns() throws Exception {
    var later = new TestCertificates("Another authority");
    try (var http = HttpClient.newBuilder().sslContext(authority.clientContext()).build()) {
      HttpRequest.Builder health = HttpRequest.newBuilder(url.resolve("/health-check"));
      assertEquals(200, send(http, health).statusCode());
      write(later.certify("CN=second", "127.0.0.1"));
      // Its connection is open already.
      assertEquals(200, send(http, health).statusCode());
      Eventually.holds(() -> trusts(later));
      assertEquals(200, send(http, health).statusCode());
      assertThrows(SSLException.class, () -> get(authority));
    }

    write(authority.certify("CN=third", "127.0.0.1"));
    process.signal("HUP");
    Eventually.holds(() -> trusts(authority));
    Eventually.holds(() -> process.errors().contains("SIGHUP"));

    write(later.certify("CN=fourth", "127.0.0.1"));
    Files.writeString(folder.resolve("other.pem"), later.authority().certificatePem());
    BundleProcess.Result done = reload("--ca", "other.pem");
    assertTrue(done.code() == 0 || done.code() == 5, done::err);
    Eventually.holds(() -> trusts(later));
    assertTrue(reload("--ca", "other.pem").out().contains("CN=fourth"));

    Files.writeString(folder.resolve("key.pem"), "nothing");
    BundleProcess.Result refused = reload("--ca", "other.pem");
    assertEquals(6, refused.code(), refused::err);
    assertTrue(refused.err().contains("key.pem: no key in it"), refused::err);
    assertTrue(trusts(later), "the certificate before stays in effect");
    assertEquals(5, reload("--ca", "ca.pem").code(), "not of this authority");
  }

  private BundleProcess.Result reload(String... options) throws Exception {
    var words = new java.util.ArrayList<>(java.util.List.of("tls", "reload", "--url"));
    words.add(url.toString());
    words.addAll(java.util.List.of(options));
    return command(words.toArray(String[]::new));
  }

  private boolean trusts(TestCertificates whom) {
    try {
      return get(whom) == 200;
    } catch (SSLException e) {
      return false;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private int get(TestCertificates whom) throws Exception {
    try (var http = HttpClient.newBuilder().sslContext(whom.clientContext()).build()) {
      return send(http, HttpRequest.newBuilder(url.resolve("/health-check"))).statusCode();
    }
  }

  /// The configuration names the very certificate, so that no authority has to be asked, nor a name
  /// to fit.
  @Test
  void isAdministratedFromItsOwnMachine() throws Exception {
    var self = new TestCertificates("Nobody knows me");
    write(self.certify("CN=db.example", "db.example"));
    Eventually.holds(() -> process.errors().contains("db.example"));
    BundleProcess.Result listed = command("admin", "connections", "--server.port=" + url.getPort());
    assertEquals(0, listed.code(), listed::err);
  }
}
