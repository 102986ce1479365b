// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.feed.ListenSignal;
import io.freshet.engine.feed.ListenTopic;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.server.deepstream.wire.Action;
import io.freshet.server.deepstream.wire.EventAction;
import io.freshet.server.deepstream.wire.Message;
import io.freshet.server.deepstream.wire.RecordAction;

/// The actions of listening, which topics RECORD and EVENT have both (protocol reference, section
/// 8).
record ListenTerms(
    ListenTopic topic,
    Action listen,
    Action unlisten,
    Action accept,
    Action reject,
    Action found,
    Action removed,
    Action timedOut,
    Action invalidPattern,
    Action denied,
    Action failed,
    Action invalid) {

  static final ListenTerms RECORD =
      new ListenTerms(
          ListenTopic.RECORD,
          RecordAction.LISTEN,
          RecordAction.UNLISTEN,
          RecordAction.LISTEN_ACCEPT,
          RecordAction.LISTEN_REJECT,
          RecordAction.SUBSCRIPTION_FOR_PATTERN_FOUND,
          RecordAction.SUBSCRIPTION_FOR_PATTERN_REMOVED,
          RecordAction.LISTEN_RESPONSE_TIMEOUT,
          RecordAction.INVALID_LISTEN_REGEX,
          RecordAction.MESSAGE_DENIED,
          RecordAction.MESSAGE_PERMISSION_ERROR,
          RecordAction.INVALID_MESSAGE_DATA);

  static final ListenTerms EVENT =
      new ListenTerms(
          ListenTopic.EVENT,
          EventAction.LISTEN,
          EventAction.UNLISTEN,
          EventAction.LISTEN_ACCEPT,
          EventAction.LISTEN_REJECT,
          EventAction.SUBSCRIPTION_FOR_PATTERN_FOUND,
          EventAction.SUBSCRIPTION_FOR_PATTERN_REMOVED,
          EventAction.LISTEN_RESPONSE_TIMEOUT,
          EventAction.INVALID_LISTEN_REGEX,
          EventAction.MESSAGE_DENIED,
          EventAction.MESSAGE_PERMISSION_ERROR,
          EventAction.INVALID_MESSAGE_DATA);

  static ListenTerms of(ListenTopic topic) {
    return switch (topic) {
      case RECORD -> RECORD;
      case EVENT -> EVENT;
    };
  }

  /// What a listener is told.
  Message message(ListenSignal signal) {
    return switch (signal.kind()) {
      case FOUND -> Message.of(found).name(signal.pattern()).subscription(signal.name());
      case REMOVED -> Message.of(removed).name(signal.pattern()).subscription(signal.name());
      case TIMED_OUT -> Message.of(timedOut).subscription(signal.name());
    };
  }

  /// The answer to a listener that was refused.
  Action refusal(ErrorCode code) {
    if (code == ErrorCode.INVALID_PATTERN) {
      return invalidPattern;
    }
    return switch (Refusals.kind(code)) {
      case INVALID -> invalid;
      case DENIED -> code == ErrorCode.FORBIDDEN ? denied : failed;
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
          denied;
    };
  }
}
