// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The members an entry of `auth` may have, by its type, in the order of the reference page. A
/// member that must be there, or may be absent, has an empty fallback.
final class AuthKeys {
  private static final ValueType<String> ANY = new ValueType.Text("text", text -> text);
  private static final ValueType<String> FILE = new ValueType.Text("file", text -> text);
  private static final ValueType<Long> STATUS = new ValueType.Whole(100, 599);

  /// Its default depends on the other entries.
  static final String REPORT_PATH = "reportInvalidParameters";

  private static final String REPORT =
      "Whether a client is told what is wrong with its login, in which case no later entry is"
          + " asked. Without a value: `true` if this is the only entry.";

  static final Key<String> TYPE = new Key<>("type", ANY, "", "Which kind of entry this is.");

  static final Key<String> USERS =
      new Key<>("users", FILE, "", "The users file, YAML or JSON. Must be given.");
  static final Key<String> HASH =
      new Key<>(
          "hash",
          ANY,
          "",
          "For deepstream's PBKDF2 hashes: the digest they were made with (`md5`, `sha256` …).");
  static final Key<Long> ITERATIONS =
      new Key<>(
          "iterations", new ValueType.Whole(1, 10_000_000), 100L, "With `hash`: how many rounds.");
  static final Key<Long> KEY_LENGTH =
      new Key<>(
          "keyLength", new ValueType.Whole(1, 1024), 32L, "With `hash`: bytes of the derived key.");
  static final Key<Boolean> FILE_REPORT =
      new Key<>(REPORT_PATH, new ValueType.Flag(), true, REPORT);

  static final Key<String> URL =
      new Key<>(
          "url",
          new ValueType.Text("http or https URL", AuthKeys::url),
          "",
          "Where logins are posted to. Must be given.");
  static final Key<List<Long>> PERMITTED =
      new Key<>(
          "permittedStatusCodes",
          new ValueType.Several<>(STATUS),
          List.of(200L),
          "Statuses that say yes.");
  static final Key<Duration> REQUEST_TIMEOUT =
      new Key<>(
          "requestTimeout",
          new ValueType.Time(Duration.ofMillis(10), Duration.ofMinutes(5)),
          Duration.ofSeconds(5),
          "How long one answer may take.");
  static final Key<List<Long>> RETRY_CODES =
      new Key<>(
          "retryStatusCodes",
          new ValueType.Several<>(STATUS),
          List.of(502L, 503L, 504L),
          "Statuses after which the service is asked again, as when it does not answer.");
  static final Key<Long> RETRIES =
      new Key<>(
          "retryAttempts", new ValueType.Whole(0, 100), 2L, "How many times it is asked again.");
  static final Key<Duration> RETRY_INTERVAL =
      new Key<>(
          "retryInterval",
          new ValueType.Time(Duration.ofMillis(1), Duration.ofMinutes(5)),
          Duration.ofMillis(500),
          "How long to wait before that.");
  static final Key<List<String>> PROMOTE =
      new Key<>(
          "promoteToHeader",
          new ValueType.Several<>(new ValueType.Text("names", text -> text)),
          List.of(),
          "Members of the login data that are sent as request headers, too.");
  static final Key<Boolean> HTTP_REPORT =
      new Key<>(REPORT_PATH, new ValueType.Flag(), true, REPORT);

