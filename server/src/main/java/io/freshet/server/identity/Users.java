// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A users file: a mapping from the name a user logs in with to `password`, and, if wanted, `id`,
/// `serverData` and `clientData`. Immutable.
final class Users {
  private static final Set<String> KNOWN =
      new LinkedHashSet<>(List.of("password", "id", "serverData", "clientData"));

  /// Of no password; checked for unknown users while the file has none.
  private static final PasswordHash NOBODYS =
      PasswordHash.Argon2id.parse(
          "$argon2id$v=19$m=19456,t=2,p=1$" + "A".repeat(22) + "$" + "A".repeat(43));

  private final Map<String, User> byName;
  private final PasswordHash decoy;

  record User(
      String id, PasswordHash password, JsonObject serverData, @Nullable JsonValue clientData) {}

  private Users(Map<String, User> byName) {
    this.byName = byName;
    this.decoy = mostCommon(byName);
  }

  /// @throws IdentityException if it is not a users file
  static Users parse(String name, String text, Optional<PasswordHash.Pbkdf2.Parameters> pbkdf2) {
    var byName = new HashMap<String, User>();
    YamlText.parse(name, text)
        .forEach((user, value) ->
            byName.put(
                user, user(user, Members.of(name + ": user " + user, value, KNOWN), pbkdf2)));
    return new Users(byName);
  }

  private static User user(
      String name, Members members, Optional<PasswordHash.Pbkdf2.Parameters> pbkdf2) {
    String id = members.textIfAny("id");
    String written = members.text("password");
    PasswordHash password;
    try {
      password = PasswordHash.parse(written, pbkdf2);
    } catch (IdentityException e) {
      throw new IdentityException(
          "%s: the password %s".formatted(members.place(), e.getMessage()), e);
    }
    return new User(
        id == null ? name : id,
        password,
        members.object("serverData"),
        members.value("clientData"));
  }

  /// A hash to check when there is no such user, of the cost most hashes here have.
  private static PasswordHash mostCommon(Map<String, User> byName) {
    var counts = new HashMap<String, Integer>();
    PasswordHash common = NOBODYS;
    int most = 0;
    for (User user : byName.values()) {
      int count = counts.merge(user.password().cost(), 1, Integer::sum);
      if (count > most) {
        most = count;
        common = user.password();
      }
    }
    return common;
  }

  @Nullable User find(String name) {
    return byName.get(name);
  }

  /// The names of those who are gone or others there.
  List<String> changedIn(Users now) {
    return byName.entrySet().stream()
        .filter(user -> !user.getValue().equals(now.find(user.getKey())))
        .map(Map.Entry::getKey)
        .toList();
  }

  /// What is checked instead when there is no such user; the outcome counts for nothing.
  PasswordHash decoy() {
    return decoy;
  }
}
