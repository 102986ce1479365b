// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.feed.Outcome;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonString;
import io.freshet.server.deepstream.DeepstreamMeter.Refusal;
import io.freshet.server.deepstream.wire.Action;
import io.freshet.server.deepstream.wire.Message;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;

/// The error catalogue in deepstream's terms: which action says what to whom.
///
/// Errors carry the code and the text in `data`, as a JSON string, where the protocol has no other
/// use for it.
final class Refusals {
  private Refusals() {}

  /// What kind of refusal a code is.
  static Refusal kind(ErrorCode code) {
    return switch (code) {
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
          INVALID_FILTER ->
          Refusal.INVALID;
      case FORBIDDEN,
          PERMISSION_ERROR,
          UNAUTHENTICATED,
          TOKEN_EXPIRED,
          STREAMS_DISABLED,
          READ_ONLY ->
          Refusal.DENIED;
      case REVISION_CONFLICT,
          INVALID_VERSION,
          ALREADY_EXISTS,
          TEST_FAILED,
          PRECONDITION_FAILED,
          NAME_IN_USE ->
          Refusal.CONFLICT;
      case NOT_FOUND, CURSOR_EXPIRED, SOURCE_GAP, UNKNOWN_COLLECTION -> Refusal.NOT_FOUND;
      case LIMIT_REACHED, OVERLOADED, RATE_LIMITED -> Refusal.LIMIT;
      case UNAVAILABLE,
          STORE_NOT_USABLE,
          STORE_CORRUPT,
          DURABILITY_NOT_SUPPORTED,
          NOT_DURABLE,
          SHUTTING_DOWN,
          INTERNAL ->
          Refusal.STORE;
    };
  }

  /// Whether the client has made a mistake that no state of the server excuses.
  static boolean isFault(Refusal why) {
    return switch (why) {
      case UNDECODABLE, OUT_OF_TURN, UNKNOWN, INVALID -> true;
      case DENIED,
          CONFLICT,
          NOT_FOUND,
          LIMIT,
          STORE,
          LOGIN,
          LOGIN_TIMEOUT,
          UNAUTHENTICATED,
          SILENT,
          SLOW ->
          false;
    };
  }

  /// The answer to a write, if it is not one about versions.
  static RecordAction ofWrite(ErrorCode code) {
    return of(code, RecordAction.INVALID_MESSAGE_DATA, RecordAction.RECORD_UPDATE_ERROR);
  }

  /// The answer to a read.
  static RecordAction ofRead(ErrorCode code) {
    return of(code, RecordAction.INVALID_MESSAGE_DATA, RecordAction.RECORD_LOAD_ERROR);
  }

  /// The answer to a subscription, per name. A name that cannot be is denied, because a record
  /// object of the official client passes no other error on to its user.
  static RecordAction ofSubscription(ErrorCode code) {
    return kind(code) == Refusal.LIMIT
        ? RecordAction.MESSAGE_DENIED
        : of(code, RecordAction.MESSAGE_DENIED, RecordAction.RECORD_LOAD_ERROR);
  }

  /// The answer to a deletion.
  static RecordAction ofDeletion(ErrorCode code) {
    return of(code, RecordAction.INVALID_MESSAGE_DATA, RecordAction.RECORD_DELETE_ERROR);
  }

  private static RecordAction of(ErrorCode code, RecordAction invalid, RecordAction failed) {
    return switch (kind(code)) {
      case INVALID -> invalid;
      case DENIED ->
          code == ErrorCode.FORBIDDEN || code == ErrorCode.READ_ONLY
              ? RecordAction.MESSAGE_DENIED
              : RecordAction.MESSAGE_PERMISSION_ERROR;
      case CONFLICT,
          NOT_FOUND,
          LIMIT,
          STORE,
          UNDECODABLE,
          OUT_OF_TURN,
          UNKNOWN,
          LOGIN,
          LOGIN_TIMEOUT,
          UNAUTHENTICATED,
          SILENT,
          SLOW ->
          failed;
    };
  }

  /// An error message with the text for the user.
  static RecordMessage message(
      RecordAction action, RecordAction original, String code, String text) {
    return RecordMessage.of(action)
        .data(JsonString.of(code + ": " + text))
        .error()
        .originalAction(original);
  }

  static RecordMessage message(RecordAction action, RecordAction original, Outcome.Rejected why) {
    return message(action, original, why.code().name(), why.message());
  }

  static Message tell(Action action, Action original, ErrorCode code, String text) {
    return Message.of(action)
        .data(JsonString.of(code.name() + ": " + text))
        .error()
        .originalAction(original);
  }

  static RecordMessage message(RecordAction action, RecordAction original, FreshetException why) {
    return message(action, original, why.code().name(), String.valueOf(why.getMessage()));
  }
}
