// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.server.files.Refreshable;
import io.freshet.spi.Authenticator;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Knows the signed tokens (JWT) of one issuer. The login data holds one as `token` or `jwt`.
///
/// What decides is configured, never what the token says of itself: its algorithm must be one of
/// the list, each key belongs to one algorithm, and keys the token brings along are ignored.
///
/// A token is this authenticator's to judge when it names the configured issuer, or when its
/// signature is right; what it says then is final. Any other token may be somebody else's.
///
/// Threading: any thread; checking runs on the threads given, since keys may have to be fetched.
public final class JwtAuthenticator implements Authenticator, Refreshable {
  private static final Logger log = LoggerFactory.getLogger(JwtAuthenticator.class);
  private static final int TOKEN_CHARACTERS_MAX = 16 * 1024;
  private static final int KEYS_TRIED_MAX = 10;
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
  private static final JsonLimits CLAIM_LIMITS = new JsonLimits(TOKEN_CHARACTERS_MAX, 16, 1000);
  private static final Verdict NOT_MINE = Verdict.NotMine.NOT_MINE;
  private static final Verdict NO_KEYS =
      new Verdict.Later(BoundedWork.reason("TRY_AGAIN", RETRY_AFTER), RETRY_AFTER);

  private final Set<TokenAlgorithm> algorithms;
  private final Optional<String> issuer;
  private final KeySource keys;
  private final TokenClaims claims;
  private final BoundedWork work;

  /// @param algorithms allowed; keys of others are never used
  /// @param issuer that must stand in the token; empty for any
  /// @param audiences of which one must stand in the token; empty for any
  /// @param leeway by which clocks may differ
  /// @param userClaim holds the user id, a text; dotted for a member of an object
  /// @param rolesClaim holds the roles, which rules see as `roles`; dotted likewise
  /// @param clientDataClaim holds what the client is told; empty for nothing
  public record Options(
      Set<TokenAlgorithm> algorithms,
      Optional<String> issuer,
      List<String> audiences,
      Duration leeway,
      String userClaim,
      String rolesClaim,
      Optional<String> clientDataClaim) {
    public Options {
      algorithms = Set.copyOf(algorithms);
      audiences = List.copyOf(audiences);
    }
  }

  /// @throws IdentityException if the keys cannot be used
  public JwtAuthenticator(
      Options options, KeyOptions keyOptions, BoundedWork work, InstantSource clock) {
    this.algorithms = options.algorithms();
    this.issuer = options.issuer();
    this.keys = KeySource.of(keyOptions, clock);
    this.claims = new TokenClaims(options, clock);
    this.work = work;
  }

  @Override
  public CompletionStage<Verdict> authenticate(Attempt attempt) {
    String token = token(attempt.data());
    if (token == null || token.length() > TOKEN_CHARACTERS_MAX) {
      return CompletableFuture.completedStage(NOT_MINE);
    }
    try {
      JWSObject parsed = JWSObject.parse(token);
      JsonObject payload = payload(parsed);
      return payload == null
          ? CompletableFuture.completedStage(NOT_MINE)
          : work.judge(() -> judge(parsed, payload));
    } catch (ParseException | IllegalArgumentException e) {
      return CompletableFuture.completedStage(NOT_MINE);
    }
  }

  private static @Nullable String token(JsonObject data) {
    return data.get("token") instanceof JsonString token
        ? token.value()
        : data.get("jwt") instanceof JsonString jwt ? jwt.value() : null;
  }

  private static @Nullable JsonObject payload(JWSObject token) {
    try {
      return Json.parse(token.getPayload().toBytes(), CLAIM_LIMITS) instanceof JsonObject object
          ? object
          : null;
    } catch (FreshetException e) {
      return null;
    }
  }

  private Verdict judge(JWSObject token, JsonObject payload) {
    boolean namesIssuer = issuer.isPresent() && TokenClaims.isIssuedBy(payload, issuer.get());
    if (issuer.isPresent() && !namesIssuer) {
      return NOT_MINE;
    }
    if (isSigned(token)) {
      return claims.judge(payload);
    }
    if (!keys.isReady()) {
      return NO_KEYS;
    }
    return namesIssuer ? TokenClaims.refused("INVALID_TOKEN") : NOT_MINE;
  }

  private boolean isSigned(JWSObject token) {
    JWSHeader header = token.getHeader();
    TokenAlgorithm algorithm = TokenAlgorithm.of(header.getAlgorithm().getName()).orElse(null);
    // A critical extension is one that must be understood, and none is.
    boolean hasExtension = header.getCriticalParams() != null || !header.isBase64URLEncodePayload();
    if (algorithm == null || !algorithms.contains(algorithm) || hasExtension) {
      log.debug("a token is signed in a way that is not allowed");
      return false;
    }
    return keys.keys(algorithm, header.getKeyID()).stream()
        .limit(KEYS_TRIED_MAX)
        .anyMatch(key -> key.verifies(header, token.getSigningInput(), token.getSignature()));
  }

  @Override
  public void refresh() {
    keys.refresh();
  }
}
