// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.tls;

import io.freshet.server.files.UnusableFileException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;

/// Where everything stands that encrypts connections.
///
/// @param certificate the server's, and behind it those of its issuers, PEM
/// @param key of the certificate, PEM
/// @param clientCa the issuers whose certificates clients may show, PEM
/// @param clientAuth whether they do; not `NONE` needs `clientCa`
public record TlsFiles(Path certificate, Path key, Optional<Path> clientCa, ClientAuth clientAuth) {
  private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

  /// Those that keep what was said secret even from who gets the key later.
  private static final List<String> CIPHERS =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  public TlsFiles {
    if (clientAuth != ClientAuth.NONE && clientCa.isEmpty()) {
      throw new IllegalArgumentException("clients' certificates need clientCa");
    }
  }

  /// What the files hold, and nothing of it in words: one is a secret.
  record Texts(String certificate, String key, String clientCa) {
    @Override
    public String toString() {
      return "Texts[]";
    }
  }

  /// What was made of the files.
  record Made(SslContext context, X509Certificate certificate) {}

  /// @throws UnusableFileException if one cannot be read
  Texts read() {
    return new Texts(read(certificate), read(key), clientCa.map(TlsFiles::read).orElse(""));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UnusableFileException("cannot read %s: %s".formatted(file, e), e);
    }
  }

  /// @throws UnusableFileException saying what is wrong
  Made make(Texts texts) {
    List<X509Certificate> chain = Pem.certificates(certificate.toString(), texts.certificate);
    PrivateKey privateKey = Pem.key(key.toString(), texts.key, chain.getFirst());
    SslContextBuilder builder =
        SslContextBuilder.forServer(privateKey, chain)
            .sslProvider(SslProvider.JDK)
            .protocols(PROTOCOLS)
            .ciphers(CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
            .clientAuth(
                switch (clientAuth) {
                  case NONE -> io.netty.handler.ssl.ClientAuth.NONE;
                  case OPTIONAL -> io.netty.handler.ssl.ClientAuth.OPTIONAL;
                  case REQUIRED -> io.netty.handler.ssl.ClientAuth.REQUIRE;
                });
    clientCa.ifPresent(
        file -> builder.trustManager(Pem.certificates(file.toString(), texts.clientCa)));
    try {
      return new Made(builder.build(), chain.getFirst());
    } catch (SSLException | IllegalArgumentException e) {
      throw new UnusableFileException(
          "%s cannot be used: %s".formatted(certificate, e.getMessage()), e);
    }
  }
}
