// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import io.freshet.protocol.error.ErrorCode;

/// What the client's package tells refusals by: each is a class of error in a user's program.
enum PulseCode {
  /// Anything else; the message says what.
  SERVER("P6100"),
  /// The data cannot be had.
  DATASOURCE("P6101"),
  /// The key is missing, wrong, or not good for this.
  UNAUTHORIZED("P6102"),
  STREAMS_DISABLED("P6106");

  private final String text;

  PulseCode(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }

  static PulseCode of(ErrorCode code) {
    return switch (code) {
      case STREAMS_DISABLED -> STREAMS_DISABLED;
      case FORBIDDEN, PERMISSION_ERROR, UNAUTHENTICATED, TOKEN_EXPIRED -> UNAUTHORIZED;
      case UNAVAILABLE,
          STORE_NOT_USABLE,
          STORE_CORRUPT,
          DURABILITY_NOT_SUPPORTED,
          NOT_DURABLE,
          SHUTTING_DOWN ->
          DATASOURCE;
      case INVALID_JSON,
          INVALID_ARGUMENT,
          INVALID_PATH,
          INVALID_NAME,
          FORBIDDEN_KEY,
          NUMBER_OUT_OF_RANGE,
          TOO_DEEP,
          DOCUMENT_TOO_LARGE,
          TYPE_MISMATCH,
          INVALID_PATTERN,
          UNKNOWN_ROUTE,
          METHOD_NOT_ALLOWED,
          UNSUPPORTED_MEDIA_TYPE,
          UPGRADE_REQUIRED,
          PAYLOAD_TOO_LARGE,
          UNKNOWN_OPERATOR,
          PATH_CONFLICT,
          TOO_MANY_OPS,
          PATH_NOT_FOUND,
          INVALID_FILTER,
          NOT_FOUND,
          REVISION_CONFLICT,
          INVALID_VERSION,
          ALREADY_EXISTS,
          TEST_FAILED,
          PRECONDITION_FAILED,
          CURSOR_EXPIRED,
          SOURCE_GAP,
          NAME_IN_USE,
          UNKNOWN_COLLECTION,
          LIMIT_REACHED,
          OVERLOADED,
          INTERNAL,
          RATE_LIMITED,
          READ_ONLY ->
          SERVER;
    };
  }
}
