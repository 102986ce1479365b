// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import static io.freshet.server.identity.Logins.accepted;
import static io.freshet.server.identity.Logins.login;
import static io.freshet.server.identity.Logins.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.freshet.spi.Authenticator.Verdict;
import io.freshet.testkit.VirtualClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Keys of an issuer: rotated, unknown, and out of reach.
class JwksIT {
  private static final KeyPair RSA = TestIssuer.rsa(2048);
  private static final KeyPair EC = TestIssuer.ec("secp256r1");
  private static final KeyPair ED = TestIssuer.ed25519();
  private static final Verdict INVALID = refused("{\"error\":\"INVALID_TOKEN\"}");

  @TempDir Path folder;
  private final VirtualClock clock = VirtualClock.atNoon();
  private final BoundedWork work = BoundedWork.waiting(4, 100);
  private final HttpClient client = HttpClient.newHttpClient();
  private final AtomicInteger fetches = new AtomicInteger();
  private volatile int status = 200;
  private volatile String published = TestIssuer.jwks();
  private HttpServer issuer;

  @BeforeEach
  void publish() throws IOException {
    issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    issuer.createContext(
        "/jwks.json",
        exchange -> {
          fetches.incrementAndGet();
          byte[] body = published.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Location", "/elsewhere");
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    issuer.start();
  }

  @AfterEach
  void stop() {
    issuer.stop(0);
    client.close();
    work.close();
  }

  private JwtAuthenticator open(KeyOptions keys) {
    var options =
        new JwtAuthenticator.Options(
            Set.of(TokenAlgorithm.RS256, TokenAlgorithm.ES256, TokenAlgorithm.EDDSA),
            Optional.of("https://idp.example"),
            List.of("app"),
            Duration.ZERO,
            "sub",
            "roles",
            Optional.empty());
    return new JwtAuthenticator(options, keys, work, clock);
  }

  private JwtAuthenticator atUrl() {
    URI url = URI.create("http://127.0.0.1:%d/jwks.json".formatted(issuer.getAddress().getPort()));
    return open(new KeyOptions.JwksAt(url, Duration.ofMinutes(10), client));
  }

  private String token(KeyPair pair, String keyId) {
    String token = TestIssuer.signer(pair).sign(TestIssuer.claims("ann", clock.instant()), keyId);
    return "{\"token\":\"" + token + "\"}";
  }

  @Test
  void findsTheKeyATokenNamesOrAnyOfItsAlgorithm() {
    published =
        TestIssuer.jwks(
            TestIssuer.jwk(TestIssuer.rsa(2048).getPublic(), "r0", ""),
            TestIssuer.jwk(RSA.getPublic(), "r1", ",\"use\":\"sig\",\"alg\":\"RS256\""),
            TestIssuer.jwk(EC.getPublic(), "e1", ""),
            TestIssuer.jwk(ED.getPublic(), "d1", ""),
            "{\"kty\":\"oct\",\"kid\":\"s\",\"k\":\"AAAA\"}",
            "{\"kty\":\"new\",\"kid\":\"n\"}");
    var jwt = atUrl();
    accepted(login(jwt, token(RSA, "r1")));
    accepted(login(jwt, token(RSA, null)));
    accepted(login(jwt, token(EC, "e1")));
    accepted(login(jwt, token(ED, "d1")));
    assertEquals(INVALID, login(jwt, token(RSA, "r0")));
    assertEquals(INVALID, login(jwt, token(RSA, "e1")));
    assertEquals(1, fetches.get());
  }

  @Test
  void leavesOutKeysForOtherUses() {
    published =
        TestIssuer.jwks(
            TestIssuer.jwk(RSA.getPublic(), "r1", ",\"use\":\"enc\""),
            TestIssuer.jwk(RSA.getPublic(), "r2", ",\"alg\":\"RS512\""),
            TestIssuer.jwk(TestIssuer.rsa(1024).getPublic(), "r3", ""));
    assertEquals(INVALID, login(atUrl(), token(RSA, "r1")));
    assertEquals(List.of(), Jwks.parse("set", published).keys());
  }

  @Test
  void meetsANewKeyAndForgetsAnOldOne() {
    published = TestIssuer.jwks(TestIssuer.jwk(EC.getPublic(), "old", ""));
    var jwt = atUrl();
    accepted(login(jwt, token(EC, "old")));
    published = TestIssuer.jwks(TestIssuer.jwk(ED.getPublic(), "new", ""));
    clock.advance(JwksUrl.REFETCH_PAUSE);
    accepted(login(jwt, token(ED, "new")));
    assertEquals(INVALID, login(jwt, token(EC, "old")));
    assertEquals(2, fetches.get());
  }

  @Test
  void doesNotLetStrangersHaveTheIssuerAskedWithoutEnd() {
    published = TestIssuer.jwks(TestIssuer.jwk(EC.getPublic(), "e1", ""));
    var jwt = atUrl();
    accepted(login(jwt, token(EC, "e1")));
    for (int i = 0; i < 20; i++) {
      assertEquals(INVALID, login(jwt, token(ED, "made-up-" + i)));
    }
    assertEquals(1, fetches.get());
    clock.advance(JwksUrl.REFETCH_PAUSE);
    for (int i = 0; i < 20; i++) {
      assertEquals(INVALID, login(jwt, token(ED, "made-up-" + i)));
    }
    assertEquals(2, fetches.get());
  }

  @Test
  void fetchesAgainFromTimeToTime() {
    published = TestIssuer.jwks(TestIssuer.jwk(EC.getPublic(), "e1", ""));
    var jwt = atUrl();
    jwt.refresh();
    jwt.refresh();
    assertEquals(1, fetches.get());
    clock.advance(Duration.ofMinutes(10));
    jwt.refresh();
    assertEquals(2, fetches.get());
  }

  @Test
  void keepsTheKeysWhileTheIssuerIsDown() {
    published = TestIssuer.jwks(TestIssuer.jwk(EC.getPublic(), "e1", ""));
    var jwt = atUrl();
    accepted(login(jwt, token(EC, "e1")));
    for (int failure : new int[] {500, 302}) {
      status = failure;
      clock.advance(Duration.ofHours(1));
      jwt.refresh();
      accepted(login(jwt, token(EC, "e1")));
    }
    status = 200;
    published = "<html>";
    clock.advance(Duration.ofHours(1));
    jwt.refresh();
    accepted(login(jwt, token(EC, "e1")));
    issuer.stop(0);
    clock.advance(Duration.ofHours(1));
    jwt.refresh();
    accepted(login(jwt, token(EC, "e1")));
    assertEquals(4, fetches.get());
  }

  @Test
  void saysTryAgainWhileItHasNeverHadKeys() {
    status = 503;
    var jwt = atUrl();
    assertInstanceOf(Verdict.Later.class, login(jwt, token(EC, "e1")));
    status = 200;
    published = TestIssuer.jwks(TestIssuer.jwk(EC.getPublic(), "e1", ""));
    assertInstanceOf(Verdict.Later.class, login(jwt, token(EC, "e1")));
    clock.advance(JwksUrl.REFETCH_PAUSE);
    accepted(login(jwt, token(EC, "e1")));
  }

  @Test
  void readsAFileAndReadsItAgain() throws IOException {
    Path file = folder.resolve("jwks.json");
    Files.writeString(file, TestIssuer.jwks(TestIssuer.jwk(EC.getPublic(), "e1", "")));
    var jwt = open(new KeyOptions.JwksInFile(file));
    accepted(login(jwt, token(EC, "e1")));
    Files.writeString(file, TestIssuer.jwks(TestIssuer.jwk(ED.getPublic(), "d1", "")));
    jwt.refresh();
    accepted(login(jwt, token(ED, "d1")));
    assertEquals(INVALID, login(jwt, token(EC, "e1")));
    Files.writeString(file, "{}");
    var failure =
        assertThrows(IdentityException.class, () -> open(new KeyOptions.JwksInFile(file)));
    assertTrue(String.valueOf(failure.getMessage()).contains("jwks.json"));
  }
}
