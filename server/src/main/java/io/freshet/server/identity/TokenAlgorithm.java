// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import java.util.Optional;
import java.util.stream.Stream;

/// How a token may be signed. There is no `none`.
public enum TokenAlgorithm {
  /// HMAC with SHA-256, a secret both sides know.
  HS256("HS256"),
  /// RSASSA-PKCS1-v1_5 with SHA-256, keys of at least 2048 bits.
  RS256("RS256"),
  /// ECDSA on P-256 with SHA-256.
  ES256("ES256"),
  /// Ed25519.
  EDDSA("EdDSA");

  private final String label;

  TokenAlgorithm(String label) {
    this.label = label;
  }

  /// The `alg` of a token's header.
  public String label() {
    return label;
  }

  /// @param alg of a token's header, or of a configuration
  public static Optional<TokenAlgorithm> of(String alg) {
    // RFC 9864 names the curve instead.
    String name = alg.equals("Ed25519") ? "EdDSA" : alg;
    return Stream.of(values()).filter(each -> each.label.equals(name)).findFirst();
  }
}
