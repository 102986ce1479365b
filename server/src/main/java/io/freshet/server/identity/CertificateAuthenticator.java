// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.spi.Authenticator;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.naming.InvalidNameException;
import javax.naming.NamingException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/// Knows whoever has opened the connection with a certificate of a trusted issuer (mutual TLS). A
/// client that shows something else in its login besides is somebody else's to judge: it wants to
/// be whom that names.
///
/// A login ends with its certificate. Rules see `certificate` in the user's data: `subject`,
/// `issuer`, `serial` and `sha256`.
///
/// Threading: any thread.
public final class CertificateAuthenticator implements Authenticator {
  private static final List<String> OTHERS =
      List.of("token", "jwt", "apiKey", "username", "password");

  private final Identity identity;
  private final InstantSource clock;

  /// What of a certificate is the user's id.
  public enum Identity {
    /// The common name of its subject.
    CN,
    /// The whole subject, in the form of RFC 2253: `CN=sensor-7,O=Example`.
    SUBJECT
  }

  public CertificateAuthenticator(Identity identity, InstantSource clock) {
    this.identity = identity;
    this.clock = clock;
  }

  @Override
  public CompletionStage<Verdict> authenticate(Attempt attempt) {
    X509Certificate certificate = attempt.certificate();
    return CompletableFuture.completedStage(
        certificate == null || OTHERS.stream().anyMatch(name -> attempt.data().get(name) != null)
            ? Verdict.NotMine.NOT_MINE
            : judge(certificate));
  }

  private Verdict judge(X509Certificate certificate) {
    Instant now = clock.instant();
    Instant end = certificate.getNotAfter().toInstant();
    String subject = certificate.getSubjectX500Principal().getName();
    Optional<String> user =
        switch (identity) {
          case CN -> commonName(subject);
          case SUBJECT -> Optional.of(subject).filter(name -> !name.isEmpty());
        };
    if (user.isEmpty() || !now.isBefore(end)) {
      String why = user.isEmpty() ? "CERTIFICATE_WITHOUT_NAME" : "CERTIFICATE_EXPIRED";
      return new Verdict.Refused(JsonObject.of("error", JsonString.of(why)));
    }
    String digest = digest(certificate);
    JsonObject shown =
        JsonObject.of("subject", JsonString.of(subject))
            .with("issuer", JsonString.of(certificate.getIssuerX500Principal().getName()))
            .with("serial", JsonString.of(certificate.getSerialNumber().toString(16)))
            .with("sha256", JsonString.of(digest));
    return new Verdict.Accepted(
        user.get(), JsonObject.of("certificate", shown), null, null, end, "certificate:" + digest);
  }

  /// The last of them if there are several, which is the most specific: names are written from the
  /// right.
  private static Optional<String> commonName(String subject) {
    try {
      return new LdapName(subject)
          .getRdns().reversed().stream()
              .map(Rdn::toAttributes)
              .map(attributes -> attributes.get("CN"))
              .filter(found -> found != null)
              .map(found -> {
                try {
                  return found.get() instanceof String name ? name : "";
                } catch (NamingException e) {
                  return "";
                }
              })
              .filter(name -> !name.isEmpty())
              .findFirst();
    } catch (InvalidNameException e) {
      return Optional.empty();
    }
  }

  private static String digest(X509Certificate certificate) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a certificate that was accepted can be written", e);
    }
  }
}
