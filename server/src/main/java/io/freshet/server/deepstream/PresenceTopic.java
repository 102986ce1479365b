// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.Outcome;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonObject;
import io.freshet.server.deepstream.DeepstreamMeter.Refusal;
import io.freshet.server.deepstream.wire.PresenceAction;
import io.freshet.server.deepstream.wire.Topic;
import io.freshet.server.deepstream.wire.TopicMessage;
import io.freshet.server.deepstream.wire.WireReader;
import java.util.List;
import java.util.Set;

/// Topic PRESENCE: who is there (protocol reference, section 10).
///
/// Threading: confined to one event loop.
final class PresenceTopic implements TopicHandler {
  private final DeepstreamLoop loop;

  /// By user; [NameSubscribing#EVERYBODY] for those who are told of all.
  private final SubscriberIndex<String, Boolean> index = new SubscriberIndex<>();

  PresenceTopic(DeepstreamLoop loop) {
    this.loop = loop;
  }

  SubscriberIndex<String, Boolean> index() {
    return index;
  }

  @Override
  public void onMessage(DeepstreamSession session, WireReader body) {
    int bytes = body.remaining();
    TopicMessage message = TopicMessage.decode(Topic.PRESENCE, body, loop.nameCache());
    PresenceAction action = PresenceAction.of(message.actionNumber());
    loop.traffic().received(Topic.PRESENCE, message.actionNumber());
    if (action == null) {
      session.refused(Refusal.UNKNOWN);
      return;
    }
    var request = new NameRequest(session, Terms.PRESENCE, action, message, bytes);
    try {
      var _ = request.data();
      take(action, request);
    } catch (FreshetException e) {
      request.refuse(e);
    }
  }

  private void take(PresenceAction action, NameRequest request) {
    Subscriptions<String> users = request.session().users();
    switch (action) {
      case QUERY_ALL -> query(request, List.of());
      case QUERY -> query(request, request.names());
      case SUBSCRIBE -> NameSubscribing.subscribe(request, users, Command.WatchPresence::new);
      case UNSUBSCRIBE -> NameSubscribing.unsubscribe(request, users, Command.UnwatchPresence::new);
      case SUBSCRIBE_ALL -> NameSubscribing.subscribeToEverybody(request, users);
      case UNSUBSCRIBE_ALL -> NameSubscribing.unsubscribeFromEverybody(request, users);
      case QUERY_ALL_RESPONSE,
          QUERY_RESPONSE,
          PRESENCE_JOIN,
          PRESENCE_JOIN_ALL,
          PRESENCE_LEAVE,
          PRESENCE_LEAVE_ALL,
          INVALID_PRESENCE_USERS,
          MESSAGE_PERMISSION_ERROR,
          MESSAGE_DENIED,
          MULTIPLE_SUBSCRIPTIONS,
          NOT_SUBSCRIBED ->
          request.unknown();
    }
  }

  private static void query(NameRequest request, List<String> users) {
    var reply = new QueryReply(request, users);
    request.session().submit(new Command.QueryPresence(reply, users), reply);
  }

  private static final class QueryReply extends Reply {
    private final NameRequest request;
    private final List<String> asked;

    QueryReply(NameRequest request, List<String> asked) {
      super(request.session(), request.bytes());
      this.request = request;
      this.asked = asked;
    }

    @Override
    protected void answer(Outcome outcome) {
      switch (outcome) {
        case Outcome.Present(Set<String> users) -> asker().send(response(users));
        case Outcome.Refused why -> request.refuse(why);
        case Outcome.Committed _,
            Outcome.State _,
            Outcome.Watching _,
            Outcome.OfCollection _,
            Outcome.Done _,
            Outcome.Rejected _,
            Outcome.PerName _,
            Outcome.CallMismatch _ ->
            throw unexpected(outcome);
      }
    }

    private TopicMessage response(Set<String> users) {
      TopicMessage response =
          asked.isEmpty()
              ? TopicMessage.of(PresenceAction.QUERY_ALL_RESPONSE).names(others(users))
              : TopicMessage.of(PresenceAction.QUERY_RESPONSE).data(judged(users));
      return response.correlationId(request.message().correlationId());
    }

    private List<String> others(Set<String> users) {
      String own = asker().principal().id();
      return users.stream().filter(user -> !user.equals(own)).toList();
    }

    private JsonObject judged(Set<String> users) {
      JsonObject answer = JsonObject.empty();
      for (String user : asked) {
        answer = answer.with(user, JsonBoolean.of(users.contains(user)));
      }
      return answer;
    }
  }

  /// A user came or went: told first to those who watch everybody, then to those who watch the
  /// user.
  void changed(String user, boolean online) {
    loop.broadcast(
        index.find(NameSubscribing.EVERYBODY),
        TopicMessage.of(
                online ? PresenceAction.PRESENCE_JOIN_ALL : PresenceAction.PRESENCE_LEAVE_ALL)
            .name(user));
    if (!user.isEmpty()) {
      loop.broadcast(
          index.find(user),
          TopicMessage.of(online ? PresenceAction.PRESENCE_JOIN : PresenceAction.PRESENCE_LEAVE)
              .name(user));
    }
  }
}