  static final Key<String> SECRET =
      new Key<>(
          "secret",
          ANY,
          "",
          "The secret tokens are signed with, at least 32 bytes. Of `secret`, `publicKey` and"
              + " `jwks` exactly one must be given.",
          true);
  static final Key<String> PUBLIC_KEY =
      new Key<>(
          "publicKey", ANY, "", "The public key or certificate, PEM: the text or a file's name.");
  static final Key<String> JWKS =
      new Key<>("jwks", ANY, "", "The issuer's key set: an http or https URL, or a file's name.");
  static final Key<Duration> JWKS_REFRESH =
      new Key<>(
          "jwksRefresh",
          new ValueType.Time(Duration.ofSeconds(30), Duration.ofDays(1)),
          Duration.ofMinutes(10),
          "How often the set is fetched again. An unknown key makes it fetch at once, at most every"
              + " 30 seconds.");
  static final Key<List<String>> ALGORITHMS =
      new Key<>(
          "algorithms",
          new ValueType.Several<>(
              new ValueType.Text("HS256, RS256, ES256, EdDSA", AuthKeys::algorithm)),
          List.of(),
          "The algorithms allowed. Without a value: the one of the key; with `jwks` RS256, ES256"
              + " and EdDSA.");
  static final Key<String> ISSUER =
      new Key<>("issuer", ANY, "", "What `iss` must be. Other tokens are left to later entries.");
  static final Key<List<String>> AUDIENCE =
      new Key<>(
          "audience",
          new ValueType.Several<>(new ValueType.Text("names", text -> text)),
          List.of(),
          "What `aud` must be, or hold one of. Without a value any token of the issuer is good"
              + " here, even one made for another program.");
  static final Key<Duration> LEEWAY =
      new Key<>(
          "leeway",
          new ValueType.Time(Duration.ZERO, Duration.ofMinutes(10)),
          Duration.ofSeconds(30),
          "By how much clocks may differ.");
  static final Key<String> USER_CLAIM =
      new Key<>("userClaim", ANY, "sub", "The claim that is the user id; dots lead into objects.");
  static final Key<String> ROLES_CLAIM =
      new Key<>(
          "rolesClaim",
          ANY,
          "roles",
          "The claim that rules see as `roles`, like Keycloak's `realm_access.roles`.");
  static final Key<String> CLIENT_DATA_CLAIM =
      new Key<>("clientDataClaim", ANY, "", "The claim that is sent to the client.");

  static final Key<String> KEYS =
      new Key<>("keys", FILE, "", "The file `freshet key` writes. Must be given.");

  static final Key<CertificateUser> CERTIFICATE_USER =
      new Key<>(
          "user",
          new ValueType.Choice<>(List.of(CertificateUser.values())),
          CertificateUser.CN,
          "What of a client's certificate is the user id: `cn` the common name of its subject,"
              + " `subject` all of it (RFC 2253: `CN=sensor-7,O=Example`). With several issuers in"
              + " `server.tls.clientCa`, each can give any name.");

  enum CertificateUser {
    CN,
    SUBJECT
  }

  static final Map<String, List<Key<?>>> BY_TYPE = byType();

  private AuthKeys() {}

  private static Map<String, List<Key<?>>> byType() {
    var types = new LinkedHashMap<String, List<Key<?>>>();
    types.put("open", List.of());
    types.put("file", List.of(USERS, HASH, ITERATIONS, KEY_LENGTH, FILE_REPORT));
    types.put(
        "http",
        List.of(
            URL,
            PERMITTED,
            REQUEST_TIMEOUT,
            RETRY_CODES,
            RETRIES,
            RETRY_INTERVAL,
            PROMOTE,
            HTTP_REPORT));
    types.put(
        "jwt",
        List.of(
            SECRET,
            PUBLIC_KEY,
            JWKS,
            JWKS_REFRESH,
            ALGORITHMS,
            ISSUER,
            AUDIENCE,
            LEEWAY,
            USER_CLAIM,
            ROLES_CLAIM,
            CLIENT_DATA_CLAIM));
    types.put("apiKeys", List.of(KEYS));
    types.put("certificate", List.of(CERTIFICATE_USER));
    return types;
  }

  static boolean isUrl(String text) {
    return text.toLowerCase(Locale.ROOT).matches("https?://.*");
  }

  /// @throws InvalidValueException if it is not one
  static String url(String text) {
    try {
      var uri = new URI(text);
      if (isUrl(text) && uri.getHost() != null && uri.getRawUserInfo() == null) {
        return text;
      }
    } catch (URISyntaxException _) {
      // The exception below says so.
    }
    throw new InvalidValueException("must be an http or https URL, without a user name in it");
  }

  private static String algorithm(String text) {
    if (!List.of("HS256", "RS256", "ES256", "EdDSA").contains(text)) {
      throw new InvalidValueException("must be HS256, RS256, ES256 or EdDSA");
    }
    return text;
  }
}
