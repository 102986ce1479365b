// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.spi.Authenticator.Verdict;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a token with a right signature says, and whether that is good now. A token without an end
/// (`exp`) or without a user is refused.
final class TokenClaims {
  private static final Set<String> ABOUT_THE_TOKEN =
      Set.of("iss", "sub", "aud", "exp", "nbf", "iat", "jti");

  private final JwtAuthenticator.Options options;
  private final InstantSource clock;

  TokenClaims(JwtAuthenticator.Options options, InstantSource clock) {
    this.options = options;
    this.clock = clock;
  }

  static boolean isIssuedBy(JsonObject payload, String issuer) {
    return payload.get("iss") instanceof JsonString text && text.value().equals(issuer);
  }

  static Verdict refused(String error) {
    return new Verdict.Refused(JsonObject.of("error", JsonString.of(error)));
  }

  Verdict judge(JsonObject payload) {
    Instant now = clock.instant();
    Instant end = time(payload.get("exp"));
    if (end == null || payload.get("nbf") != null && time(payload.get("nbf")) == null) {
      return refused("INVALID_TOKEN");
    }
    if (!now.isBefore(end.plus(options.leeway()))) {
      return refused("TOKEN_EXPIRED");
    }
    Instant start = time(payload.get("nbf"));
    if (start != null && now.isBefore(start.minus(options.leeway()))) {
      return refused("TOKEN_NOT_YET_VALID");
    }
    if (!options.audiences().isEmpty() && !isForUs(payload.get("aud"))) {
      return refused("INVALID_TOKEN");
    }
    if (!(at(payload, options.userClaim()) instanceof JsonString user) || user.value().isEmpty()) {
      return refused("INVALID_TOKEN");
    }
    return new Verdict.Accepted(
        user.value(),
        serverData(payload),
        options.clientDataClaim().map(claim -> at(payload, claim)).orElse(null),
        null,
        end.plus(options.leeway()));
  }

  private boolean isForUs(@Nullable JsonValue audience) {
    return switch (audience) {
      case JsonString one -> options.audiences().contains(one.value());
      case JsonArray several -> {
        for (JsonValue each : several) {
          if (each instanceof JsonString one && options.audiences().contains(one.value())) {
            yield true;
          }
        }
        yield false;
      }
      case null -> false;
      case JsonValue _ -> false;
    };
  }

  /// All claims but those about the token itself and those for the client; the roles wherever the
  /// issuer keeps them.
  private JsonObject serverData(JsonObject payload) {
    JsonObject data = payload;
    for (String name : ABOUT_THE_TOKEN) {
      data = data.without(name);
    }
    data = data.without(options.clientDataClaim().orElse(""));
    JsonValue roles = at(payload, options.rolesClaim());
    return roles == null ? data : data.with("roles", roles);
  }

  /// A claim by its name, which may hold dots (`https://example.com/roles`), or else by the path of
  /// names that leads to it.
  private static @Nullable JsonValue at(JsonObject payload, String path) {
    JsonValue value = payload.get(path);
    if (value != null) {
      return value;
    }
    value = payload;
    for (String name : path.split("\\.", -1)) {
      value = value instanceof JsonObject object ? object.get(name) : null;
    }
    return value;
  }

  /// Seconds since 1970, perhaps with a fraction; null if it is nothing of the kind.
  private static @Nullable Instant time(@Nullable JsonValue value) {
    try {
      return value instanceof JsonNumber number
          ? Instant.ofEpochSecond(seconds(number.value()))
          : null;
    } catch (ArithmeticException | DateTimeException e) {
      return null;
    }
  }

  private static long seconds(BigDecimal seconds) {
    return seconds.setScale(0, RoundingMode.FLOOR).longValueExact();
  }
}
