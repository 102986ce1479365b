// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Where an issuer's keys are.
public sealed interface KeyOptions {

  /// A secret that whoever makes tokens knows too; of at least 32 bytes.
  record Secret(String secret) implements KeyOptions {
    @Override
    public String toString() {
      return "Secret[***]";
    }
  }

  /// A public key or a certificate, PEM: either the text itself or the name of a file.
  record PublicKey(String pemOrFile) implements KeyOptions {}

  /// A JSON Web Key Set in a file, read again when it changes.
  record JwksInFile(Path file) implements KeyOptions {}

  /// A JSON Web Key Set at an address.
  ///
  /// @param refresh how often it is fetched again
  record JwksAt(URI url, Duration refresh, HttpClient client) implements KeyOptions {}

  /// The algorithm of a public key or secret; what keys of a set are for is known only from the
  /// set.
  ///
  /// @throws IdentityException if the key cannot be used
  default Optional<TokenAlgorithm> algorithm() {
    return switch (this) {
      case Secret _, PublicKey _ -> Optional.of(TokenKey.of(this).algorithm());
      case JwksInFile _, JwksAt _ -> Optional.empty();
    };
  }
}
