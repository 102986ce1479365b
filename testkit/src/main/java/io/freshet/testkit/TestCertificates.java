// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.x500.X500Principal;

/// An authority that certifies whom a test wants certified: P-256 keys, written in DER by hand,
/// because the JDK reads certificates and makes none.
///
/// Threading: immutable.
public final class TestCertificates {
  private static final byte[] ECDSA_WITH_SHA256 =
      sequence(oid(0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02));
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'");

  private final Certified authority;

  /// A certificate and its key.
  public record Certified(X509Certificate certificate, KeyPair keys) {
    public String certificatePem() {
      try {
        return pem("CERTIFICATE", certificate.getEncoded());
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    public String keyPem() {
      return pem("PRIVATE KEY", keys.getPrivate().getEncoded());
    }
  }

  /// An authority of its own.
  public TestCertificates(String name) {
    KeyPair keys = keys();
    this.authority =
        new Certified(
            sign(
                keys,
                "CN=" + name,
                "CN=" + name,
                keys,
                Instant.now().minus(Duration.ofDays(1)),
                Instant.now().plus(Duration.ofDays(400)),
                extension(0x13, true, sequence(der(0x01, new byte[] {-1})))),
            keys);
  }

  /// The authority's own certificate.
  public Certified authority() {
    return authority;
  }

  /// A certificate that is good for a year.
  ///
  /// @param subject like `CN=localhost`
  /// @param names DNS names and addresses it is for; none for a client's
  public Certified certify(String subject, String... names) {
    return certify(subject, Duration.ofDays(365), names);
  }

  /// @param life from an hour ago on, or longer ago if it is over; over if negative
  public Certified certify(String subject, Duration life, String... names) {
    Instant now = Instant.now();
    Instant end = now.plus(life);
    Instant begin = (life.isNegative() ? end : now).minus(Duration.ofHours(1));
    KeyPair keys = keys();
    byte[] extension =
        names.length == 0
            ? new byte[0]
            : extension(
                0x11,
                false,
                sequence(Arrays.stream(names).map(TestCertificates::name).toArray(byte[][]::new)));
    String issuer = authority.certificate.getSubjectX500Principal().getName();
    return new Certified(sign(authority.keys, issuer, subject, keys, begin, end, extension), keys);
  }

  /// What a client of the JDK needs that trusts this authority.
  ///
  /// @param own certificates that the client may show; one at most
  public SSLContext clientContext(Certified... own) {
    try {
      var trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("authority", authority.certificate);
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      var shown = KeyStore.getInstance("PKCS12");
      shown.load(null, null);
      for (Certified each : own) {
        X509Certificate[] chain = {each.certificate};
        shown.setKeyEntry("own", each.keys.getPrivate(), new char[0], chain);
      }
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(shown, new char[0]);
      var context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | java.io.IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyPair keys() {
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static X509Certificate sign(
      KeyPair signer,
      String issuer,
      String subject,
      KeyPair keys,
      Instant begin,
      Instant end,
      byte[] extension) {
    byte[] body =
        sequence(
            der(0xA0, integer(BigInteger.TWO)),
            integer(BigInteger.valueOf(System.nanoTime()).abs()),
            ECDSA_WITH_SHA256,
            new X500Principal(issuer).getEncoded(),
            sequence(time(begin), time(end)),
            new X500Principal(subject).getEncoded(),
            keys.getPublic().getEncoded(),
            extension.length == 0 ? extension : der(0xA3, sequence(extension)));
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(signer.getPrivate());
      signature.update(body);
      byte[] whole = sequence(body, ECDSA_WITH_SHA256, der(0x03, new byte[1], signature.sign()));
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(whole));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] extension(int number, boolean critical, byte[] value) {
    byte[] flag = critical ? der(0x01, new byte[] {-1}) : new byte[0];
    return sequence(oid(0x55, 0x1D, number), flag, der(0x04, value));
  }

  private static byte[] name(String name) {
    try {
      return der(0x87, InetAddress.ofLiteral(name).getAddress());
    } catch (IllegalArgumentException e) {
      return der(0x82, name.getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static byte[] time(Instant instant) {
    String text = TIME.format(instant.atOffset(ZoneOffset.UTC));
    // Before 2050 the year has two digits.
    return der(0x17, text.substring(2).getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] integer(BigInteger value) {
    return der(0x02, value.toByteArray());
  }

  private static byte[] oid(int... bytes) {
    byte[] value = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      value[i] = (byte) bytes[i];
    }
    return der(0x06, value);
  }

  private static byte[] sequence(byte[]... parts) {
    return der(0x30, parts);
  }

  private static byte[] der(int tag, byte[]... parts) {
    int length = List.of(parts).stream().mapToInt(part -> part.length).sum();
    var out = new ByteArrayOutputStream();
    out.write(tag);
    if (length > 0xFF) {
      out.write(0x82);
      out.write(length >> 8);
    } else if (length > 0x7F) {
      out.write(0x81);
    }
    out.write(length);
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static String pem(String kind, byte[] bytes) {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    return "-----BEGIN %s-----%n%s%n-----END %s-----%n".formatted(kind, base64, kind);
  }
}
