// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.feed.Outcome;

/// Answers what is only answered when it is refused: an event, a call.
final class NameReply extends Reply {
  private final NameRequest request;

  NameReply(NameRequest request) {
    super(request.session(), request.bytes());
    this.request = request;
  }

  @Override
  protected void answer(Outcome outcome) {
    switch (outcome) {
      case Outcome.Done _ -> {}
      case Outcome.Refused why -> request.refuse(why);
      case Outcome.Committed _,
          Outcome.State _,
          Outcome.Watching _,
          Outcome.OfCollection _,
          Outcome.Rejected _,
          Outcome.PerName _,
          Outcome.Present _,
          Outcome.CallMismatch _ ->
          throw unexpected(outcome);
    }
  }
}
