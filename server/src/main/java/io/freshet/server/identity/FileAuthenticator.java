// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.server.files.Refreshable;
import io.freshet.server.files.ReloadedFile;
import io.freshet.spi.Authenticator;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Knows the users of a file by their passwords. The login data holds `username` and `password`.
///
/// An unknown user and a wrong password get the same answer after the same work, so nobody learns
/// who is in the file. That answer is "not mine", because somebody else may know the user.
///
/// A login is named by its user. When a user is gone from the file, or is another than before
/// (password, id or data), whoever keeps the connections is told that name.
///
/// Threading: any thread; hashing runs on the threads given.
public final class FileAuthenticator implements Authenticator, Refreshable {
  private static final int PASSWORD_CHARACTERS_MAX = 4096;
  private static final Verdict MISSING =
      new Verdict.Refused(
          JsonObject.of(
              "error",
              JsonString.of("missing authentication parameter: username or/and password")));

  private final ReloadedFile<Users> users;
  private final boolean reportInvalidParameters;
  private final BoundedWork hashing;

  /// @param users the file: see [Users]
  /// @param pbkdf2 how hashes were made that do not say so themselves; empty if there are none
  /// @param reportInvalidParameters tell a client whose login has no username or password so,
  ///   instead of leaving it to the next authenticator
  public record Options(
      Path users,
      Optional<PasswordHash.Pbkdf2.Parameters> pbkdf2,
      boolean reportInvalidParameters) {}

  /// @param revoked told the [credential][Verdict.Accepted#credential] of each login that is no
  ///   longer good, on the thread that refreshes
  /// @throws IdentityException if the file cannot be used
  public FileAuthenticator(
      Options options, BoundedWork hashing, InstantSource clock, Consumer<String> revoked) {
    options.pbkdf2().ifPresent(parameters -> KeyDerivation.mac(parameters.hash()));
    this.users =
        new ReloadedFile<>(
            options.users(),
            clock,
            (name, text) -> Users.parse(name, text, options.pbkdf2()),
            (before, now) ->
                before.changedIn(now).forEach(name -> revoked.accept(credential(name))));
    this.reportInvalidParameters = options.reportInvalidParameters();
    this.hashing = hashing;
  }

  @Override
  public CompletionStage<Verdict> authenticate(Attempt attempt) {
    String username = text(attempt, "username");
    String password = text(attempt, "password");
    if (username == null || password == null) {
      return CompletableFuture.completedStage(
          reportInvalidParameters ? MISSING : Verdict.NotMine.NOT_MINE);
    }
    return hashing.judge(() -> judge(username, password));
  }

  private static @Nullable String text(Attempt attempt, String name) {
    return attempt.data().get(name) instanceof JsonString text ? text.value() : null;
  }

  private Verdict judge(String username, String password) {
    Users current = users.get();
    Users.User user = current.find(username);
    PasswordHash hash = user == null ? current.decoy() : user.password();
    int length = Math.min(password.length(), PASSWORD_CHARACTERS_MAX);
    boolean right = hash.matches(password.substring(0, length)) && length == password.length();
    return right && user != null
        ? new Verdict.Accepted(
            user.id(), user.serverData(), user.clientData(), null, null, credential(username))
        : Verdict.NotMine.NOT_MINE;
  }

  private static String credential(String username) {
    return "user:" + username;
  }

  @Override
  public void refresh() {
    users.refresh();
  }
}
