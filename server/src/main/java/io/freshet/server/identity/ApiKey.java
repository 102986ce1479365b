// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import io.freshet.protocol.json.JsonObject;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A key a program shows to get in: what is kept of it. The key itself, `fk_ID_SECRET`, is shown
/// once, when it is made; kept is the SHA-256 of its whole text. The secret has 256 random bits, so
/// there is nothing a slow hash would protect.
///
/// @param id by which it is found and taken back
/// @param name for people
/// @param hash in hexadecimal
/// @param user whom it stands for
/// @param serverData for permission rules
/// @param expires null for never
/// @param revoked since when it is no longer good; null if it still is
public record ApiKey(
    String id,
    String name,
    String hash,
    String user,
    JsonObject serverData,
    Instant created,
    @Nullable Instant expires,
    @Nullable Instant revoked) {

  /// What every key begins with, so that one that has leaked can be found.
  public static final String PREFIX = "fk_";

  private static final int ID_BYTES = 6;
  private static final int SECRET_BYTES = 32;

  /// A key just made, with the one copy of its text.
  public record Made(ApiKey key, String text) {
    @Override
    public String toString() {
      return "Made[" + key.id() + "]";
    }
  }

  /// @param random cryptographically strong
  public static Made make(
      String name,
      String user,
      JsonObject serverData,
      Instant now,
      @Nullable Instant expires,
      RandomGenerator random) {
    var id = new byte[ID_BYTES];
    random.nextBytes(id);
    var secret = new byte[SECRET_BYTES];
    random.nextBytes(secret);
    String keyId = HexFormat.of().formatHex(id);
    String text =
        PREFIX + keyId + "_" + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    var key =
        new ApiKey(keyId, name, hash(text), user, serverData, now, expires, /* revoked= */ null);
    return new Made(key, text);
  }

  static String hash(String text) {
    return HexFormat.of().formatHex(KeyDerivation.sha256(text));
  }

  /// The id in the text of a key; null if the text is none.
  static @Nullable String idOf(String text) {
    int end = text.indexOf('_', PREFIX.length());
    return text.startsWith(PREFIX) && end > 0 ? text.substring(PREFIX.length(), end) : null;
  }

  /// Whether this is its text, compared in constant time.
  boolean is(String text) {
    return MessageDigest.isEqual(HexFormat.of().parseHex(hash), KeyDerivation.sha256(text));
  }

  boolean isGoodAt(Instant now) {
    return revoked == null && (expires == null || now.isBefore(expires));
  }

  /// How an accepted login names this key, see [Verdict][io.freshet.spi.Authenticator.Verdict].
  static String credential(String id) {
    return "key:" + id;
  }

  ApiKey revokedAt(Instant now) {
    return revoked != null
        ? this
        : new ApiKey(id, name, hash, user, serverData, created, expires, now);
  }
}
