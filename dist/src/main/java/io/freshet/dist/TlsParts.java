// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.server.config.AuthSettings;
import io.freshet.server.config.FreshetConfig;
import io.freshet.server.files.UnusableFileException;
import io.freshet.server.metrics.Metrics;
import io.freshet.server.net.Tls;
import io.freshet.server.tls.ServerCertificate;
import io.freshet.server.tls.TlsFiles;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Makes what encrypts connections out of the configuration. Stateless.
final class TlsParts {
  private TlsParts() {}

  /// The certificate; empty for plain text.
  ///
  /// @throws RefusedException saying what is wrong with the files
  static Optional<ServerCertificate> open(FreshetConfig config, Metrics metrics) {
    return config.tls().map(tls -> open(tls, metrics));
  }

  private static ServerCertificate open(FreshetConfig.Tls tls, Metrics metrics) {
    try {
      return new ServerCertificate(files(tls), InstantSource.system(), metrics);
    } catch (UnusableFileException e) {
      throw new RefusedException(ExitCode.USAGE, "server.tls: " + e.getMessage());
    }
  }

  private static TlsFiles files(FreshetConfig.Tls tls) {
    return new TlsFiles(
        Path.of(tls.certificate()),
        Path.of(tls.key()),
        tls.clientCa().map(Path::of),
        tls.clientAuth());
  }

  /// How the port speaks; null for plain text.
  static @Nullable Tls options(FreshetConfig config, Optional<ServerCertificate> certificate) {
    if (config.tls().isEmpty() || certificate.isEmpty()) {
      return null;
    }
    FreshetConfig.Tls tls = config.tls().get();
    return new Tls(
        certificate.get()::context,
        tls.handshakeTimeout(),
        tls.handshakesMax(),
        config.auth().stream().anyMatch(AuthSettings.Certificate.class::isInstance));
  }
}
