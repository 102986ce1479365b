// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.server.config.ConfigInput;
import io.freshet.server.config.FreshetConfig;
import io.freshet.server.metrics.Metrics;
import io.freshet.spi.Authenticator.Attempt;
import io.freshet.spi.Authenticator.Verdict;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the command line makes, a server configured for it takes.
class IdentityCommandsTest {
  private static final String SECRET = "a secret of more than 32 bytes, for tests";

  @TempDir Path folder;

  private static String run(String input, String... arguments) {
    var out = new ByteArrayOutputStream();
    var in = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
    new IdentityCommands(
            new PrintStream(out, true, StandardCharsets.UTF_8), in, InstantSource.system())
        .execute(List.of(arguments));
    return out.toString(StandardCharsets.UTF_8).stripTrailing();
  }

  private static FreshetConfig config(String auth) {
    return FreshetConfig.load(
        new ConfigInput("freshet.yml", "auth: [" + auth + "]", Map.of(), List.of()));
  }

  private static Verdict login(FreshetConfig config, JsonObject data) {
    try (var identity = IdentityParts.open(config, new Metrics())) {
      return identity
          .authenticator()
          .authenticate(new Attempt(data, "192.0.2.1"))
          .toCompletableFuture()
          .orTimeout(30, TimeUnit.SECONDS)
          .join();
    }
  }

  private static JsonObject token(String token) {
    return JsonObject.of("token", JsonString.of(token));
  }

  private static void assertUser(String user, Verdict verdict) {
    assertEquals(user, assertInstanceOf(Verdict.Accepted.class, verdict).userId());
  }

  @Test
  void hashesPasswordsForAUsersFile() throws Exception {
    Path users = folder.resolve("users.yml");
    Files.writeString(
        users,
        "ann: { password: '%s' }\nbob: { password: '%s' }\n"
            .formatted(
                run("", "hash", "sesame"),
                run("open\n", "hash", "-", "--pbkdf2", "sha512", "--iterations=7")));
    FreshetConfig config =
        config("{ type: file, users: '%s', hash: sha512, iterations: 7 }".formatted(users));
    JsonObject ann = JsonObject.of("username", JsonString.of("ann"));
    assertUser("ann", login(config, ann.with("password", JsonString.of("sesame"))));
    JsonObject bob = JsonObject.of("username", JsonString.of("bob"));
    assertUser("bob", login(config, bob.with("password", JsonString.of("open"))));
    assertInstanceOf(
        Verdict.Refused.class, login(config, bob.with("password", JsonString.of("sesame"))));
  }

  @Test
  void makesListsAndRevokesKeys() {
    Path file = folder.resolve("keys.yml");
    String keys = file.toString();
    String data = "{\"roles\":[\"service\"]}";
    String key = run("", "key", "create", "--keys", keys, "--name", "import", "--data", data);
    String second =
        run("", "key", "create", "--keys=" + keys, "--name=b", "--user=u", "--expires=90d");
    FreshetConfig config = config("{ type: apiKeys, keys: '%s' }".formatted(keys));
    assertUser("import", login(config, token(key)));
    assertUser("u", login(config, token(second)));
    String id = key.split("_", -1)[1];
    run("", "key", "revoke", "--keys", keys, id);
    assertInstanceOf(Verdict.Refused.class, login(config, token(key)));
    List<String> lines = run("", "key", "list", "--keys", keys).lines().toList();
    assertEquals(3, lines.size());
    assertTrue(lines.get(1).startsWith(id) && lines.get(1).contains("revoked"), lines.get(1));
    assertTrue(lines.get(2).contains("good until"), lines.get(2));
  }

  @Test
  void signsTokens() throws Exception {
    FreshetConfig shared =
        config("{ type: jwt, secret: '%s', audience: app, issuer: me }".formatted(SECRET));
    String[] asAnn = {"token", "--secret", "-", "--sub", "ann", "--aud", "app", "--iss", "me"};
    assertUser("ann", login(shared, token(run(SECRET, asAnn))));
    String other = run("", "token", "--secret", SECRET, "--sub", "ann", "--aud", "x", "--iss=me");
    assertInstanceOf(Verdict.Refused.class, login(shared, token(other)));

    var pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    Path own = pem("PRIVATE KEY", pair.getPrivate().getEncoded());
    Path open = pem("PUBLIC KEY", pair.getPublic().getEncoded());
    String claims = "{\"roles\":[\"admin\"]}";
    String signed = run("", "token", "--key", own.toString(), "--sub=ann", "--claims", claims);
    var verdict = login(config("{ type: jwt, publicKey: '%s' }".formatted(open)), token(signed));
    assertUser("ann", verdict);
    assertEquals(claims, ((Verdict.Accepted) verdict).serverData().toString());
  }

  private Path pem(String kind, byte[] bytes) throws Exception {
    String text = Base64.getMimeEncoder().encodeToString(bytes);
    return Files.writeString(
        folder.resolve(kind),
        "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, text, kind));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hash | standard input holds nothing to read",
        "hash a b | unexpected: b",
        "hash a --iterations 3 | --iterations and --key-length go with --pbkdf2",
        "hash a --pbkdf2 rot13 | there is no hash \"rot13\"",
        "hash a --pbkdf2 md5 --iterations no | --iterations must be a whole number",
        "key | key needs one of create, list and revoke",
        "key lend | key needs one of create, list and revoke",
        "key create --keys none/k.yml --name a | cannot write",
        "key create --keys k.yml | --name is missing",
        "key create --keys k.yml --name a --expires soon | --expires must be a duration",
        "key create --keys k.yml --name a --data 7 | --data must be a JSON object",
        "key create --keys k.yml --name a b | unexpected: b",
        "key list --keys no-such.yml | cannot read",
        "key list --key k.yml | unknown option --key",
        "key revoke --keys no-such.yml | key revoke needs the id",
        "token --sub a | token needs exactly one of --secret and --key",
        "token --secret short --sub a | the secret must have at least 32 bytes",
        "token --key no-such.pem --sub a | cannot read",
        "token --secret | --secret needs a value",
      })
  void saysWhatIsWrong(String line, String problem) {
    var refusal = assertThrows(RefusedException.class, () -> run("", line.split(" ", -1)));
    assertEquals(ExitCode.USAGE, refusal.code());
    assertTrue(String.valueOf(refusal.getMessage()).startsWith(problem), refusal::getMessage);
  }

  @Test
  void reportsEveryEntryThatCannotBeUsed() {
    FreshetConfig config =
        config("{ type: file, users: no-such.yml }, { type: jwt, secret: short }");
    var refusal =
        assertThrows(RefusedException.class, () -> IdentityParts.open(config, new Metrics()));
    String message = String.valueOf(refusal.getMessage());
    assertTrue(message.contains("auth.0: cannot read no-such.yml"), message);
    assertTrue(message.contains("auth.1: the secret must have"), message);
  }

  @Test
  void anOpenEntryIsNoAuthentication() {
    assertEquals(false, IdentityParts.isOn(config("")));
    assertEquals(false, IdentityParts.isOn(config("{ type: jwt, jwks: j }, { type: open }")));
    assertEquals(true, IdentityParts.isOn(config("{ type: jwt, jwks: j }")));
  }
}
