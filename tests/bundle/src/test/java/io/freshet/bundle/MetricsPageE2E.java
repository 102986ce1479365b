// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.testkit.Checkout;
import io.freshet.testkit.TestCertificates;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The guide to the metrics names what a running server shows, and nothing else.
class MetricsPageE2E {
  private static final Pattern SHOWN = Pattern.compile("^# TYPE (freshet_\\w+)", Pattern.MULTILINE);
  private static final Pattern EXPLAINED = Pattern.compile("`(freshet_\\w+)");

  private static final int EVENT = 4;
  private static final int SUBSCRIBE = 3;
  private static final int RPC = 6;
  private static final int REQUEST = 2;
  private static final int PROVIDE = 8;

  @TempDir private Path folder;

  private final TestCertificates authority = new TestCertificates("Test authority");
  private final HttpClient http =
      HttpClient.newBuilder().sslContext(authority.clientContext()).build();

  @AfterEach
  void close() {
    http.close();
  }

  private RunningServer start() throws IOException {
    return start("");
  }

  private RunningServer start(String more) throws IOException {
    // Metrics on logins are there only when somebody is asked who a client is; those on sources
    // when there is one, of which nothing but its metrics is wanted here.
    Files.writeString(
        folder.resolve("freshet.yml"),
        """
        auth: [ { type: open } ]
        sources: [ { type: postgres, url: "postgresql://nobody@127.0.0.1:1/none", tables: "*" } ]
        """
            + more);
    return RunningServer.start(folder);
  }

  /// As the other, with the metrics on TLS.
  private RunningServer startWithTls() throws IOException {
    TestCertificates.Certified own = authority.certify("CN=localhost", "127.0.0.1");
    Files.writeString(folder.resolve("cert.pem"), own.certificatePem());
    Files.writeString(folder.resolve("key.pem"), own.keyPem());
    return start("server: { tls: { certificate: cert.pem, key: key.pem } }\n");
  }

  private String page(RunningServer server) throws Exception {
    return page("http", server);
  }

  private String page(String scheme, RunningServer server) throws Exception {
    var page = HttpRequest.newBuilder(URI.create(scheme + "://" + server.address() + "/metrics"));
    return http.send(page.build(), BodyHandlers.ofString()).body();
  }

  private void assertShown(RunningServer server, String line) throws Exception {
    String page = page(server);
    assertTrue(page.lines().anyMatch(line::equals), () -> "no " + line + " in " + page);
  }

  @Test
  void everyMetricIsExplained() throws Exception {
    Set<String> shown;
    try (RunningServer server = startWithTls()) {
      shown = names(SHOWN, page("https", server));
    }
    assertTrue(shown.size() > 10, "only " + shown);
    Path guide = Checkout.root().resolve("docs/guides/observing.md");
    assertEquals(shown, names(EXPLAINED, Files.readString(guide)));
  }

  @Test
  void whatIsHeldIsShown() throws Exception {
    try (RunningServer server = start()) {
      URI url = URI.create("ws://" + server.address());
      try (RawSocket provider = RawSocket.loggedIn(url);
          RawSocket caller = RawSocket.loggedIn(url)) {
        assertHeld(server, 0);
        provider.send(new WireMessage.Draft(EVENT, SUBSCRIBE).text(3, "s").text(7, "news"));
        provider.await(message -> message.is(EVENT, SUBSCRIBE));
        provider.send(new WireMessage.Draft(RPC, PROVIDE).text(3, "p").text(6, "add"));
        provider.await(message -> message.is(RPC, PROVIDE));
        caller.send(new WireMessage.Draft(RPC, REQUEST).text(2, "1").text(3, "c").text(7, "add"));
        provider.await(message -> message.is(RPC, REQUEST));
        assertHeld(server, 1);
      }
      assertShown(server, "freshet_events_dropped_total 0.0");
      assertShown(server, "freshet_queue_refused_total{queue=\"login-hashing\"} 0.0");
      assertShown(server, "freshet_queue_refused_total{queue=\"login-asking\"} 0.0");
    }
  }

  private void assertHeld(RunningServer server, int number) throws Exception {
    for (String what : List.of("event_names", "procedures", "calls", "offers")) {
      assertShown(server, "freshet_messaging_held{what=\"%s\"} %d.0".formatted(what, number));
    }
  }

  private static Set<String> names(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map((MatchResult found) -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
