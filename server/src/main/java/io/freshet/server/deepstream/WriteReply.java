// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.feed.Outcome;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import org.jspecify.annotations.Nullable;

/// Answers a write of a record (protocol reference, sections 7.3 and 7.4).
///
/// The writer applied its write before it asked. So when it was accepted as another version, or not
/// accepted though it could be another time (the store failed, a write in between is missing), the
/// writer is sent the state. Not so when it never can be: a client that insists would send it again
/// at once, for ever.
final class WriteReply extends Reply {
  static final int ANY_VERSION = -1;

  private final DocumentKey key;
  private final RecordAction action;
  private final String name;
  private final int version;
  private final @Nullable String path;
  private final @Nullable JsonValue data;
  private final boolean isWriteAck;
  private final @Nullable String correlationId;

  /// @param data to be echoed when the version is refused
  WriteReply(RecordRequest request, DocumentKey key, @Nullable JsonValue data) {
    super(request.session(), request.bytes());
    RecordMessage message = request.message();
    this.key = key;
    this.action = request.action();
    this.name = request.name();
    this.version = message.version();
    this.path = message.path();
    this.data = data;
    this.isWriteAck = message.isWriteAck();
    this.correlationId = message.correlationId();
  }

  @Override
  protected void answer(Outcome outcome) {
    switch (outcome) {
      case Outcome.Committed(Change change) -> committed(change);
      case Outcome.Rejected rejected -> rejected(rejected);
      case Outcome.Done _ -> acknowledge();
      case Outcome.State _, Outcome.Watching _, Outcome.OfCollection _, Outcome.OfMessaging _ ->
          throw unexpected(outcome);
    }
  }

  private void committed(Change change) {
    boolean surprising =
        version == ANY_VERSION
            ? asker().watches(key)
            : version != ChangeFrames.version(change.revision());
    if (surprising && change.after().data().isContainer()) {
      asker().send(ChangeFrames.update(change.after()));
    }
    acknowledge();
  }

  private void acknowledge() {
    if (isWriteAck) {
      asker()
          .send(
              RecordMessage.of(RecordAction.WRITE_ACKNOWLEDGEMENT)
                  .name(name)
                  .correlationId(correlationId)
                  .writeAck(true));
    }
  }

  private void rejected(Outcome.Rejected rejected) {
    asker().refused(Refusals.kind(rejected.code()));
    Document current = rejected.current();
    if (rejected.code() == ErrorCode.REVISION_CONFLICT) {
      asker()
          .send(
              addressed(RecordMessage.of(RecordAction.VERSION_EXISTS).originalAction(action))
                  .version(ChangeFrames.version(current.revision()))
                  .data(current.isRecord() ? current.data() : JsonObject.empty()));
      return;
    }
    asker()
        .send(
            rejected.code() == ErrorCode.INVALID_VERSION
                ? invalidVersion(current)
                : addressed(Refusals.message(Refusals.ofWrite(rejected.code()), action, rejected)));
    if (mayBeAcceptedLater(rejected.code()) && current.isRecord() && asker().watches(key)) {
      asker().send(ChangeFrames.update(current));
    }
  }

  private static boolean mayBeAcceptedLater(ErrorCode code) {
    return switch (Refusals.kind(code)) {
      case STORE, LIMIT, CONFLICT -> true;
      case INVALID,
          DENIED,
          NOT_FOUND,
          UNDECODABLE,
          OUT_OF_TURN,
          UNKNOWN,
          LOGIN,
          LOGIN_TIMEOUT,
          UNAUTHENTICATED,
          SILENT,
          SLOW ->
          false;
    };
  }

  private RecordMessage invalidVersion(Document current) {
    RecordMessage echo =
        addressed(RecordMessage.of(RecordAction.INVALID_VERSION).originalAction(action))
            .error()
            .path(path)
            .version(ChangeFrames.version(current.revision()));
    return data == null ? echo : echo.data(data);
  }

  private RecordMessage addressed(RecordMessage message) {
    return message.name(name).correlationId(correlationId).writeAck(isWriteAck);
  }
}
