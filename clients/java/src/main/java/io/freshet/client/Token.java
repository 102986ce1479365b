// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// What a client shows to log in.
///
/// @param text the token itself
/// @param expiresAt when it ends; null if that is not known
public record Token(String text, @Nullable Instant expiresAt) {
  /// A token that says itself when it ends, if it is a JWT. Nothing is verified: that is the
  /// server's business.
  public static Token of(String text) {
    return new Token(text, expiryOf(text));
  }

  private static @Nullable Instant expiryOf(String text) {
    int from = text.indexOf('.');
    int to = text.indexOf('.', from + 1);
    if (from < 0 || to < 0) {
      return null;
    }
    try {
      byte[] claims = Base64.getUrlDecoder().decode(text.substring(from + 1, to));
      return Json.parse(new String(claims, StandardCharsets.UTF_8)) instanceof JsonObject object
              && object.get("exp") instanceof JsonNumber exp
          ? Instant.ofEpochSecond(exp.value().longValue())
          : null;
    } catch (IllegalArgumentException | FreshetException noJwt) {
      return null;
    }
  }

  /// Not the token: it would end up in logs.
  @Override
  public String toString() {
    return "Token[expiresAt=" + expiresAt + "]";
  }
}
