// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import static io.freshet.server.identity.Logins.accepted;
import static io.freshet.server.identity.Logins.login;
import static io.freshet.server.identity.Logins.object;
import static io.freshet.server.identity.Logins.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.server.files.UnusableFileException;
import io.freshet.server.identity.PasswordHash.Pbkdf2.Parameters;
import io.freshet.spi.Authenticator.Verdict;
import io.freshet.testkit.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileAuthenticatorIT {
  private static final String MD5_PASSWORD =
      "rCOSZxJrgze2AZdVQh12c6ErDMOG0M+Rx5Yu7S5d91c=GS4SbTQYmoaGwjm2shEobg==";
  private static final Verdict NOT_MINE = Verdict.NotMine.NOT_MINE;

  @TempDir Path folder;
  private final BoundedWork hashing = BoundedWork.hashing(2, 100);
  private final List<String> revoked = new ArrayList<>();
  private Path file;

  @BeforeEach
  void place() {
    file = folder.resolve("users.yml");
  }

  @AfterEach
  void stop() {
    hashing.close();
  }

  private FileAuthenticator open(String users, boolean report) throws IOException {
    Files.writeString(file, users);
    return new FileAuthenticator(
        new FileAuthenticator.Options(file, Optional.of(new Parameters("md5", 100, 32)), report),
        hashing,
        InstantSource.system(),
        revoked::add);
  }

  @Test
  void knowsUsersByTheirPasswords() throws IOException {
    var users =
        open(
            """
            # deepstream's, ours, and somebody else's
            ann:
              password: %s
              serverData: { role: admin, level: 7, factor: 0.5 }
              clientData: { theme: dark }
            bob: { password: "%s", id: user-7 }
            "chris m": { password: $2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW }
            """
                .formatted(MD5_PASSWORD, PasswordHash.Argon2id.of("b", new SecureRandom())),
            true);
    assertEquals(
        new Verdict.Accepted(
            "ann",
            object("{\"role\":\"admin\",\"level\":7,\"factor\":0.5}"),
            object("{\"theme\":\"dark\"}"),
            null,
            null,
            "user:ann"),
        login(users, "{\"username\":\"ann\",\"password\":\"password\"}"));
    assertEquals(
        "user-7", accepted(login(users, "{\"username\":\"bob\",\"password\":\"b\"}")).userId());
    assertEquals(
        "chris m",
        accepted(login(users, "{\"username\":\"chris m\",\"password\":\"U*U\"}")).userId());
  }

  @Test
  void saysTheSameToAWrongPasswordAndAnUnknownUser() throws IOException {
    var users = open("ann: { password: '%s' }".formatted(MD5_PASSWORD), true);
    assertEquals(NOT_MINE, login(users, "{\"username\":\"ann\",\"password\":\"wrong\"}"));
    assertEquals(NOT_MINE, login(users, "{\"username\":\"eve\",\"password\":\"password\"}"));
    assertEquals(NOT_MINE, login(users, "{\"username\":\"user-7\",\"password\":\"\"}"));
    String longer = "password" + "x".repeat(5000);
    assertEquals(NOT_MINE, login(users, "{\"username\":\"ann\",\"password\":\"" + longer + "\"}"));
  }

  /// Not by the clock, which lies on a busy machine: what is checked for a stranger is of the same
  /// cost as what most users have.
  @Test
  void worksAsHardForAnUnknownUser() {
    String argon = PasswordHash.Argon2id.of("b", new SecureRandom()).toString();
    String file =
        "a: { password: '%s' }\nb: { password: '%s' }\nc: { password: '%s' }\n"
            .formatted(argon, MD5_PASSWORD, argon);
    Users users = Users.parse("users.yml", file, Optional.of(new Parameters("md5", 100, 32)));
    assertEquals("m=19456,t=2,p=1", users.decoy().cost());
    Users nobody = Users.parse("users.yml", "", Optional.empty());
    assertEquals("m=19456,t=2,p=1", nobody.decoy().cost());
    assertEquals(false, nobody.decoy().matches(""));
  }

  @Test
  void asksForWhatIsMissingOnlyIfItIsAlone() throws IOException {
    var alone = open("{}", true);
    Verdict missing =
        refused("{\"error\":\"missing authentication parameter: username or/and password\"}");
    assertEquals(missing, login(alone, "{}"));
    assertEquals(missing, login(alone, "{\"username\":\"ann\"}"));
    assertEquals(missing, login(alone, "{\"username\":7,\"password\":\"x\"}"));
    assertEquals(NOT_MINE, login(open("{}", false), "{}"));
  }

  @Test
  void readsTheFileAgainWhenItChanges() throws IOException {
    var users = open("{}", true);
    String ann = "{\"username\":\"ann\",\"password\":\"password\"}";
    assertEquals(NOT_MINE, login(users, ann));
    Files.writeString(file, "{\"ann\": {\"password\": \"%s\"}}".formatted(MD5_PASSWORD));
    users.refresh();
    assertEquals("ann", accepted(login(users, ann)).userId());

    Files.writeString(file, "ann: { passwort: x }");
    users.refresh();
    assertEquals("ann", accepted(login(users, ann)).userId());
    Files.delete(file);
    users.refresh();
    assertEquals("ann", accepted(login(users, ann)).userId());

    Files.writeString(file, "bob: { password: '%s' }".formatted(MD5_PASSWORD));
    assertEquals(List.of(), revoked);
    users.refresh();
    assertEquals(NOT_MINE, login(users, ann));
    assertEquals(List.of("user:ann"), revoked, "those who are gone are told");
  }

  @Test
  void tellsWhoIsAnotherThanBefore() throws IOException {
    String same = "same: { password: '%s' }\n".formatted(MD5_PASSWORD);
    String user = "%s: { password: '" + MD5_PASSWORD + "', serverData: { level: %d } }\n";
    var users = open(same + user.formatted("ann", 1) + user.formatted("bob", 1), true);
    Files.writeString(file, user.formatted("ann", 2) + user.formatted("bob", 1) + same);
    users.refresh();
    assertEquals(List.of("user:ann"), revoked);
    Files.writeString(
        file,
        user.formatted("ann", 2)
            + same
            + "bob: { password: '%s' }"
                .formatted(PasswordHash.Argon2id.of("b", new SecureRandom())));
    users.refresh();
    assertEquals(List.of("user:ann", "user:bob"), revoked);
  }

  @Test
  void seesAChangeThatLeftSizeAndTimeAlike() throws IOException {
    var users = open("ann: { password: '%s' }".formatted(MD5_PASSWORD), true);
    FileTime time = Files.getLastModifiedTime(file);
    Files.writeString(file, "bob: { password: '%s' }".formatted(MD5_PASSWORD));
    Files.setLastModifiedTime(file, time);
    users.refresh();
    String bob = "{\"username\":\"bob\",\"password\":\"password\"}";
    assertEquals("bob", accepted(login(users, bob)).userId());
  }

  @Test
  void refusesABadFileAndSaysWhereItIsWrong() {
    assertProblem("ann: { passwort: x }", "user ann: passwort is unknown");
    assertProblem("ann: {}", "user ann: password is missing");
    assertProblem("ann: { password: [] }", "user ann: password must be a text");
    assertProblem("ann: { password: plain }", "user ann: the password is no PBKDF2 hash");
    assertProblem("ann: { password: '%s', serverData: 7 }", "serverData must be a mapping");
    assertProblem("ann: 7", "user ann: must be a mapping");
    assertProblem("ann: {}\nann: {}", "line 2: not valid");
    assertProblem("[ann]", "must be a mapping");
    assertProblem("ann: [", "line 1: not valid");
    assertProblem("ann: &a { serverData: *a }", "not valid");
    assertProblem("ann: { password: '%s', serverData: { n: .inf } }", "not valid");
  }

  private void assertProblem(String users, String problem) {
    var failure =
        assertThrows(IdentityException.class, () -> open(users.replace("%s", MD5_PASSWORD), true));
    String message = String.valueOf(failure.getMessage());
    assertTrue(message.contains("users.yml") && message.contains(problem), message);
    assertTrue(!message.contains(MD5_PASSWORD), message);
  }

  @Test
  void aMissingFileIsAProblemToo() {
    var options = new FileAuthenticator.Options(folder.resolve("none.yml"), Optional.empty(), true);
    assertThrows(
        UnusableFileException.class,
        () -> new FileAuthenticator(options, hashing, InstantSource.system(), revoked::add));
  }

  @Test
  void tellsToTryAgainWhenTooManyWait() throws IOException {
    var release = new CountDownLatch(1);
    var work = BoundedWork.hashing(1, 2);
    var asked = new ArrayList<CompletableFuture<Verdict>>();
    for (int i = 0; i < 3; i++) {
      asked.add(
          work.judge(
                  () -> {
                    try {
                      release.await();
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                    return NOT_MINE;
                  })
              .toCompletableFuture());
    }
    Eventually.holds(() -> work.waiting() == 2);
    Files.writeString(file, "ann: { password: '%s' }".formatted(MD5_PASSWORD));
    var options =
        new FileAuthenticator.Options(file, Optional.of(new Parameters("md5", 100, 32)), true);
    var users = new FileAuthenticator(options, work, InstantSource.system(), revoked::add);
    String ann = "{\"username\":\"ann\",\"password\":\"password\"}";
    var later = assertInstanceOf(Verdict.Later.class, login(users, ann));
    assertEquals(object("{\"error\":\"TRY_AGAIN\",\"retryAfterMs\":1000}"), later.clientData());
    assertEquals(1, work.refused());
    release.countDown();
    asked.forEach(CompletableFuture::join);
    assertEquals("ann", accepted(login(users, ann)).userId());
    assertEquals(1, work.refused());
    work.close();
  }
}
