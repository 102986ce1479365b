// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.feed.Outcome;
import io.freshet.protocol.Document;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import org.jspecify.annotations.Nullable;

/// Answers READ and HEAD (protocol reference, section 7.2).
final class ReadReply extends Reply {
  private static final int MISSING = -1;

  private final RecordAction action;
  private final String name;
  private final @Nullable String correlationId;

  ReadReply(
      DeepstreamSession session,
      int bytes,
      RecordAction action,
      String name,
      @Nullable String correlationId) {
    super(session, bytes);
    this.action = action;
    this.name = name;
    this.correlationId = correlationId;
  }

  /// What HEAD says of a document.
  static int headVersion(Document document) {
    return document.isRecord() ? ChangeFrames.version(document.revision()) : MISSING;
  }

  @Override
  protected void answer(Outcome outcome) {
    switch (outcome) {
      case Outcome.State(Document document) -> state(document);
      case Outcome.Rejected rejected -> {
        asker().refused(Refusals.kind(rejected.code()));
        asker()
            .send(
                Refusals.message(Refusals.ofRead(rejected.code()), action, rejected)
                    .name(name)
                    .correlationId(correlationId));
      }
      case Outcome.Committed _,
          Outcome.Done _,
          Outcome.Watching _,
          Outcome.OfCollection _,
          Outcome.OfMessaging _ ->
          throw unexpected(outcome);
    }
  }

  private void state(Document document) {
    DeepstreamLoop loop = asker().loop();
    if (action == RecordAction.HEAD) {
      asker()
          .send(
              RecordMessage.of(RecordAction.HEAD_RESPONSE)
                  .name(name)
                  .version(headVersion(document)));
    } else if (document.isRecord()) {
      asker().sendState(document);
    } else {
      loop.meter().refused(DeepstreamMeter.Refusal.NOT_FOUND);
      asker()
          .send(
              RecordMessage.of(RecordAction.RECORD_NOT_FOUND)
                  .error()
                  .name(name)
                  .originalAction(action)
                  .correlationId(correlationId));
    }
  }
}
