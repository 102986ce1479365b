// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import io.freshet.server.config.AuthSettings.JwtKey;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Makes settings out of what was written under `auth`. Collects all problems.
final class AuthReader {
  private static final String TYPES = String.join(", ", AuthKeys.BY_TYPE.keySet());
  private static final String WRONG =
      "auth takes a list of entries, each with a type (%s) and what belongs to it".formatted(TYPES);

  private final List<String> problems;

  private AuthReader(List<String> problems) {
    this.problems = problems;
  }

  /// An entry as it was understood, with what it was made of.
  record Auth(String type, Settings settings, String origin) {}

  /// @param problems takes whatever is wrong
  static List<Auth> read(List<Entry> written, List<String> problems) {
    var reader = new AuthReader(problems);
    var entries = new ArrayList<Auth>();
    var byPlace = EntryMembers.byPlace(written, WRONG, problems);
    byPlace.forEach((index, members) -> {
      Auth auth = reader.entry("auth." + index, members);
      if (auth != null) {
        entries.add(auth);
      }
    });
    return List.copyOf(entries);
  }

  private @Nullable Auth entry(String place, List<Entry> members) {
    Entry type =
        members.stream()
            .filter(member -> member.path().equals("type"))
            .reduce((_, later) -> later)
            .orElse(null);
    String origin = members.getFirst().origin();
    if (type == null) {
      problems.add("%s: %s.type is missing; it must be one of %s".formatted(origin, place, TYPES));
      return null;
    }
    String name = String.join(",", type.values());
    List<Key<?>> keys = AuthKeys.BY_TYPE.get(name);
    if (keys == null) {
      problems.add(
          "%s: %s.type must be one of %s, not \"%s\"; did you mean %s?"
              .formatted(
                  type.origin(),
                  place,
                  TYPES,
                  name,
                  Names.nearest(name, AuthKeys.BY_TYPE.keySet())));
      return null;
    }
    var settings = new Settings();
    for (Entry member : members) {
      if (!member.path().equals("type")) {
        EntryMembers.take(place, keys, member, settings, problems);
      }
    }
    check(place + " (" + name + ")", type.origin(), name, members, settings);
    return new Auth(name, settings, type.origin());
  }

  private void check(
      String place, String origin, String type, List<Entry> members, Settings settings) {
    switch (type) {
      case "file" -> EntryMembers.require(place, origin, members, AuthKeys.USERS, problems);
      case "http" -> EntryMembers.require(place, origin, members, AuthKeys.URL, problems);
      case "apiKeys" -> EntryMembers.require(place, origin, members, AuthKeys.KEYS, problems);
      case "jwt" -> checkJwt(place, origin, settings);
      default -> {}
    }
  }

  private void checkJwt(String place, String origin, Settings settings) {
    long sources =
        Stream.of(AuthKeys.SECRET, AuthKeys.PUBLIC_KEY, AuthKeys.JWKS)
            .filter(key -> settings.origin(key).isPresent())
            .count();
    if (sources != 1) {
      problems.add(
          "%s: %s needs exactly one of secret, publicKey and jwks".formatted(origin, place));
      return;
    }
    boolean secret = settings.origin(AuthKeys.SECRET).isPresent();
    for (String algorithm : settings.get(AuthKeys.ALGORITHMS)) {
      if (algorithm.equals("HS256") != secret) {
        problems.add(
            "%s: %s cannot allow %s with %s: HS256 goes with secret, all others with a public key"
                .formatted(origin, place, algorithm, secret ? "a secret" : "a public key"));
      }
    }
    if (AuthKeys.isUrl(settings.get(AuthKeys.JWKS))) {
      try {
        AuthKeys.url(settings.get(AuthKeys.JWKS));
      } catch (InvalidValueException e) {
        problems.add("%s: %s: jwks %s".formatted(origin, place, e.getMessage()));
      }
    }
  }

  /// The settings of an entry without problems.
  ///
  /// @param alone whether it is the only one
  static AuthSettings settings(Auth auth, boolean alone) {
    Settings settings = auth.settings();
    return switch (auth.type()) {
      case "open" -> new AuthSettings.Open();
      case "file" ->
          new AuthSettings.File(
              settings.get(AuthKeys.USERS),
              optional(settings, AuthKeys.HASH)
                  .map(hash ->
                      new AuthSettings.Pbkdf2(
                          hash,
                          whole(settings, AuthKeys.ITERATIONS),
                          whole(settings, AuthKeys.KEY_LENGTH))),
              report(settings, AuthKeys.FILE_REPORT, alone));
      case "http" -> http(settings, alone);
      case "jwt" -> jwt(settings);
      case "apiKeys" -> new AuthSettings.ApiKeys(settings.get(AuthKeys.KEYS));
      case "certificate" ->
          new AuthSettings.Certificate(
              settings.get(AuthKeys.CERTIFICATE_USER) == AuthKeys.CertificateUser.SUBJECT);
      default -> throw new IllegalStateException("a type without settings: " + auth.type());
    };
  }

  private static AuthSettings http(Settings settings, boolean alone) {
    return new AuthSettings.Http(
        URI.create(settings.get(AuthKeys.URL)),
        settings.get(AuthKeys.PERMITTED).stream().map(Long::intValue).toList(),
        settings.get(AuthKeys.REQUEST_TIMEOUT),
        settings.get(AuthKeys.RETRY_CODES).stream().map(Long::intValue).toList(),
        whole(settings, AuthKeys.RETRIES),
        settings.get(AuthKeys.RETRY_INTERVAL),
        settings.get(AuthKeys.PROMOTE),
        report(settings, AuthKeys.HTTP_REPORT, alone));
  }

  private static AuthSettings jwt(Settings settings) {
    return new AuthSettings.Jwt(
        jwtKey(settings),
        settings.get(AuthKeys.ALGORITHMS),
        optional(settings, AuthKeys.ISSUER),
        settings.get(AuthKeys.AUDIENCE),
        settings.get(AuthKeys.LEEWAY),
        settings.get(AuthKeys.USER_CLAIM),
        settings.get(AuthKeys.ROLES_CLAIM),
        optional(settings, AuthKeys.CLIENT_DATA_CLAIM));
  }

  private static JwtKey jwtKey(Settings settings) {
    String jwks = settings.get(AuthKeys.JWKS);
    if (AuthKeys.isUrl(jwks)) {
      return new JwtKey.JwksUrl(URI.create(jwks), settings.get(AuthKeys.JWKS_REFRESH));
    }
    if (!jwks.isEmpty()) {
      return new JwtKey.JwksFile(jwks);
    }
    return optional(settings, AuthKeys.SECRET)
        .<JwtKey>map(JwtKey.Secret::new)
        .orElseGet(() -> new JwtKey.PublicKey(settings.get(AuthKeys.PUBLIC_KEY)));
  }

  static boolean report(Settings settings, Key<Boolean> key, boolean alone) {
    return settings.origin(key).isPresent() ? settings.get(key) : alone;
  }

  private static Optional<String> optional(Settings settings, Key<String> key) {
    return Optional.of(settings.get(key)).filter(text -> !text.isEmpty());
  }

  private static int whole(Settings settings, Key<Long> key) {
    return Math.toIntExact(settings.get(key));
  }
}
