// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.feed.Outcome;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;

/// Answers a deletion (protocol reference, section 7.5).
final class DeleteReply extends Reply {
  private final String name;

  DeleteReply(DeepstreamSession session, int bytes, String name) {
    super(session, bytes);
    this.name = name;
  }

  @Override
  protected void answer(Outcome outcome) {
    switch (outcome) {
      case Outcome.Committed _, Outcome.Done _ ->
          asker().send(RecordMessage.of(RecordAction.DELETE_SUCCESS).name(name));
      case Outcome.Rejected rejected -> {
        asker().refused(Refusals.kind(rejected.code()));
        RecordAction action = Refusals.ofDeletion(rejected.code());
        asker().send(Refusals.message(action, RecordAction.DELETE, rejected).name(name));
      }
      case Outcome.State _, Outcome.Watching _, Outcome.OfCollection _, Outcome.OfMessaging _ ->
          throw unexpected(outcome);
    }
  }
}
