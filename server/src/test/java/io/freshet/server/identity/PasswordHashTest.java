// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.server.identity.PasswordHash.Pbkdf2.Parameters;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordHashTest {
  private static final Parameters MD5 = new Parameters("md5", 100, 32);

  /// The vectors are deepstream's, the Argon2 reference implementation's and crypt_blowfish's.
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "password, rCOSZxJrgze2AZdVQh12c6ErDMOG0M+Rx5Yu7S5d91c=GS4SbTQYmoaGwjm2shEobg==",
        "password,"
            + " `$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ"
            + "$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc`",
        "U*U, $2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
      })
  void checksWhatOthersHashed(String password, String encoded) {
    PasswordHash hash = PasswordHash.parse(encoded, Optional.of(MD5));
    assertTrue(hash.matches(password));
    assertFalse(hash.matches(password + "x"));
    assertFalse(hash.matches(""));
    assertEquals(encoded, hash.toString());
  }

  /// RFC 6070 and its like for SHA-256.
  @ParameterizedTest
  @CsvSource({
    "sha1, 2, 20, ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957",
    "sha1, 4096, 20, 4b007901b765489abead49d926f721d065a429c1",
    "sha256, 4096, 32, c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a",
  })
  void derivesKeysAsTheStandardSays(String hash, int iterations, int length, String hex) {
    byte[] key = KeyDerivation.pbkdf2("password", "salt", new Parameters(hash, iterations, length));
    assertEquals(hex, HexFormat.of().formatHex(key));
  }

  @Test
  void hashesNewPasswordsEachWithItsOwnSalt() {
    var random = new SecureRandom();
    PasswordHash argon = PasswordHash.Argon2id.of("pässword", random);
    assertTrue(argon.toString().startsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
    PasswordHash again = PasswordHash.parse(argon.toString(), Optional.empty());
    assertInstanceOf(PasswordHash.Argon2id.class, again);
    assertTrue(again.matches("pässword"));
    assertFalse(again.matches("passwort"));
    assertEquals(argon.cost(), PasswordHash.Argon2id.of("x", random).cost());
    PasswordHash first = PasswordHash.Pbkdf2.of("p", MD5, random);
    PasswordHash second = PasswordHash.Pbkdf2.of("p", MD5, random);
    assertNotEquals(first.toString(), second.toString());
    assertTrue(first.matches("p") && second.matches("p"));
    assertTrue(PasswordHash.Pbkdf2.of("", MD5, random).matches(""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "secret",
        "",
        "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=9999999,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ",
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQxx$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=15,t=2,p=2$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=64,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=64,t=1,p=0$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$2a$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$05$short",
        "rCOSZxJrgze2AZdVQh12c6ErDMOG0M+Rx5Yu7S5d91c=",
      })
  void refusesWhatIsNoHash(String text) {
    assertThrows(IdentityException.class, () -> PasswordHash.parse(text, Optional.of(MD5)));
    assertThrows(IdentityException.class, () -> PasswordHash.parse(text, Optional.empty()));
  }

  @Test
  void refusesUnknownDigests() {
    assertThrows(IdentityException.class, () -> KeyDerivation.mac("rot13"));
  }
}
