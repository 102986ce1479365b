// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.http;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.server.session.Tokens;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A request to `/api`, as far as it can be read before it is known who asks.
///
/// @param login what the authenticators are shown
/// @param body at least one message, not yet understood
record ApiRequest(JsonObject login, JsonArray body) {

  /// @throws BadRequestException with the text for the caller
  static ApiRequest read(byte[] bytes, ApiOptions options) {
    if (!(parse(bytes, options) instanceof JsonObject request)) {
      throw new BadRequestException(
          "Failed to parse body of request: it must be a JSON object with a \"body\"");
    }
    JsonArray body = body(request.get("body"));
    JsonValue authData = request.get("authData");
    JsonValue token = request.get("token");
    JsonObject login = JsonObject.empty();
    if (authData != null) {
      login = authData(authData, options);
    } else if (token != null) {
      if (!(token instanceof JsonString text) || text.value().isEmpty()) {
        throw new BadRequestException(
            "Invalid message: the \"token\" parameter must be a non-empty string");
      }
      login = Tokens.shown(text.value());
    }
    return new ApiRequest(login, body);
  }

  /// @throws BadRequestException with the text for the caller
  static JsonValue parse(byte[] bytes, ApiOptions options) {
    try {
      return Json.parse(bytes, options.batch());
    } catch (FreshetException e) {
      int status = e.code() == ErrorCode.DOCUMENT_TOO_LARGE ? 413 : 400;
      throw new BadRequestException(status, "Failed to parse body of request: " + e.getMessage());
    }
  }

  private static JsonArray body(@Nullable JsonValue value) {
    if (value == null || value == JsonNull.NULL) {
      throw new BadRequestException("Invalid message: the \"body\" parameter must exist.");
    }
    if (!(value instanceof JsonArray body) || body.size() == 0) {
      throw new BadRequestException(
          "Invalid message: the \"body\" parameter must be a non-empty array of Objects.");
    }
    if (body.size() > ApiOptions.MESSAGES_MAX) {
      throw new BadRequestException(
          413,
          "Invalid message: the \"body\" parameter must be an array of at most %d Objects."
              .formatted(ApiOptions.MESSAGES_MAX));
    }
    return body;
  }

  private static JsonObject authData(JsonValue value, ApiOptions options) {
    if (!options.authData()) {
      throw new BadRequestException(
          "Authentication using authData is disabled. Try using a token instead.");
    }
    if (!(value instanceof JsonObject authData)) {
      throw new BadRequestException(
          "Invalid message: the \"authData\" parameter must be an object");
    }
    return authData;
  }

  /// All messages, understood.
  ///
  /// @throws BadRequestException naming the first that is wrong
  List<ApiMessage> messages(ApiOptions options) {
    return MessageReader.readAll(body, options.topics());
  }
}
