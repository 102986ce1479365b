// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import java.util.Map;

/// The answers to requests that lead nowhere.
final class Problems {
  static final HttpAnswer MALFORMED =
      HttpAnswer.problem(
          400, "bad_request", "INVALID_ARGUMENT", "not a well-formed HTTP/1.1 request");
  static final HttpAnswer UNKNOWN_ROUTE =
      HttpAnswer.problem(404, "not_found", "UNKNOWN_ROUTE", "nothing is served at this path");
  static final HttpAnswer METHOD_NOT_ALLOWED =
      HttpAnswer.problem(
          405,
          "method_not_allowed",
          "METHOD_NOT_ALLOWED",
          "this path does not take this method; the Allow header names those it takes");
  static final HttpAnswer TOO_LARGE =
      HttpAnswer.problem(
          431, "too_large", "PAYLOAD_TOO_LARGE", "request line or headers are too long");
  static final HttpAnswer INTERNAL =
      HttpAnswer.problem(500, "internal", "INTERNAL", "the server failed; its log says why");
  static final HttpAnswer NOT_AN_UPGRADE =
      upgradeRequired("this path speaks WebSocket: connect to it with a WebSocket client");
  static final HttpAnswer BAD_VERSION = upgradeRequired("only WebSocket version 13 is spoken");
  static final HttpAnswer BAD_KEY =
      HttpAnswer.problem(
          400, "bad_request", "INVALID_ARGUMENT", "Sec-WebSocket-Key must be 16 bytes in base64");

  private Problems() {}

  private static HttpAnswer upgradeRequired(String message) {
    HttpAnswer plain = HttpAnswer.problem(426, "upgrade_required", "UPGRADE_REQUIRED", message);
    return new HttpAnswer(
        plain.status(),
        plain.contentType(),
        Map.of("Upgrade", "websocket", "Sec-WebSocket-Version", "13"),
        plain.body());
  }
}
