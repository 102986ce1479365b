// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.server.config.AuthSettings.JwtKey;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthSettingsTest {
  private static FreshetConfig load(String file, String... flags) {
    return FreshetConfig.load(
        new ConfigInput("freshet.yml", file, Map.of("JWT_SECRET", "s".repeat(40)), List.of(flags)));
  }

  private static List<String> problems(String file, String... flags) {
    return assertThrows(ConfigException.class, () -> load(file, flags)).problems();
  }

  @Test
  void isEmptyWithoutEntries() {
    assertEquals(List.of(), load("").auth());
    assertEquals(List.of(), load("auth: []").auth());
    assertEquals(10, load("").loginFailuresPerAddress());
  }

  @Test
  void readsEntriesInOrderWithTheirDefaults() {
    FreshetConfig config =
        load(
            """
            server: { trustedProxies: [10.0.0.0/8, "::1"] }
            auth:
              - { type: file, users: users.yml, hash: md5, keyLength: 16 }
              - type: http
                url: http://127.0.0.1:9000/auth
                permittedStatusCodes: [200, 201]
                promoteToHeader: token
                reportInvalidParameters: true
              - { type: jwt, jwks: "https://idp.example/jwks.json", audience: app }
              - { type: apiKeys, keys: keys.yml }
              - { type: open }
            """);
    assertEquals(List.of("10.0.0.0/8", "::1"), config.server().trustedProxies());
    var pbkdf2 = new AuthSettings.Pbkdf2("md5", 100, 16);
    assertEquals(
        List.of(
            new AuthSettings.File("users.yml", Optional.of(pbkdf2), false),
            new AuthSettings.Http(
                URI.create("http://127.0.0.1:9000/auth"),
                List.of(200, 201),
                Duration.ofSeconds(5),
                List.of(502, 503, 504),
                2,
                Duration.ofMillis(500),
                List.of("token"),
                true),
            new AuthSettings.Jwt(
                new JwtKey.JwksUrl(
                    URI.create("https://idp.example/jwks.json"), Duration.ofMinutes(10)),
                List.of(),
                Optional.empty(),
                List.of("app"),
                Duration.ofSeconds(30),
                "sub",
                "roles",
                Optional.empty()),
            new AuthSettings.ApiKeys("keys.yml"),
            new AuthSettings.Open()),
        config.auth());
  }

  @Test
  void onlyEntryTellsWhatIsWrong() {
    assertEquals(
        List.of(new AuthSettings.File("u.yml", Optional.empty(), true)),
        load("auth: [{ type: file, users: u.yml }]").auth());
    assertEquals(
        List.of(new AuthSettings.File("u.yml", Optional.empty(), false)),
        load("auth: [{ type: file, users: u.yml, reportInvalidParameters: false }]").auth());
  }

  @Test
  void readsTheThreeKindsOfKeys() {
    assertEquals(
        List.of(
            new JwtKey.Secret("s".repeat(40)),
            new JwtKey.PublicKey("key.pem"),
            new JwtKey.JwksFile("jwks.json")),
        load(
                """
                auth:
                  - { type: jwt, secret: "${JWT_SECRET}", algorithms: HS256 }
                  - { type: jwt, publicKey: key.pem, algorithms: [RS256, EdDSA], leeway: 0s }
                  - { type: jwt, jwks: jwks.json }
                """)
            .auth()
            .stream()
            .map(entry -> ((AuthSettings.Jwt) entry).key())
            .toList());
  }

  @Test
  void aFlagWinsOverTheFile() {
    assertEquals(
        List.of(new AuthSettings.ApiKeys("b.yml")),
        load("auth: [{ type: apiKeys, keys: a.yml }]", "auth.0.keys=b.yml").auth());
    assertEquals(List.of(new AuthSettings.Open()), load("", "auth.0.type=open").auth());
  }

  @Test
  void reportsEveryProblemAtOnce() {
    assertEquals(
        List.of(
            "freshet.yml line 2: unknown key auth.0.user; did you mean users?",
            "freshet.yml line 2: auth.0 (file) needs users",
            "freshet.yml line 3: auth.1.type must be one of open, file, http, jwt, apiKeys,"
                + " certificate, not \"htp\"; did you mean http?",
            "freshet.yml line 4: auth.2.type is missing; it must be one of open, file, http, jwt,"
                + " apiKeys, certificate",
            "freshet.yml line 5: auth.3 (jwt) needs exactly one of secret, publicKey and jwks",
            "freshet.yml line 6: auth.4.url must be an http or https URL, without a user name in"
                + " it, not \"ftp://x\"",
            "freshet.yml line 6: auth.4.retryAttempts must be a whole number, not " + "\"many\""),
        problems(
            """
            auth:
              - { type: file, user: x }
              - { type: htp }
              - { users: x }
              - { type: jwt, secret: a, jwks: b }
              - { type: http, url: "ftp://x", retryAttempts: many }
            """));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "auth: open | auth takes a list of entries",
        "auth: [open] | an entry of auth is a mapping with a type",
        "auth: [{}] | an entry of auth is a mapping with a type",
        "auth: { type: open } | auth takes a list of entries",
        "auth: [{ type: open, users: x }] | unknown key auth.0.users; it takes none",
        "auth: [{ type: jwt, secret: x, algorithms: [RS256] }] | HS256 goes with secret",
        "auth: [{ type: jwt, jwks: x, algorithms: [HS256] }] | HS256 goes with secret",
        "auth: [{ type: jwt, jwks: x, algorithms: [none] }] | must be HS256, RS256, ES256 or EdDSA",
        "auth: [{ type: jwt, jwks: 'https://u:p@x/' }] | jwks must be an http or https URL",
        "auth: [{ type: jwt, jwks: x, leeway: 1h }] | auth.0.leeway must be a duration",
        "auth: [{ type: apiKeys, keys: [a, b] }] | auth.0.keys takes one value",
        "auth: [{ type: apiKeys, keys: { a: b } }] | unknown key auth.0.keys.a",
        "atuh: x | unknown key atuh; did you mean auth?",
        "server: { trustedProxies: [proxy] } | must be an address or a network",
        "server: { trustedProxies: [10.0.0.0/99] } | must be an address or a network",
      })
  void refusesTheRest(String file, String problem) {
    assertTrue(problems(file).getFirst().contains(problem), () -> problems(file).toString());
  }

  @Test
  void printsEntriesSoThatTheyReadBackTheSameButForSecrets() {
    FreshetConfig config =
        load(
            """
            auth:
              - { type: file, users: users.yml }
              - { type: jwt, secret: "${JWT_SECRET}", audience: [a, b] }
              - { type: http, url: "http://x/y?z", retryStatusCodes: [] }
            """);
    String printed = config.print();
    assertFalse(printed.contains("sss"), printed);
    assertTrue(printed.contains("    secret: \"***\"  # freshet.yml line 3\n"), printed);
    assertTrue(printed.contains("  - type: file  # freshet.yml line 2\n"), printed);
    String readable = printed.replace("\"***\"", "\"" + "s".repeat(40) + "\"");
    assertEquals(config.auth(), load(readable).auth());
    assertTrue(load("").print().contains("auth: []  # default\n"));
  }

  @Test
  void neverShowsASecretInAProblem() {
    String file = "auth: [{ type: jwt, secret: [hidden, hidden2] }]";
    assertFalse(problems(file).toString().contains("hidden"), () -> problems(file).toString());
  }
}
