// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.util.HashMap;
import java.util.Map;

/// What an HTTP request gets.
///
/// @param status with 204 and 304 no body is sent, whatever it is
/// @param contentType empty when there is no body and none is to be named
/// @param headers beyond `Content-Type`, `Content-Length`, `Connection` and those about origins
/// @param body sent as UTF-8
public record HttpAnswer(int status, String contentType, Map<String, String> headers, String body) {
  static final String JSON = "application/json";
  private static final String TEXT = "text/plain; charset=utf-8";

  public HttpAnswer {
    headers = Map.copyOf(headers);
  }

  public static HttpAnswer ok(String contentType, String body) {
    return new HttpAnswer(200, contentType, Map.of(), body);
  }

  /// Status 200 with a JSON body.
  public static HttpAnswer ok(JsonValue body) {
    return ok(JSON, Json.text(body));
  }

  /// Status 204.
  public static HttpAnswer nothing() {
    return new HttpAnswer(204, "", Map.of(), "");
  }

  /// A sentence for people.
  public static HttpAnswer text(int status, String body) {
    return new HttpAnswer(status, TEXT, Map.of(), body);
  }

  /// An error in the form all doors share, with the code's own status.
  ///
  /// @param message what to do about it
  public static HttpAnswer problem(ErrorCode code, String message) {
    return problem(code, code.status(), message);
  }

  /// An error in the form all doors share.
  ///
  /// @param message what to do about it
  public static HttpAnswer problem(ErrorCode code, int status, String message) {
    JsonObject body =
        JsonObject.of("error", JsonString.of(code.family()))
            .with("code", JsonString.of(code.name()))
            .with("status", JsonNumber.of(status))
            .with("message", JsonString.of(message));
    return new HttpAnswer(status, JSON, Map.of(), Json.text(body));
  }

  /// This answer with one more header.
  public HttpAnswer with(String header, String value) {
    var more = new HashMap<>(headers);
    more.put(header, value);
    return new HttpAnswer(status, contentType, more, body);
  }
}
