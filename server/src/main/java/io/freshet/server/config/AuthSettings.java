// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// One entry of `auth`: somebody who may know who a client is.
public sealed interface AuthSettings {

  /// Lets everybody in.
  record Open() implements AuthSettings {}

  /// @param users name of the file
  /// @param pbkdf2 how hashes were made that do not say so themselves
  record File(String users, Optional<Pbkdf2> pbkdf2, boolean reportInvalidParameters)
      implements AuthSettings {}

  /// @param keyLength in bytes
  record Pbkdf2(String hash, int iterations, int keyLength) {}

  record Http(
      URI url,
      List<Integer> permittedStatusCodes,
      Duration requestTimeout,
      List<Integer> retryStatusCodes,
      int retryAttempts,
      Duration retryInterval,
      List<String> promoteToHeader,
      boolean reportInvalidParameters)
      implements AuthSettings {}

  /// @param algorithms empty for those of the key
  record Jwt(
      JwtKey key,
      List<String> algorithms,
      Optional<String> issuer,
      List<String> audiences,
      Duration leeway,
      String userClaim,
      String rolesClaim,
      Optional<String> clientDataClaim)
      implements AuthSettings {}

  /// What tokens are checked with.
  sealed interface JwtKey {
    record Secret(String secret) implements JwtKey {
      @Override
      public String toString() {
        return "Secret[***]";
      }
    }

    /// @param pemOrFile PEM text, or the name of a file
    record PublicKey(String pemOrFile) implements JwtKey {}

    record JwksFile(String file) implements JwtKey {}

    record JwksUrl(URI url, Duration refresh) implements JwtKey {}
  }

  /// @param keys name of the file
  record ApiKeys(String keys) implements AuthSettings {}

  /// @param subject whether the user's id is the whole subject; otherwise its common name
  record Certificate(boolean subject) implements AuthSettings {}
}
