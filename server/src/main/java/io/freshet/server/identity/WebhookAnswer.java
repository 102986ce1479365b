// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.spi.Authenticator;
import io.freshet.spi.Authenticator.Verdict;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the body of a web service's answer means. A body that is no JSON is a plain text.
/// Stateless.
final class WebhookAnswer {
  private static final Logger log = LoggerFactory.getLogger(WebhookAnswer.class);

  private WebhookAnswer() {}

  /// Empty: somebody without a name. A text: the user's id. An object: `id`, `serverData`,
  /// `clientData`, `token`, and `expiresAt` in milliseconds since 1970.
  static Verdict accepted(byte[] body) {
    return switch (value(body)) {
      case null -> accepted(Authenticator.ANONYMOUS, JsonObject.empty());
      case JsonString id -> accepted(id.value(), JsonObject.empty());
      case JsonObject object -> accepted(object);
      case JsonValue _ -> {
        log.warn(
            "an authentication service accepted a login with an answer that is neither an"
                + " object nor a text; it is refused");
        yield new Verdict.Refused(null);
      }
    };
  }

  private static Verdict accepted(JsonObject answer) {
    JsonValue id = answer.get("id");
    JsonValue expires = answer.get("expiresAt");
    Instant expiresAt = null;
    if (expires != null) {
      expiresAt = time(expires);
      if (expiresAt == null) {
        log.warn(
            "an authentication service gave an expiresAt that is no time in milliseconds;"
                + " the login is refused");
        return new Verdict.Refused(null);
      }
    }
    return new Verdict.Accepted(
        id instanceof JsonString text && !text.value().isEmpty()
            ? text.value()
            : id instanceof JsonNumber number ? number.spelling() : Authenticator.ANONYMOUS,
        answer.get("serverData") instanceof JsonObject data ? data : JsonObject.empty(),
        answer.get("clientData") == JsonNull.NULL ? null : answer.get("clientData"),
        answer.get("token") instanceof JsonString token ? token.value() : null,
        expiresAt);
  }

  private static @Nullable Instant time(JsonValue value) {
    try {
      return value instanceof JsonNumber number && number.isLong()
          ? Instant.ofEpochMilli(number.longValue())
          : null;
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static Verdict accepted(String id, JsonObject serverData) {
    return new Verdict.Accepted(id, serverData, null, null, null);
  }

  /// A text becomes `{"error": text}`; an object is the client's as it is.
  static Verdict refused(byte[] body) {
    return switch (value(body)) {
      case null -> new Verdict.Refused(null);
      case JsonString text -> new Verdict.Refused(JsonObject.of("error", text));
      case JsonValue other -> new Verdict.Refused(other);
    };
  }

  private static @Nullable JsonValue value(byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8).strip();
    if (text.isEmpty()) {
      return null;
    }
    try {
      JsonValue value = Json.parse(text.getBytes(StandardCharsets.UTF_8), JsonLimits.DEFAULT);
      return value == JsonNull.NULL ? null : value;
    } catch (FreshetException e) {
      return JsonString.of(text);
    }
  }
}
