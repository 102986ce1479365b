// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.feed.Outcome;
import io.freshet.protocol.Document;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import org.jspecify.annotations.Nullable;

/// Answers HEAD_BULK: one read per name, and one message once all are answered.
///
/// Threading: the session's event loop.
final class HeadBulk {
  private final DeepstreamSession session;
  private final @Nullable String correlationId;
  private final RecordMessage response = RecordMessage.of(RecordAction.HEAD_RESPONSE_BULK);
  private int unanswered;

  HeadBulk(DeepstreamSession session, int names, @Nullable String correlationId) {
    this.session = session;
    this.unanswered = names;
    this.correlationId = correlationId;
  }

  /// The reply for one of the names.
  Reply reply(String name, int bytes) {
    return new Reply(session, bytes) {
      @Override
      protected void answer(Outcome outcome) {
        switch (outcome) {
          case Outcome.State(Document document) ->
              response.version(name, ReadReply.headVersion(document));
          case Outcome.Rejected rejected ->
              session.send(
                  Refusals.message(
                          Refusals.ofRead(rejected.code()), RecordAction.HEAD_BULK, rejected)
                      .name(name)
                      .correlationId(correlationId));
          case Outcome.Committed _,
              Outcome.Done _,
              Outcome.Watching _,
              Outcome.OfCollection _,
              Outcome.OfMessaging _ ->
              throw unexpected(outcome);
        }
        if (--unanswered == 0 && !response.versions().isEmpty()) {
          session.send(response.correlationId(correlationId));
        }
      }
    };
  }
}
