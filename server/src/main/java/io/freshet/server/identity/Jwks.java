// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The public keys of an issuer, RFC 7517. Keys of other kinds and for other uses are left out:
/// secrets above all, which have no place in a public document. Immutable.
///
/// @param keys at most [#KEYS_MAX]
record Jwks(List<TokenKey> keys) {
  static final Jwks NONE = new Jwks(List.of());

  private static final int KEYS_MAX = 100;

  /// What stands before the 32 bytes of an Ed25519 key in its X.509 form (RFC 8410).
  private static final String ED25519_HEAD = "302a300506032b6570032100";

  Jwks {
    keys = List.copyOf(keys);
  }

  /// @param name for messages
  /// @throws IdentityException if it is no such document
  static Jwks parse(String name, String text) {
    var keys = new ArrayList<TokenKey>();
    try {
      for (JWK jwk : JWKSet.parse(text).getKeys()) {
        if (keys.size() < KEYS_MAX) {
          key(jwk).ifPresent(keys::add);
        }
      }
    } catch (ParseException | IllegalArgumentException e) {
      throw new IdentityException("%s: not a JSON Web Key Set".formatted(name), e);
    }
    return new Jwks(keys);
  }

  private static Optional<TokenKey> key(JWK jwk) {
    if (jwk.getKeyUse() != null && !jwk.getKeyUse().equals(KeyUse.SIGNATURE)) {
      return Optional.empty();
    }
    try {
      PublicKey key = publicKey(jwk);
      if (key == null) {
        return Optional.empty();
      }
      TokenKey found = TokenKey.of(key, jwk.getKeyID());
      boolean forThis =
          jwk.getAlgorithm() == null
              || TokenAlgorithm.of(jwk.getAlgorithm().getName())
                  .filter(found.algorithm()::equals)
                  .isPresent();
      return Optional.of(found).filter(_ -> forThis);
    } catch (JOSEException | GeneralSecurityException | IdentityException e) {
      return Optional.empty();
    }
  }

  private static @Nullable PublicKey publicKey(JWK jwk)
      throws JOSEException, GeneralSecurityException {
    return switch (jwk) {
      case RSAKey rsa -> rsa.toRSAPublicKey();
      case ECKey ec when ec.getCurve().equals(Curve.P_256) -> ec.toECPublicKey();
      case OctetKeyPair pair when pair.getCurve().equals(Curve.Ed25519) ->
          KeyFactory.getInstance("Ed25519")
              .generatePublic(
                  new X509EncodedKeySpec(
                      HexFormat.of()
                          .parseHex(ED25519_HEAD + HexFormat.of().formatHex(pair.getDecodedX()))));
      case JWK _ -> null;
    };
  }

  /// The keys a token may have been signed with: the one it names, or all of the algorithm's.
  List<TokenKey> find(TokenAlgorithm algorithm, @Nullable String keyId) {
    return keys.stream()
        .filter(key -> key.algorithm() == algorithm)
        .filter(key -> keyId == null || keyId.equals(key.id()))
        .toList();
  }
}
