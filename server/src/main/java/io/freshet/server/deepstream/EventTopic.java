// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.command.Command;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonValue;
import io.freshet.server.deepstream.DeepstreamMeter.Refusal;
import io.freshet.server.deepstream.wire.EventAction;
import io.freshet.server.deepstream.wire.Topic;
import io.freshet.server.deepstream.wire.TopicMessage;
import io.freshet.server.deepstream.wire.WireReader;
import org.jspecify.annotations.Nullable;

/// Topic EVENT: messages become commands (protocol reference, sections 6 and 8). What comes back
/// for subscribers is sent by [EventFanOut].
///
/// Threading: confined to one event loop.
final class EventTopic implements TopicHandler {
  private final DeepstreamLoop loop;

  EventTopic(DeepstreamLoop loop) {
    this.loop = loop;
  }

  @Override
  public void onMessage(DeepstreamSession session, WireReader body) {
    int bytes = body.remaining();
    TopicMessage message = TopicMessage.decode(Topic.EVENT, body, loop.nameCache());
    EventAction action = EventAction.of(message.actionNumber());
    loop.traffic().received(Topic.EVENT, message.actionNumber());
    if (action == null) {
      session.refused(Refusal.UNKNOWN);
      return;
    }
    var request = new NameRequest(session, Terms.EVENT, action, message, bytes);
    try {
      take(action, request, request.data());
    } catch (FreshetException e) {
      request.refuse(e);
    }
  }

  private void take(EventAction action, NameRequest request, @Nullable JsonValue data) {
    Subscriptions<String> events = request.session().events();
    switch (action) {
      case EMIT -> emit(request, data);
      case SUBSCRIBE -> NameSubscribing.subscribe(request, events, Command.Subscribe::new);
      case UNSUBSCRIBE -> NameSubscribing.unsubscribe(request, events, Command.Unsubscribe::new);
      case LISTEN, UNLISTEN, LISTEN_ACCEPT, LISTEN_REJECT -> listen(request);
      case SUBSCRIPTION_FOR_PATTERN_FOUND,
          SUBSCRIPTION_FOR_PATTERN_REMOVED,
          INVALID_LISTEN_REGEX,
          LISTEN_RESPONSE_TIMEOUT,
          MESSAGE_PERMISSION_ERROR,
          MESSAGE_DENIED,
          INVALID_MESSAGE_DATA,
          MULTIPLE_SUBSCRIPTIONS,
          NOT_SUBSCRIBED ->
          request.unknown();
    }
  }

  private static void emit(NameRequest request, @Nullable JsonValue data) {
    String name = request.name();
    var reply = new NameReply(request);
    request.session().submit(new Command.Emit(reply, name, data), reply);
  }

  private static void listen(NameRequest request) {
    TopicMessage message = request.message();
    new ListenRequest(
            request.session(),
            ListenTerms.EVENT,
            request.action(),
            message.name(),
            message.subscription(),
            message.correlationId(),
            request.bytes())
        .submit();
  }
}
