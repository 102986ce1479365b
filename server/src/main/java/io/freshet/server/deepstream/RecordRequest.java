// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One message of a session on topic RECORD, and how to refuse it.
///
/// @param bytes of the message
record RecordRequest(
    DeepstreamSession session, RecordAction action, RecordMessage message, int bytes) {

  /// The names of a bulk message; one alone counts as a list of one.
  List<String> names() {
    String name = message.name();
    return message.names().isEmpty() && name != null ? List.of(name) : message.names();
  }

  /// The one name of a message that has been found to have one.
  String name() {
    String name = message.name();
    if (name == null) {
      throw new IllegalStateException("a message without a name was let through");
    }
    return name;
  }

  /// The document the message names; null when it was refused for its name.
  @Nullable DocumentKey key() {
    return key(message.name(), RecordAction.INVALID_MESSAGE_DATA);
  }

  /// The document of a name; null when it was refused.
  @Nullable DocumentKey key(@Nullable String name, RecordAction refusal) {
    try {
      return keyOf(name);
    } catch (FreshetException e) {
      refused(e);
      session.send(
          Refusals.message(refusal, action, e).name(name).correlationId(message.correlationId()));
      return null;
    }
  }

  /// @throws FreshetException `INVALID_NAME`
  DocumentKey keyOf(@Nullable String name) {
    if (name == null) {
      throw new FreshetException(ErrorCode.INVALID_NAME, "The message lacks the record's name");
    }
    return session.loop().nameCache().key(name);
  }

  static @Nullable DocumentKey keyOrNull(String name) {
    try {
      return DocumentKey.ofRecordName(name);
    } catch (FreshetException e) {
      return null;
    }
  }

  /// Refuses the whole message, echoing whom it is for.
  void refuse(RecordAction refusal, FreshetException why) {
    refused(why);
    RecordMessage answer =
        Refusals.message(refusal, action, why)
            .name(message.name())
            .path(message.path())
            .correlationId(message.correlationId())
            .writeAck(message.isWriteAck());
    session.send(message.hasVersion() ? answer.version(message.version()) : answer);
  }

  /// Refuses to watch one name.
  void refuse(String name, FreshetException why) {
    refused(why);
    session.send(
        Refusals.message(Refusals.ofSubscription(why.code()), action, why)
            .name(name)
            .correlationId(message.correlationId()));
  }

  /// Tells something about one name that is no error.
  void answer(RecordAction what, String name) {
    session.send(RecordMessage.of(what).name(name).originalAction(action));
  }

  private void refused(FreshetException why) {
    session.refused(Refusals.kind(why.code()));
  }
}
