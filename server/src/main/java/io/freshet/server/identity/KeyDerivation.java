// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// PBKDF2 (RFC 8018) over any HMAC the JDK has. The JDK's own PBKDF2 lacks MD5, which old
/// deepstream installations use. Stateless.
final class KeyDerivation {
  private KeyDerivation() {}

  /// @throws IdentityException if there is no such hash
  static byte[] pbkdf2(String password, String salt, PasswordHash.Pbkdf2.Parameters parameters) {
    try {
      Mac mac = mac(parameters.hash());
      byte[] bytes = password.getBytes(StandardCharsets.UTF_8);
      // An HMAC pads its key with zeros, so this is the empty key, which the JDK refuses.
      mac.init(new SecretKeySpec(bytes.length == 0 ? new byte[1] : bytes, mac.getAlgorithm()));
      ByteBuffer key = ByteBuffer.allocate(parameters.keyLength());
      for (int block = 1; key.hasRemaining(); block++) {
        byte[] derived =
            block(mac, salt.getBytes(StandardCharsets.UTF_8), block, parameters.iterations());
        key.put(derived, 0, Math.min(derived.length, key.remaining()));
      }
      return key.array();
    } catch (InvalidKeyException e) {
      throw new IllegalStateException("an HMAC takes any key", e);
    }
  }

  private static byte[] block(Mac mac, byte[] salt, int number, int iterations) {
    mac.update(salt);
    byte[] round = mac.doFinal(ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
    byte[] sum = round.clone();
    for (int i = 1; i < iterations; i++) {
      round = mac.doFinal(round);
      for (int at = 0; at < sum.length; at++) {
        sum[at] ^= round[at];
      }
    }
    return sum;
  }

  /// @throws IdentityException if there is no such hash
  static Mac mac(String hash) {
    try {
      return Mac.getInstance("Hmac" + hash.replace("-", "").toUpperCase(Locale.ROOT));
    } catch (NoSuchAlgorithmException e) {
      throw new IdentityException("there is no hash \"%s\"; use sha256, say".formatted(hash), e);
    }
  }

  /// @throws IllegalStateException as every JDK has SHA-256
  static byte[] sha256(String text) {
    try {
      return java.security.MessageDigest.getInstance("SHA-256")
          .digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
