// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import static io.freshet.server.identity.Logins.accepted;
import static io.freshet.server.identity.Logins.login;
import static io.freshet.server.identity.Logins.object;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.json.JsonObject;
import io.freshet.server.files.UnusableFileException;
import io.freshet.spi.Authenticator.Verdict;
import io.freshet.testkit.VirtualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiKeyAuthenticatorIT {
  private static final Verdict WRONG = new Verdict.Refused(null);

  @TempDir Path folder;
  private final VirtualClock clock = VirtualClock.atNoon();
  private final List<String> revoked = new ArrayList<>();
  private Path file;

  @BeforeEach
  void place() {
    file = folder.resolve("keys.yml");
  }

  private String create(String user, Instant expires) {
    ApiKey.Made made =
        ApiKey.make(
            "of \"" + user + "\": #1",
            user,
            object("{\"roles\":[\"service\"]}"),
            clock.instant(),
            expires,
            new SecureRandom());
    ApiKeyFile.add(file, made.key());
    return made.text();
  }

  private ApiKeyAuthenticator open() {
    return new ApiKeyAuthenticator(file, clock, revoked::add);
  }

  private static String shown(String member, String key) {
    return "{\"" + member + "\":\"" + key + "\"}";
  }

  @Test
  void letsAKeyInAsItsUser() {
    String key = create("importer", clock.instant().plus(Duration.ofDays(30)));
    String id = ApiKey.idOf(key);
    var keys = open();
    var expected =
        new Verdict.Accepted(
            "importer",
            object("{\"roles\":[\"service\"]}"),
            null,
            null,
            clock.instant().plus(Duration.ofDays(30)),
            "key:" + id);
    assertEquals(expected, login(keys, shown("token", key)));
    assertEquals(expected, login(keys, shown("apiKey", key)));
    assertEquals(Verdict.NotMine.NOT_MINE, login(keys, "{}"));
    assertEquals(Verdict.NotMine.NOT_MINE, login(keys, shown("token", "eyJhbGciOiJub25lIn0.e30.")));
  }

  @Test
  void saysTheSameToEveryWrongKey() {
    String key = create("importer", null);
    String other = create("exporter", clock.instant().plusSeconds(60));
    var keys = open();
    assertEquals(WRONG, login(keys, shown("token", key.substring(0, key.length() - 1) + "!")));
    assertEquals(WRONG, login(keys, shown("token", "fk_" + ApiKey.idOf(other) + "_x")));
    assertEquals(WRONG, login(keys, shown("token", "fk_none_x")));
    assertEquals(WRONG, login(keys, shown("token", "fk_")));
    clock.advance(Duration.ofSeconds(60));
    assertEquals(WRONG, login(keys, shown("token", other)));
    accepted(login(keys, shown("token", key)));
  }

  @Test
  void endsAKeyThatIsRevoked() {
    String key = create("importer", null);
    String other = create("exporter", null);
    var keys = open();
    accepted(login(keys, shown("token", key)));
    clock.advance(Duration.ofHours(1));
    ApiKeyFile.revoke(file, ApiKey.idOf(key), clock.instant());
    keys.refresh();
    assertEquals(List.of("key:" + ApiKey.idOf(key)), revoked);
    assertEquals(WRONG, login(keys, shown("token", key)));
    accepted(login(keys, shown("token", other)));
    keys.refresh();
    assertEquals(1, revoked.size());
    ApiKey kept = ApiKeyFile.list(file).getFirst();
    assertEquals(clock.instant(), kept.revoked());
  }

  @Test
  void takesANewKeyWithoutARestart() throws IOException {
    Files.writeString(file, "{}");
    var keys = open();
    String key = create("importer", null);
    assertEquals(WRONG, login(keys, shown("token", key)));
    keys.refresh();
    accepted(login(keys, shown("token", key)));
    Files.writeString(file, "{}");
    keys.refresh();
    assertEquals(List.of("key:" + ApiKey.idOf(key)), revoked);
  }

  @Test
  void keepsNoKeyInTheFileAndKeepsTheFileToItself() throws IOException {
    String key = create("importer", null);
    String text = Files.readString(file);
    assertFalse(text.contains(key.substring(key.length() - 30)), text);
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    create("exporter", null);
    assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertEquals(
        List.of("importer", "exporter"), ApiKeyFile.list(file).stream().map(ApiKey::user).toList());
    assertEquals("of \"importer\": #1", ApiKeyFile.list(file).getFirst().name());
  }

  @Test
  void losesNoChangeOfSeveralAtOnce() {
    var writers = new ArrayList<CompletableFuture<Void>>();
    for (int i = 0; i < 8; i++) {
      String user = "u" + i;
      // Each in a process of its own in real life; within one, the lock is for them too.
      writers.add(CompletableFuture.runAsync(() -> createUnderLock(user)));
    }
    writers.forEach(CompletableFuture::join);
    assertEquals(8, ApiKeyFile.list(file).size());
  }

  private synchronized void createUnderLock(String user) {
    create(user, null);
  }

  @Test
  void refusesAFileThatIsNoKeysFile() {
    assertThrows(UnusableFileException.class, this::open);
    for (String text : List.of("a: 7", "a: { name: x }", "a: { name: x, hash: 00, user: y }")) {
      assertThrows(IdentityException.class, () -> ApiKeyFile.parse("keys.yml", text));
    }
    assertThrows(IdentityException.class, () -> ApiKeyFile.revoke(file, "none", clock.instant()));
  }

  @Test
  void aKeyDoesNotPrintItsText() {
    ApiKey.Made made =
        ApiKey.make("n", "u", JsonObject.empty(), clock.instant(), null, new SecureRandom());
    assertFalse(made.toString().contains(made.text()));
    assertTrue(made.text().startsWith("fk_" + made.key().id() + "_"));
    assertEquals(3 + 12 + 1 + 43, made.text().length());
  }
}
