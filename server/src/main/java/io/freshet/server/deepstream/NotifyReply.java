// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.feed.Outcome;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.server.deepstream.DeepstreamMeter.Refusal;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import java.util.ArrayList;
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
      case Outcome.Done _ -> acknowledge(names);
      case Outcome.PerName(List<Outcome.OfName> results) -> answer(results);
      case Outcome.Rejected rejected -> {
        Refusal kind = Refusals.kind(rejected.code());
        asker().refused(kind);
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
          Outcome.Refused _,
          Outcome.Present _,
          Outcome.CallMismatch _ ->
          throw unexpected(outcome);
    }
  }

  private void acknowledge(List<String> notified) {
    asker()
        .send(
            RecordMessage.of(RecordAction.NOTIFY)
                .names(notified)
                .correlationId(correlationId)
                .ack());
  }

  /// Each refused name by itself, then what was done; nothing if that is none.
  private void answer(List<Outcome.OfName> results) {
    var notified = new ArrayList<String>();
    for (int i = 0; i < results.size(); i++) {
      String name = names.get(i);
      switch (results.get(i)) {
        case Outcome.Refused(ErrorCode code, String why) -> {
          asker().refused(Refusals.kind(code));
          asker()
              .send(
                  Refusals.message(
                          Refusals.ofSubscription(code), RecordAction.NOTIFY, code.name(), why)
                      .name(name)
                      .correlationId(correlationId));
        }
        case Outcome.Plain _ -> notified.add(name);
      }
    }
    if (!notified.isEmpty()) {
      acknowledge(notified);
    }
  }
}
