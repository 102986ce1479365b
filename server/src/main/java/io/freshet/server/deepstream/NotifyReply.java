// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.feed.Outcome;
import io.freshet.server.deepstream.DeepstreamMeter.Refusal;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Answers NOTIFY (protocol reference, section 7.6).
final class NotifyReply extends Reply {
  private final List<String> names;
  private final @Nullable String correlationId;

  NotifyReply(
      DeepstreamSession session, int bytes, List<String> names, @Nullable String correlationId) {
    super(session, bytes);
    this.names = names;
    this.correlationId = correlationId;
  }

  @Override
  protected void answer(Outcome outcome) {
    switch (outcome) {
      case Outcome.Done _ ->
          asker()
              .send(
                  RecordMessage.of(RecordAction.NOTIFY)
                      .names(names)
                      .correlationId(correlationId)
                      .ack());
      case Outcome.Rejected rejected -> {
        Refusal kind = Refusals.kind(rejected.code());
        asker().loop().meter().refused(kind);
        RecordAction action =
            kind == Refusal.DENIED ? RecordAction.MESSAGE_DENIED : RecordAction.RECORD_NOTIFY_ERROR;
        asker()
            .send(
                Refusals.message(action, RecordAction.NOTIFY, rejected)
                    .correlationId(correlationId));
      }
      case Outcome.Committed _,
          Outcome.State _,
          Outcome.Watching _,
          Outcome.OfCollection _,
          Outcome.OfMessaging _ ->
          throw unexpected(outcome);
    }
  }
}
