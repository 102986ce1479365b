// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.feed.Outcome;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import org.jspecify.annotations.Nullable;

/// Answers LISTEN and UNLISTEN with an acknowledgement, LISTEN_ACCEPT and LISTEN_REJECT with
/// nothing (protocol reference, section 8).
final class ListenReply extends Reply {
  private final RecordAction action;
  private final String pattern;
  private final @Nullable String correlationId;

  ListenReply(
      DeepstreamSession session,
      int bytes,
      RecordAction action,
      String pattern,
      @Nullable String correlationId) {
    super(session, bytes);
    this.action = action;
    this.pattern = pattern;
    this.correlationId = correlationId;
  }

  @Override
  void answer(Outcome outcome) {
    switch (outcome) {
      case Outcome.Done _ -> {
        if (action == RecordAction.LISTEN || action == RecordAction.UNLISTEN) {
          asker().send(RecordMessage.of(action).name(pattern).correlationId(correlationId).ack());
        }
      }
      case Outcome.Refused rejected -> {
        asker().loop().meter().refused(Refusals.kind(rejected.code()));
        asker()
            .send(
                Refusals.message(Refusals.ofListen(rejected.code()), action, rejected)
                    .name(pattern)
                    .correlationId(correlationId));
      }
      case Outcome.Committed _,
          Outcome.State _,
          Outcome.Watching _,
          Outcome.Rejected _,
          Outcome.PerName _,
          Outcome.Present _,
          Outcome.CallMismatch _ ->
          throw unexpected(outcome);
    }
  }
}
