// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.feed.Outcome;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonValue;
import io.freshet.server.deepstream.wire.Action;
import io.freshet.server.deepstream.wire.Message;
import io.freshet.server.deepstream.wire.Slice;
import io.freshet.server.deepstream.wire.TopicMessage;
import io.freshet.server.gate.CommandGate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One message of a session on topic EVENT, RPC or PRESENCE, and how to refuse it.
///
/// @param bytes of the message
record NameRequest(
    DeepstreamSession session, Terms terms, Action action, TopicMessage message, int bytes) {

  /// The payload.
  ///
  /// @return null when there is none
  /// @throws FreshetException when it is not JSON or over a limit, or the server has too much at
  ///   hand
  @Nullable JsonValue data() {
    Slice text = message.data();
    if (text == null) {
      return null;
    }
    if (!session.loop().gate().hasRoom(bytes)) {
      throw CommandGate.overloaded();
    }
    return text.json(session.loop().options().documentLimits());
  }

  boolean isBulk() {
    return !message.names().isEmpty();
  }

  /// The names of a bulk message; one alone counts as a list of one.
  ///
  /// @throws FreshetException when there is none
  List<String> names() {
    return isBulk() ? message.names() : List.of(present(message.name(), "name"));
  }

  /// The one name.
  ///
  /// @throws FreshetException when there is none, or it cannot be a name
  String name() {
    String name = present(message.name(), "name");
    DocumentKey.requireName(name);
    return name;
  }

  /// @throws FreshetException when there is none
  String correlationId() {
    return present(message.correlationId(), "correlationId");
  }

  static String present(@Nullable String field, String what) {
    if (field == null) {
      throw new FreshetException(ErrorCode.INVALID_ARGUMENT, "The message lacks its " + what);
    }
    return field;
  }

  // Answers.

  /// Refuses the whole message.
  void refuse(FreshetException why) {
    refuse(terms.refusal(why.code()), message.name(), why);
  }

  void refuse(Outcome.Refused why) {
    Action refusal = terms.refusal(why.code());
    refuse(refusal, message.name(), why.code(), why.message());
  }

  /// Refuses one name of it.
  void refuse(@Nullable String name, FreshetException why) {
    refuse(terms.denial(why.code()), name, why);
  }

  void refuse(Action refusal, @Nullable String name, FreshetException why) {
    refuse(refusal, name, why.code(), String.valueOf(why.getMessage()));
  }

  /// What is asked for is served to nobody.
  void unknown() {
    session.refused(DeepstreamMeter.Refusal.UNKNOWN);
  }

  void refuse(Action refusal, @Nullable String name, ErrorCode code, String text) {
    session.refused(Refusals.kind(code));
    session.send(
        Refusals.tell(refusal, action, code, text)
            .name(name)
            .correlationId(message.correlationId()));
  }

  /// Tells something about one name that is no error.
  void tell(Action what, @Nullable String name) {
    session.send(Message.of(what).name(name).originalAction(action));
  }

  /// Under what the client waits for: its correlation id, or else the one name.
  void acknowledge() {
    String id = message.correlationId();
    session.send(
        Message.of(action).correlationId(id).name(id == null ? message.name() : null).ack());
  }
}
