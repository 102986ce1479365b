// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.ListenTopic;
import io.freshet.engine.feed.Outcome;
import io.freshet.server.deepstream.wire.Action;
import io.freshet.server.deepstream.wire.Message;
import org.jspecify.annotations.Nullable;

/// LISTEN, UNLISTEN and what a listener answers, on either topic (protocol reference, section 8).
///
/// @param name of the record or event an answer is about
/// @param bytes of the message
record ListenRequest(
    DeepstreamSession session,
    ListenTerms terms,
    Action action,
    @Nullable String pattern,
    @Nullable String name,
    @Nullable String correlationId,
    int bytes) {

  /// @throws io.freshet.protocol.error.FreshetException when the message is incomplete
  void submit() {
    String ofPattern = NameRequest.present(pattern, "name");
    var reply = new ListenReply(this);
    session.submit(command(reply, terms.topic(), ofPattern), reply);
  }

  private Command command(Reply reply, ListenTopic topic, String ofPattern) {
    if (action == terms.listen()) {
      return new Command.Listen(reply, topic, ofPattern);
    } else if (action == terms.unlisten()) {
      return new Command.Unlisten(reply, topic, ofPattern);
    }
    String ofName = NameRequest.present(name, "subscription");
    return new Command.ListenAnswer(reply, topic, ofPattern, ofName, action == terms.accept());
  }

  /// LISTEN and UNLISTEN are acknowledged, answers are not.
  private static final class ListenReply extends Reply {
    private final ListenRequest request;

    ListenReply(ListenRequest request) {
      super(request.session, request.bytes);
      this.request = request;
    }

    @Override
    protected void answer(Outcome outcome) {
      switch (outcome) {
        case Outcome.Done _ -> {
          if (request.action == request.terms.listen()
              || request.action == request.terms.unlisten()) {
            asker().send(addressed(Message.of(request.action)).ack());
          }
        }
        case Outcome.Refused why -> {
          asker().refused(Refusals.kind(why.code()));
          Action refusal = request.terms.refusal(why.code());
          asker()
              .send(addressed(Refusals.tell(refusal, request.action, why.code(), why.message())));
        }
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

    private Message addressed(Message message) {
      return message.name(request.pattern).correlationId(request.correlationId);
    }
  }
}
