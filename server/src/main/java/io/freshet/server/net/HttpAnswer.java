// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import java.util.Map;

/// What an HTTP request gets.
///
/// @param headers beyond `Content-Type`, `Content-Length` and `Connection`
/// @param body sent as UTF-8
public record HttpAnswer(int status, String contentType, Map<String, String> headers, String body) {
  static final String JSON = "application/json";

  public HttpAnswer {
    headers = Map.copyOf(headers);
  }

  public static HttpAnswer ok(String contentType, String body) {
    return new HttpAnswer(200, contentType, Map.of(), body);
  }

  /// An error in the form all doors share.
  ///
  /// @param error the family, lower case: `not_found`
  /// @param code the stable code: `UNKNOWN_ROUTE`
  /// @param message what to do about it; fixed text, nothing a client sent
  public static HttpAnswer problem(int status, String error, String code, String message) {
    String body =
        "{\"error\":\"%s\",\"code\":\"%s\",\"status\":%d,\"message\":\"%s\"}"
            .formatted(error, code, status, message);
    return new HttpAnswer(status, JSON, Map.of(), body);
  }

  HttpAnswer with(String header, String value) {
    return new HttpAnswer(status, contentType, Map.of(header, value), body);
  }
}
