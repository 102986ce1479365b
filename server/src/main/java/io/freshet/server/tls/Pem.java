// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.tls;

import io.freshet.server.files.UnusableFileException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Certificates and private keys in PEM. Stateless.
public final class Pem {
  private static final int CERTIFICATES_MAX = 1000;
  private static final byte[] SAMPLE = "freshet".getBytes(StandardCharsets.US_ASCII);
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

  private Pem() {}

  /// All certificates of a text, in order; what stands between them is skipped.
  ///
  /// @param name of the file, for messages
  /// @throws UnusableFileException if there is none, or one cannot be read
  public static List<X509Certificate> certificates(String name, String text) {
    var certificates = new ArrayList<X509Certificate>();
    Matcher block = BLOCK.matcher(text);
    while (block.find() && certificates.size() < CERTIFICATES_MAX) {
      if (block.group(1).equals("CERTIFICATE")) {
        certificates.add(certificate(name, certificates.size() + 1, block.group(2)));
      }
    }
    if (certificates.isEmpty()) {
      throw new UnusableFileException(
          name + ": no certificate in it; it must be PEM (-----BEGIN CERTIFICATE-----)");
    }
    return List.copyOf(certificates);
  }

  private static X509Certificate certificate(String name, int number, String base64) {
    try {
      byte[] bytes = Base64.getMimeDecoder().decode(base64);
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(bytes));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new UnusableFileException(
          "%s: certificate %d in it cannot be read: %s".formatted(name, number, e.getMessage()), e);
    }
  }

  /// The private key that belongs to a certificate.
  ///
  /// @param name of the file, for messages
  /// @throws UnusableFileException if there is none, or it belongs to another certificate
  public static PrivateKey key(String name, String text, X509Certificate certificate) {
    PublicKey publicKey = certificate.getPublicKey();
    PrivateKey key = read(name, text, publicKey.getAlgorithm());
    try {
      if (!fits(key, publicKey)) {
        throw new UnusableFileException(
            "%s: this is the key of another certificate than that of %s"
                .formatted(name, certificate.getSubjectX500Principal()));
      }
    } catch (GeneralSecurityException e) {
      throw new UnusableFileException(
          "%s: the key cannot be used: %s".formatted(name, e.getMessage()), e);
    }
    return key;
  }

  private static PrivateKey read(String name, String text, String algorithm) {
    Matcher block = BLOCK.matcher(text);
    String seen = "";
    while (block.find()) {
      String kind = block.group(1);
      if (kind.equals("PRIVATE KEY")) {
        return read(name, Base64.getMimeDecoder().decode(block.group(2)), algorithm);
      }
      seen = kind.endsWith("PRIVATE KEY") ? kind : seen;
    }
    throw new UnusableFileException(
        seen.isEmpty()
            ? name + ": no key in it; it must be PEM (-----BEGIN PRIVATE KEY-----)"
            : """
            %s: a key of the form %s cannot be read; make a plain one of it: \
            openssl pkcs8 -topk8 -nodes -in %s -out key.pem\
            """
                .formatted(name, seen, name));
  }

  private static PrivateKey read(String name, byte[] bytes, String algorithm) {
    try {
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(bytes));
    } catch (GeneralSecurityException e) {
      throw new UnusableFileException(
          "%s: this is not the key of the certificate, which has one for %s"
              .formatted(name, algorithm),
          e);
    }
  }

  private static boolean fits(PrivateKey key, PublicKey publicKey) throws GeneralSecurityException {
    String algorithm =
        switch (publicKey.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> publicKey.getAlgorithm();
        };
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(key);
    signature.update(SAMPLE);
    byte[] signed = signature.sign();
    signature.initVerify(publicKey);
    signature.update(SAMPLE);
    return signature.verify(signed);
  }
}
