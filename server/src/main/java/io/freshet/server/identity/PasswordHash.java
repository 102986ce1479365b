// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import com.password4j.BcryptFunction;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A password as it is kept: what of it was hashed in which way. Immutable; checking takes tens of
/// milliseconds of a processor on purpose.
public sealed interface PasswordHash {
  /// Compared in constant time.
  boolean matches(String password);

  /// Hashes of the same cost take equally long to check.
  String cost();

  /// Reads a hash as found in a users file; its beginning says of which kind it is.
  ///
  /// @param pbkdf2 how those were made that do not say so themselves; empty for none
  /// @throws IdentityException if it is of no known kind
  static PasswordHash parse(String text, Optional<Pbkdf2.Parameters> pbkdf2) {
    if (text.startsWith("$argon2")) {
      return Argon2id.parse(text);
    }
    if (text.startsWith("$2")) {
      return Bcrypt.parse(text);
    }
    return Pbkdf2.parse(
        text,
        pbkdf2.orElseThrow(() ->
            new IdentityException(
                "is of no known kind; make it with `freshet hash`, or, if it is deepstream's, name"
                    + " hash, iterations and keyLength in the configuration")));
  }

  /// The kind new hashes are of. The memory-hard winner of the Password Hashing Competition, RFC
  /// 9106.
  record Argon2id(String encoded, String cost) implements PasswordHash {
    private static final Pattern FORM =
        Pattern.compile(
            "\\$argon2id\\$v=19\\$(m=(\\d{1,7}),t=(\\d{1,3}),p=(\\d{1,2}))"
                + "\\$([A-Za-z0-9+/]{11,128})\\$([A-Za-z0-9+/]{16,128})");
    private static final int MEMORY_KIB_MAX = 1 << 20;

    // What OWASP recommends at least: 19 MiB, two passes, one lane.
    private static final Argon2.Cost USUAL = new Argon2.Cost(19_456, 2, 1);
    private static final int KEY_BYTES = 32;
    private static final int SALT_BYTES = 16;

    static Argon2id parse(String text) {
      Matcher parts = parts(text);
      try {
        if (parts.matches() && cost(parts).memoryKib() <= MEMORY_KIB_MAX) {
          decoded(parts.group(5));
          decoded(parts.group(6));
          return new Argon2id(text, parts.group(1));
        }
      } catch (IllegalArgumentException _) {
        // No Base64; the exception below says so.
      }
      throw new IdentityException(
          "is no argon2id hash like $argon2id$v=19$m=19456,t=2,p=1$SALT$KEY, of at most 1 GiB");
    }

    private static Matcher parts(String text) {
      return FORM.matcher(text);
    }

    private static Argon2.Cost cost(Matcher parts) {
      return new Argon2.Cost(number(parts, 2), number(parts, 3), number(parts, 4));
    }

    private static int number(Matcher parts, int group) {
      return Integer.parseInt(parts.group(group));
    }

    private static byte[] decoded(String text) {
      return Base64.getDecoder().decode(text);
    }

    /// Hashes a new password.
    public static Argon2id of(String password, RandomGenerator random) {
      var salt = new byte[SALT_BYTES];
      random.nextBytes(salt);
      byte[] key = Argon2.hash(password.getBytes(StandardCharsets.UTF_8), salt, USUAL, KEY_BYTES);
      Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
      return parse(
          "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
              .formatted(
                  USUAL.memoryKib(),
                  USUAL.passes(),
                  USUAL.lanes(),
                  base64.encodeToString(salt),
                  base64.encodeToString(key)));
    }

    @Override
    public boolean matches(String password) {
      Matcher parts = parts(encoded);
      if (!parts.matches()) {
        throw new IllegalStateException("was parsed before");
      }
      byte[] key = decoded(parts.group(6));
      byte[] salt = decoded(parts.group(5));
      byte[] bytes = password.getBytes(StandardCharsets.UTF_8);
      return MessageDigest.isEqual(key, Argon2.hash(bytes, salt, cost(parts), key.length));
    }

    @Override
    public String toString() {
      return encoded;
    }
  }

  /// The kind many other systems have made. Looks at the first 72 bytes of a password.
  record Bcrypt(String encoded, String cost) implements PasswordHash {
    private static final Pattern FORM =
        Pattern.compile("\\$2[aby]\\$(0[4-9]|1[0-9])\\$[./A-Za-z0-9]{53}");

    static Bcrypt parse(String text) {
      Matcher matcher = FORM.matcher(text);
      if (!matcher.matches()) {
        throw new IdentityException("is no bcrypt hash like $2b$12$…");
      }
      return new Bcrypt(text, "bcrypt " + matcher.group(1));
    }

    @Override
    public boolean matches(String password) {
      return BcryptFunction.getInstanceFromHash(encoded).check(password, encoded);
    }

    @Override
    public String toString() {
      return encoded;
    }
  }

  /// The kind deepstream makes: the key in Base64, directly followed by the salt. The salt's bytes
  /// are those of its text, not what the text decodes to.
  record Pbkdf2(String encoded, Parameters parameters) implements PasswordHash {
    private static final int SALT_BYTES = 16;

    /// How a key is derived; the hash itself does not say.
    ///
    /// @param hash `md5`, `sha1`, `sha256`, `sha512` …
    /// @param keyLength in bytes
    public record Parameters(String hash, int iterations, int keyLength) {
      private int keyCharacters() {
        return 4 * ((keyLength + 2) / 3);
      }
    }

    static Pbkdf2 parse(String text, Parameters parameters) {
      int keyCharacters = parameters.keyCharacters();
      try {
        boolean whole =
            text.length() > keyCharacters
                && Base64.getDecoder().decode(text.substring(0, keyCharacters)).length
                    == parameters.keyLength();
        if (whole) {
          return new Pbkdf2(text, parameters);
        }
      } catch (IllegalArgumentException _) {
        // The exception below says so.
      }
      throw new IdentityException(
          "is no PBKDF2 hash with a key of %d bytes (its Base64 and then the salt)"
              .formatted(parameters.keyLength()));
    }

    /// Hashes a new password.
    public static Pbkdf2 of(String password, Parameters parameters, RandomGenerator random) {
      var bytes = new byte[SALT_BYTES];
      random.nextBytes(bytes);
      String salt = Base64.getEncoder().encodeToString(bytes);
      byte[] key = KeyDerivation.pbkdf2(password, salt, parameters);
      return new Pbkdf2(Base64.getEncoder().encodeToString(key) + salt, parameters);
    }

    @Override
    public boolean matches(String password) {
      int keyCharacters = parameters.keyCharacters();
      byte[] key = Base64.getDecoder().decode(encoded.substring(0, keyCharacters));
      String salt = encoded.substring(keyCharacters);
      return MessageDigest.isEqual(key, KeyDerivation.pbkdf2(password, salt, parameters));
    }

    @Override
    public String cost() {
      return parameters.toString();
    }

    @Override
    public String toString() {
      return encoded;
    }
  }
}
