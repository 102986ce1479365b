// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.util.Base64;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/// Makes signed tokens (JWT), for trying things out: who issues tokens for real keeps the key away
/// from the server that checks them. Immutable.
public final class TokenSigner {
  private final TokenAlgorithm algorithm;
  private final Key key;

  private TokenSigner(TokenAlgorithm algorithm, Key key) {
    this.algorithm = algorithm;
    this.key = key;
  }

  /// Signs with a secret.
  ///
  /// @throws IdentityException if it has fewer than 32 bytes
  public static TokenSigner ofSecret(String secret) {
    return new TokenSigner(TokenAlgorithm.HS256, TokenKey.secret(secret).key());
  }

  /// Signs with a private key; its kind says in which way.
  ///
  /// @throws IdentityException if the text is no such key
  public static TokenSigner ofPrivateKey(String pem) {
    PrivateKey key = PemKey.privateKey(pem);
    return switch (key) {
      case RSAPrivateKey _ -> new TokenSigner(TokenAlgorithm.RS256, key);
      case ECPrivateKey _ -> new TokenSigner(TokenAlgorithm.ES256, key);
      case EdECPrivateKey _ -> new TokenSigner(TokenAlgorithm.EDDSA, key);
      case PrivateKey _ ->
          throw new IdentityException("the key must be one of RSA, P-256 or Ed25519");
    };
  }

  /// @param keyId for the header; null for none
  public String sign(JsonObject claims, @Nullable String keyId) {
    JsonObject header =
        JsonObject.of("alg", JsonString.of(algorithm.label())).with("typ", JsonString.of("JWT"));
    if (keyId != null) {
      header = header.with("kid", JsonString.of(keyId));
    }
    String signed = base64(Json.encode(header)) + "." + base64(Json.encode(claims));
    return signed + "." + base64(signature(signed.getBytes(StandardCharsets.US_ASCII)));
  }

  private byte[] signature(byte[] signed) {
    try {
      return switch (algorithm) {
        case HS256 -> {
          Mac mac = Mac.getInstance("HmacSHA256");
          mac.init(key);
          yield mac.doFinal(signed);
        }
        case RS256 -> signature("SHA256withRSA", signed);
        case ES256 -> signature("SHA256withECDSAinP1363Format", signed);
        case EDDSA -> signature("Ed25519", signed);
      };
    } catch (GeneralSecurityException e) {
      throw new IdentityException("the key cannot sign: " + e.getMessage(), e);
    }
  }

  private byte[] signature(String name, byte[] signed) throws GeneralSecurityException {
    Signature signature = Signature.getInstance(name);
    signature.initSign((PrivateKey) key);
    signature.update(signed);
    return signature.sign();
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
