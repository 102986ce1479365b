// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.ProviderAnswer;
import io.freshet.engine.feed.CallOffer;
import io.freshet.engine.feed.CallSignal;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Session;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonValue;
import io.freshet.server.deepstream.DeepstreamMeter.Refusal;
import io.freshet.server.deepstream.wire.Action;
import io.freshet.server.deepstream.wire.Message;
import io.freshet.server.deepstream.wire.RpcAction;
import io.freshet.server.deepstream.wire.Topic;
import io.freshet.server.deepstream.wire.TopicMessage;
import io.freshet.server.deepstream.wire.WireReader;
import org.jspecify.annotations.Nullable;

/// Topic RPC: what callers and providers say becomes commands, and what the engine has for them
/// becomes messages (protocol reference, section 9).
///
/// Threading: confined to one event loop.
final class RpcTopic implements TopicHandler {
  private final DeepstreamLoop loop;

  RpcTopic(DeepstreamLoop loop) {
    this.loop = loop;
  }

  @Override
  public void onMessage(DeepstreamSession session, WireReader body) {
    int bytes = body.remaining();
    TopicMessage message = TopicMessage.decode(Topic.RPC, body, loop.nameCache());
    RpcAction action = RpcAction.of(message.actionNumber());
    loop.traffic().received(Topic.RPC, message.actionNumber());
    if (action == null) {
      session.refused(Refusal.UNKNOWN);
      return;
    }
    var request = new NameRequest(session, Terms.RPC, action, message, bytes);
    try {
      take(action, request, request.data());
    } catch (FreshetException e) {
      request.refuse(refusal(action, e.code()), message.name(), e);
    }
  }

  /// The official client drops a call whose message could not be understood without telling its
  /// user. So it is told that only where the client cannot be the cause.
  private static Action refusal(RpcAction action, ErrorCode code) {
    boolean malformed = code == ErrorCode.INVALID_JSON || code == ErrorCode.INVALID_ARGUMENT;
    return action == RpcAction.REQUEST && !malformed
        ? RpcAction.MESSAGE_DENIED
        : Terms.RPC.refusal(code);
  }

  private void take(RpcAction action, NameRequest request, @Nullable JsonValue data) {
    Subscriptions<String> procedures = request.session().procedures();
    switch (action) {
      case REQUEST -> call(request, data);
      case ACCEPT -> answer(request, ProviderAnswer.Accept.ACCEPT);
      case REJECT -> answer(request, ProviderAnswer.Reject.REJECT);
      case RESPONSE -> answer(request, new ProviderAnswer.Respond(data));
      case REQUEST_ERROR -> answer(request, new ProviderAnswer.Fail(data));
      case PROVIDE -> NameSubscribing.subscribe(request, procedures, Command.Provide::new);
      case UNPROVIDE -> NameSubscribing.unsubscribe(request, procedures, Command.Unprovide::new);
      case NO_RPC_PROVIDER,
          ACCEPT_TIMEOUT,
          MULTIPLE_ACCEPT,
          INVALID_RPC_CORRELATION_ID,
          RESPONSE_TIMEOUT,
          MESSAGE_PERMISSION_ERROR,
          MESSAGE_DENIED,
          INVALID_MESSAGE_DATA,
          MULTIPLE_PROVIDERS,
          NOT_PROVIDED ->
          request.unknown();
    }
  }

  private static void call(NameRequest request, @Nullable JsonValue data) {
    String name = request.name();
    String correlationId = request.correlationId();
    var reply = new NameReply(request);
    request.session().submit(new Command.Call(reply, name, correlationId, data), reply);
  }

  private static void answer(NameRequest request, ProviderAnswer answer) {
    String name = request.name();
    String correlationId = request.correlationId();
    var reply = new AnswerReply(request);
    request.session().submit(new Command.CallAnswer(reply, name, correlationId, answer), reply);
  }

  /// Tells a provider when its answer was not taken.
  private static final class AnswerReply extends Reply {
    private final NameRequest request;

    AnswerReply(NameRequest request) {
      super(request.session(), request.bytes());
      this.request = request;
    }

    @Override
    protected void answer(Outcome outcome) {
      switch (outcome) {
        case Outcome.Done _ -> {}
        case Outcome.CallMismatch mismatch -> mismatch(mismatch);
        case Outcome.Refused why -> request.refuse(why);
        case Outcome.Committed _,
            Outcome.State _,
            Outcome.Watching _,
            Outcome.OfCollection _,
            Outcome.Rejected _,
            Outcome.PerName _,
            Outcome.Present _ ->
            throw unexpected(outcome);
      }
    }

    private void mismatch(Outcome.CallMismatch mismatch) {
      TopicMessage message = request.message();
      asker().refused(Refusal.NOT_FOUND);
      Message answer =
          switch (mismatch) {
            case NO_SUCH_CALL ->
                TopicMessage.of(RpcAction.INVALID_RPC_CORRELATION_ID)
                    .originalAction(request.action())
                    .error();
            case ALREADY_ACCEPTED -> TopicMessage.of(RpcAction.MULTIPLE_ACCEPT);
          };
      asker().send(answer.name(message.name()).correlationId(message.correlationId()));
    }
  }

  // What the engine has for providers and callers.

  static void toProvider(Session session, CallOffer offer) {
    if (session instanceof DeepstreamSession provider) {
      provider.send(
          TopicMessage.of(RpcAction.REQUEST)
              .name(offer.name())
              .correlationId(offer.correlationId())
              .data(offer.data())
              .requestor(offer.requestorName(), offer.requestorData()));
    }
  }

  static void toCaller(FeedItem.ToCaller item) {
    if (item.session() instanceof DeepstreamSession caller) {
      caller.send(message(item.signal()).name(item.name()).correlationId(item.correlationId()));
    }
  }

  private static TopicMessage message(CallSignal signal) {
    return switch (signal) {
      case CallSignal.Accepted _ -> TopicMessage.of(RpcAction.ACCEPT);
      case CallSignal.Responded(JsonValue data) -> TopicMessage.of(RpcAction.RESPONSE).data(data);
      case CallSignal.Failed(JsonValue data) -> TopicMessage.of(RpcAction.REQUEST_ERROR).data(data);
      case CallSignal.NoProvider _ -> TopicMessage.of(RpcAction.NO_RPC_PROVIDER);
      case CallSignal.AcceptTimedOut _ -> TopicMessage.of(RpcAction.ACCEPT_TIMEOUT);
      case CallSignal.ResponseTimedOut _ -> TopicMessage.of(RpcAction.RESPONSE_TIMEOUT);
    };
  }
}
