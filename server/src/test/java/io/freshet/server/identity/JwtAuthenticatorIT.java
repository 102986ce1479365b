// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import static io.freshet.server.identity.Logins.accepted;
import static io.freshet.server.identity.Logins.login;
import static io.freshet.server.identity.Logins.object;
import static io.freshet.server.identity.Logins.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.spi.Authenticator.Verdict;
import io.freshet.testkit.VirtualClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JwtAuthenticatorIT {
  private static final KeyPair RSA = TestIssuer.rsa(2048);
  private static final KeyPair EC = TestIssuer.ec("secp256r1");
  private static final KeyPair ED = TestIssuer.ed25519();
  private static final Verdict NOT_MINE = Verdict.NotMine.NOT_MINE;
  private static final Verdict INVALID = refused("{\"error\":\"INVALID_TOKEN\"}");

  @TempDir Path folder;
  private final VirtualClock clock = VirtualClock.atNoon();
  private final BoundedWork work = BoundedWork.waiting(2, 100);

  @AfterEach
  void stop() {
    work.close();
  }

  private static JwtAuthenticator.Options options(TokenAlgorithm algorithm) {
    return new JwtAuthenticator.Options(
        Set.of(algorithm),
        Optional.of("https://idp.example"),
        List.of("app", "other"),
        Duration.ofSeconds(30),
        "sub",
        "realm_access.roles",
        Optional.of("profile"));
  }

  private JwtAuthenticator open(JwtAuthenticator.Options options, KeyOptions keys) {
    return new JwtAuthenticator(options, keys, work, clock);
  }

  private JwtAuthenticator secret() {
    return open(options(TokenAlgorithm.HS256), new KeyOptions.Secret(TestIssuer.SECRET));
  }

  private static JwtAuthenticator.Options anyIssuer(TokenAlgorithm algorithm) {
    return new JwtAuthenticator.Options(
        Set.of(algorithm),
        Optional.empty(),
        List.of(),
        Duration.ZERO,
        "email",
        "https://app.example/roles",
        Optional.empty());
  }

  private static String shown(String token) {
    return "{\"token\":\"" + token + "\"}";
  }

  private String claims(UnaryOperator<JsonObject> change) {
    return shown(
        TokenSigner.ofSecret(TestIssuer.SECRET)
            .sign(change.apply(TestIssuer.claims("ann", clock.instant())), null));
  }

  @Test
  void takesTokensOfEveryAlgorithm() throws IOException {
    JsonObject claims = TestIssuer.claims("ann", clock.instant());
    assertEquals("ann", accepted(login(secret(), claims(same -> same))).userId());
    for (KeyPair pair : List.of(RSA, EC, ED)) {
      String pem = TestIssuer.pem(pair.getPublic());
      var algorithm = new KeyOptions.PublicKey(pem).algorithm().orElseThrow();
      String token = shown(TestIssuer.signer(pair).sign(claims, "ignored"));
      var inline = open(options(algorithm), new KeyOptions.PublicKey(pem));
      assertEquals("ann", accepted(login(inline, token)).userId());
      Path file = Files.writeString(folder.resolve(algorithm.label()), pem);
      var fromFile = open(options(algorithm), new KeyOptions.PublicKey(file.toString()));
      assertEquals("ann", accepted(login(fromFile, token.replace("token", "jwt"))).userId());
    }
  }

  @Test
  void handsClaimsToTheRulesAndToTheClient() {
    var verdict =
        accepted(
            login(
                secret(),
                claims(claims ->
                    claims
                        .with("realm_access", object("{\"roles\":[\"admin\"]}"))
                        .with("permissions", Json.parse("[\"sync:session:read\"]"))
                        .with("tenant", JsonString.of("t1"))
                        .with("jti", JsonString.of("7"))
                        .with("profile", object("{\"name\":\"Ann\"}")))));
    assertEquals(
        object(
            "{\"realm_access\":{\"roles\":[\"admin\"]},\"roles\":[\"admin\"],\"tenant\":\"t1\","
                + "\"permissions\":[\"sync:session:read\"]}"),
        verdict.serverData());
    assertEquals(object("{\"name\":\"Ann\"}"), verdict.clientData());
    assertEquals(clock.instant().plusSeconds(60 + 30), verdict.expiresAt());
  }

  @Test
  void namesOfClaimsMayHoldDots() {
    var users = open(anyIssuer(TokenAlgorithm.HS256), new KeyOptions.Secret(TestIssuer.SECRET));
    var verdict =
        accepted(
            login(
                users,
                claims(claims ->
                    claims
                        .with("email", JsonString.of("ann@example.com"))
                        .with("https://app.example/roles", Json.parse("[\"a\"]")))));
    assertEquals("ann@example.com", verdict.userId());
    assertEquals(Json.parse("[\"a\"]"), verdict.serverData().get("roles"));
  }

  @Test
  void refusesTokensOutOfTheirTimeBeyondTheLeeway() {
    var jwt = secret();
    String token = claims(same -> same);
    String early =
        claims(claims -> claims.with("nbf", JsonNumber.of(clock.instant().getEpochSecond() + 31)));
    assertEquals(refused("{\"error\":\"TOKEN_NOT_YET_VALID\"}"), login(jwt, early));
    clock.advance(Duration.ofSeconds(1));
    accepted(login(jwt, early));
    clock.advance(Duration.ofSeconds(88));
    accepted(login(jwt, token));
    clock.advance(Duration.ofSeconds(1));
    assertEquals(refused("{\"error\":\"TOKEN_EXPIRED\"}"), login(jwt, token));
  }

  @Test
  void refusesTokensForOthersAndTokensThatLackWhatIsNeeded() {
    var jwt = secret();
    accepted(login(jwt, claims(claims -> claims.with("aud", Json.parse("[7,\"x\",\"other\"]")))));
    assertEquals(INVALID, login(jwt, claims(claims -> claims.with("aud", JsonString.of("x")))));
    assertEquals(INVALID, login(jwt, claims(claims -> claims.with("aud", Json.parse("[]")))));
    assertEquals(INVALID, login(jwt, claims(claims -> claims.with("aud", Json.parse("{}")))));
    for (String name : List.of("aud", "exp", "sub")) {
      assertEquals(INVALID, login(jwt, claims(claims -> claims.without(name))), name);
    }
    for (String time : List.of("\"1\"", "1e300", "true")) {
      assertEquals(INVALID, login(jwt, claims(claims -> claims.with("exp", Json.parse(time)))));
      assertEquals(INVALID, login(jwt, claims(claims -> claims.with("nbf", Json.parse(time)))));
    }
    assertEquals(INVALID, login(jwt, claims(claims -> claims.with("sub", Json.parse("7")))));
  }

  @Test
  void leavesTokensOfOtherIssuersToOthers() {
    var jwt = secret();
    assertEquals(NOT_MINE, login(jwt, claims(claims -> claims.with("iss", JsonString.of("x")))));
    assertEquals(NOT_MINE, login(jwt, claims(claims -> claims.without("iss"))));
    for (String token :
        List.of("{}", shown(""), shown("fk_a_b"), shown("a.b.c"), "{\"token\":7}")) {
      assertEquals(NOT_MINE, login(jwt, token));
    }
    assertEquals(NOT_MINE, login(jwt, shown("a".repeat(20_000))));
    String wrongSecret = "another secret of more than 32 bytes, too";
    String foreign =
        shown(
            TokenSigner.ofSecret(wrongSecret)
                .sign(TestIssuer.claims("ann", clock.instant()), null));
    assertEquals(INVALID, login(jwt, foreign));
    var open = open(anyIssuer(TokenAlgorithm.HS256), new KeyOptions.Secret(TestIssuer.SECRET));
    assertEquals(NOT_MINE, login(open, foreign));
  }

  @Test
  void refusesTokensWithoutASignature() {
    String claims = Json.text(TestIssuer.claims("ann", clock.instant()));
    for (String alg : List.of("none", "None", "NONE", "")) {
      String head = TestIssuer.encoded("{\"alg\":\"" + alg + "\"}");
      for (String signature : List.of("", "AA")) {
        String token = head + "." + TestIssuer.encoded(claims) + "." + signature;
        Verdict verdict = login(secret(), shown(token));
        assertEquals(false, verdict instanceof Verdict.Accepted, alg);
      }
    }
  }

  /// The attacker signs with the public key, which everybody knows, as if it were a secret.
  @Test
  void refusesAPublicKeyTakenForASecret() throws Exception {
    String pem = TestIssuer.pem(RSA.getPublic());
    var jwt = open(options(TokenAlgorithm.RS256), new KeyOptions.PublicKey(pem));
    JsonObject claims = TestIssuer.claims("ann", clock.instant());
    for (byte[] secret :
        List.of(
            pem.getBytes(StandardCharsets.UTF_8),
            pem.strip().getBytes(StandardCharsets.UTF_8),
            RSA.getPublic().getEncoded())) {
      String signed =
          TestIssuer.encoded("{\"alg\":\"HS256\",\"typ\":\"JWT\"}")
              + "."
              + TestIssuer.encoded(Json.text(claims));
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      byte[] signature = mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII));
      assertEquals(INVALID, login(jwt, shown(signed + "." + TestIssuer.base64(signature))));
    }
  }

  @Test
  void refusesKeysTheTokenBringsAlongAndExtensionsNobodyKnows() {
    var jwt =
        open(
            options(TokenAlgorithm.EDDSA),
            new KeyOptions.PublicKey(TestIssuer.pem(ED.getPublic())));
    JsonObject claims = TestIssuer.claims("ann", clock.instant());
    KeyPair attacker = TestIssuer.ed25519();
    String jwk = TestIssuer.jwk(attacker.getPublic(), "a", "");
    assertEquals(INVALID, login(jwt, signed(attacker, "\"jwk\":" + jwk, claims)));
    accepted(login(jwt, signed(ED, "\"typ\":\"at+jwt\"", claims)));
    accepted(login(jwt, signed(ED, "\"typ\":\"JWT\"", claims).replace("EdDSA", "Ed25519")));
    assertEquals(INVALID, login(jwt, signed(ED, "\"crit\":[\"exp\"],\"exp\":1", claims)));
    assertEquals(INVALID, login(jwt, signed(ED, "\"crit\":[\"b64\"],\"b64\":false", claims)));
  }

  private static String signed(KeyPair pair, String headerMembers, JsonObject claims) {
    try {
      String signed =
          TestIssuer.encoded("{\"alg\":\"EdDSA\"," + headerMembers + "}")
              + "."
              + TestIssuer.encoded(Json.text(claims));
      var signature = java.security.Signature.getInstance("Ed25519");
      signature.initSign(pair.getPrivate());
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      return shown(signed + "." + TestIssuer.base64(signature.sign()));
    } catch (java.security.GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void refusesATokenThatWasChanged() {
    String token = claims(same -> same);
    String payload = token.split("\\.", -1)[1];
    String forged = Json.text(TestIssuer.claims("root", clock.instant()));
    assertEquals(INVALID, login(secret(), token.replace(payload, TestIssuer.encoded(forged))));
    String twice = "{\"sub\":\"ann\",\"sub\":\"root\",\"iss\":\"https://idp.example\"}";
    assertEquals(NOT_MINE, login(secret(), token.replace(payload, TestIssuer.encoded(twice))));
  }

  @Test
  void anotherAlgorithmThanTheListedIsRefusedEvenWithTheRightKey() {
    var jwt =
        open(
            options(TokenAlgorithm.ES256),
            new KeyOptions.PublicKey(TestIssuer.pem(RSA.getPublic())));
    String token = TestIssuer.signer(RSA).sign(TestIssuer.claims("ann", clock.instant()), null);
    assertEquals(INVALID, login(jwt, shown(token)));
  }

  @Test
  void refusesKeysThatAreTooShortOrOfAnotherKind() {
    assertKeyProblem(new KeyOptions.Secret("short"));
    assertKeyProblem(new KeyOptions.PublicKey(TestIssuer.pem(TestIssuer.rsa(1024).getPublic())));
    assertKeyProblem(
        new KeyOptions.PublicKey(TestIssuer.pem(TestIssuer.ec("secp384r1").getPublic())));
    assertKeyProblem(
        new KeyOptions.PublicKey(TestIssuer.block("PRIVATE KEY", RSA.getPrivate().getEncoded())));
    assertKeyProblem(new KeyOptions.PublicKey(TestIssuer.block("PUBLIC KEY", new byte[] {1, 2})));
    assertKeyProblem(new KeyOptions.PublicKey("-----BEGIN nothing"));
    assertKeyProblem(new KeyOptions.PublicKey(folder.resolve("none.pem").toString()));
  }

  private static void assertKeyProblem(KeyOptions keys) {
    assertThrows(IdentityException.class, keys::algorithm);
  }
}
