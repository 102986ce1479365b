// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.util.Base64URL;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.NamedParameterSpec;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// A key that tokens are checked with. It belongs to one algorithm for good, which is what makes it
/// impossible to have a public key taken for a secret.
///
/// @param id by which a token may name it; null for none
record TokenKey(TokenAlgorithm algorithm, Key key, @Nullable String id) {
  private static final int SECRET_BYTES_MIN = 32;
  private static final int RSA_BITS_MIN = 2048;
  private static final int P256_BITS = 256;

  /// The one key of these options.
  ///
  /// @throws IdentityException if it cannot be used
  static TokenKey of(KeyOptions options) {
    return switch (options) {
      case KeyOptions.Secret(String secret) -> secret(secret);
      case KeyOptions.PublicKey(String pemOrFile) -> of(PemKey.publicKey(pem(pemOrFile)), null);
      case KeyOptions.JwksInFile _, KeyOptions.JwksAt _ ->
          throw new IllegalStateException("a set has many keys");
    };
  }

  private static String pem(String pemOrFile) {
    if (pemOrFile.startsWith("-----BEGIN ")) {
      return pemOrFile;
    }
    try {
      return Files.readString(Path.of(pemOrFile));
    } catch (IOException e) {
      throw new IdentityException("cannot read %s: %s".formatted(pemOrFile, e), e);
    }
  }

  /// @throws IdentityException if the secret is too short
  static TokenKey secret(String secret) {
    byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
    if (bytes.length < SECRET_BYTES_MIN) {
      throw new IdentityException(
          "the secret must have at least %d bytes".formatted(SECRET_BYTES_MIN));
    }
    return new TokenKey(TokenAlgorithm.HS256, new SecretKeySpec(bytes, "HmacSHA256"), null);
  }

  /// @throws IdentityException if it is of a kind no algorithm here uses, or too short
  static TokenKey of(PublicKey key, @Nullable String id) {
    return switch (key) {
      case RSAPublicKey rsa when rsa.getModulus().bitLength() >= RSA_BITS_MIN ->
          new TokenKey(TokenAlgorithm.RS256, rsa, id);
      case RSAPublicKey _ ->
          throw new IdentityException(
              "an RSA key must have at least %d bits".formatted(RSA_BITS_MIN));
      case ECPublicKey ec when ec.getParams().getOrder().bitLength() == P256_BITS ->
          new TokenKey(TokenAlgorithm.ES256, ec, id);
      case EdECPublicKey ed
          when ed.getParams().getName().equals(NamedParameterSpec.ED25519.getName()) ->
          new TokenKey(TokenAlgorithm.EDDSA, ed, id);
      case PublicKey _ ->
          throw new IdentityException("the key must be one of RSA, P-256 or Ed25519");
    };
  }

  /// Whether this key made the signature.
  boolean verifies(JWSHeader header, byte[] signed, Base64URL signature) {
    try {
      return verifier().verify(header, signed, signature);
    } catch (JOSEException | IllegalArgumentException e) {
      return false;
    }
  }

  private JWSVerifier verifier() throws JOSEException {
    return switch (algorithm) {
      case HS256 -> new MACVerifier((SecretKey) key);
      case RS256 -> new RSASSAVerifier((RSAPublicKey) key);
      case ES256 -> new ECDSAVerifier((ECPublicKey) key);
      case EDDSA -> new Ed25519(key);
    };
  }

  /// The JDK's Ed25519; the library's own would need another library.
  private static final class Ed25519 extends com.nimbusds.jose.crypto.impl.EdDSAProvider
      implements JWSVerifier {
    private final Key key;

    Ed25519(Key key) {
      this.key = key;
    }

    @Override
    public boolean verify(JWSHeader header, byte[] signed, Base64URL signature)
        throws JOSEException {
      try {
        Signature ed25519 = Signature.getInstance("Ed25519");
        ed25519.initVerify((PublicKey) key);
        ed25519.update(signed);
        return ed25519.verify(signature.decode());
      } catch (GeneralSecurityException e) {
        throw new JOSEException("not a signature", e);
      }
    }
  }
}
