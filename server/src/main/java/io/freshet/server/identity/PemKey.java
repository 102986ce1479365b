// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Keys in PEM. Stateless.
final class PemKey {
  private static final List<String> KINDS = List.of("RSA", "EC", "Ed25519");
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

  private PemKey() {}

  /// @throws IdentityException if there is no public key or certificate in it
  static PublicKey publicKey(String text) {
    Matcher block = BLOCK.matcher(text);
    if (block.find()) {
      byte[] bytes = Base64.getMimeDecoder().decode(block.group(2));
      switch (block.group(1)) {
        case "PUBLIC KEY" -> {
          return publicKey(bytes);
        }
        case "CERTIFICATE" -> {
          return certified(text);
        }
        case "PRIVATE KEY" ->
            throw new IdentityException("this is the private key; it belongs to the issuer only");
        default -> {}
      }
    }
    throw new IdentityException(
        "must be PEM that begins with -----BEGIN PUBLIC KEY----- or -----BEGIN CERTIFICATE-----"
            + " (`openssl pkey -pubout` writes it)");
  }

  private static PublicKey publicKey(byte[] bytes) {
    for (String kind : KINDS) {
      try {
        return KeyFactory.getInstance(kind).generatePublic(new X509EncodedKeySpec(bytes));
      } catch (GeneralSecurityException _) {
        // It is of another kind, then.
      }
    }
    throw new IdentityException("the key must be one of RSA, P-256 or Ed25519");
  }

  private static PublicKey certified(String text) {
    try {
      return CertificateFactory.getInstance("X.509")
          .generateCertificate(new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)))
          .getPublicKey();
    } catch (GeneralSecurityException e) {
      throw new IdentityException("the certificate cannot be read", e);
    }
  }

  /// @throws IdentityException if it is not a private key
  static PrivateKey privateKey(String text) {
    Matcher block = BLOCK.matcher(text);
    if (block.find() && block.group(1).equals("PRIVATE KEY")) {
      byte[] bytes = Base64.getMimeDecoder().decode(block.group(2));
      for (String kind : KINDS) {
        try {
          return KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(bytes));
        } catch (GeneralSecurityException _) {
          // It is of another kind, then.
        }
      }
    }
    throw new IdentityException(
        "the key must be PEM that begins with -----BEGIN PRIVATE KEY-----, RSA, P-256 or Ed25519"
            + " (`openssl genpkey` writes it)");
  }
}
