// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The answers to requests that lead nowhere. Fixed texts, nothing a client sent.
final class Problems {
  private static final Logger log = LoggerFactory.getLogger(Problems.class);

  static final HttpAnswer MALFORMED =
      HttpAnswer.problem(ErrorCode.INVALID_ARGUMENT, "not a well-formed HTTP/1.1 request");
  static final HttpAnswer MALFORMED_PATH =
      HttpAnswer.problem(
          ErrorCode.INVALID_ARGUMENT,
          "the path must begin with a slash and be UTF-8, percent-encoded where it has to be");
  static final HttpAnswer TRANSFER_CODING =
      HttpAnswer.problem(
          ErrorCode.INVALID_ARGUMENT, "send the body as it is, or with Transfer-Encoding: chunked");
  static final HttpAnswer UNKNOWN_ROUTE =
      HttpAnswer.problem(ErrorCode.UNKNOWN_ROUTE, "not found: nothing is served at this path");
  static final HttpAnswer METHOD_NOT_ALLOWED =
      HttpAnswer.problem(
          ErrorCode.METHOD_NOT_ALLOWED,
          "this path does not take this method; the Allow header names those it takes");
  static final HttpAnswer HEAD_TOO_LARGE =
      HttpAnswer.problem(ErrorCode.PAYLOAD_TOO_LARGE, 431, "request line or headers are too long");
  static final HttpAnswer BODY_TOO_LARGE =
      HttpAnswer.problem(
          ErrorCode.PAYLOAD_TOO_LARGE, "the body is larger than this path takes; send less");
  static final HttpAnswer OVERLOADED =
      HttpAnswer.problem(
              ErrorCode.OVERLOADED, "the server has too many requests under way; try again")
          .with("Retry-After", "1");
  static final HttpAnswer TOO_FAST =
      HttpAnswer.problem(
              ErrorCode.RATE_LIMITED, "this connection sends too many requests; send fewer")
          .with("Retry-After", "1");
  static final HttpAnswer CROWDED =
      HttpAnswer.problem(
              ErrorCode.LIMIT_REACHED, "this address has too many connections; close some")
          .with("Retry-After", "5");
  static final HttpAnswer INTERNAL =
      HttpAnswer.problem(ErrorCode.INTERNAL, "the server failed; its log says why");
  static final HttpAnswer NOT_AN_UPGRADE =
      upgradeRequired("this path speaks WebSocket: connect to it with a WebSocket client");
  static final HttpAnswer BAD_VERSION = upgradeRequired("only WebSocket version 13 is spoken");
  static final HttpAnswer BAD_KEY =
      HttpAnswer.problem(
          ErrorCode.INVALID_ARGUMENT, "Sec-WebSocket-Key must be 16 bytes in base64");

  private Problems() {}

  /// What is answered when a route or a gateway fails: its own refusal if it is one, and otherwise
  /// nothing but that it failed.
  ///
  /// @param path where, for the log
  static HttpAnswer of(Throwable failure, String path) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof FreshetException refusal) {
      return HttpAnswer.problem(refusal.code(), String.valueOf(refusal.getMessage()));
    }
    log.error("{} failed", path, failure);
    return INTERNAL;
  }

  private static HttpAnswer upgradeRequired(String message) {
    return HttpAnswer.problem(ErrorCode.UPGRADE_REQUIRED, message)
        .with("Upgrade", "websocket")
        .with("Sec-WebSocket-Version", "13");
  }
}
