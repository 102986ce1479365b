// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Outcome.Watched;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.json.JsonObject;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Answers the four ways to subscribe (protocol reference, section 7.2): from this answer on the
/// session gets the records' changes.
final class WatchReply extends Reply {
  private final RecordAction action;
  private final List<Subscription<DocumentKey>> subscriptions;
  private final @Nullable String correlationId;
  private final BulkAck ack;

  /// The one acknowledgement of a subscribe message, whose names may be split over several
  /// commands: sent before the first state, unless every name is refused.
  static final class BulkAck {
    private final Set<String> names = new LinkedHashSet<>();
    private boolean sent;
  }

  /// @param subscriptions in the order of the command's keys
  /// @param ack shared by the commands of one message
  WatchReply(
      DeepstreamSession session,
      int bytes,
      RecordAction action,
      List<Subscription<DocumentKey>> subscriptions,
      @Nullable String correlationId,
      BulkAck ack) {
    super(session, bytes);
    this.action = action;
    this.subscriptions = subscriptions;
    this.correlationId = correlationId;
    this.ack = ack;
    for (Subscription<DocumentKey> each : subscriptions) {
      each.unanswered++;
      ack.names.add(each.key.recordName());
    }
  }

  List<DocumentKey> keys() {
    return subscriptions.stream().map(each -> each.key).toList();
  }

  @Override
  protected void answer(Outcome outcome) {
    switch (outcome) {
      case Outcome.Watching(List<Watched> documents) -> watching(documents);
      case Outcome.Rejected rejected -> {
        for (Subscription<DocumentKey> each : subscriptions) {
          refuse(each, rejected);
        }
      }
      case Outcome.Committed _,
          Outcome.Done _,
          Outcome.State _,
          Outcome.OfCollection _,
          Outcome.OfMessaging _ ->
          throw unexpected(outcome);
    }
  }

  private void watching(List<Watched> documents) {
    var states = new ArrayList<Document>(documents.size());
    var provided = new ArrayList<DocumentKey>();
    var unwanted = new ArrayList<DocumentKey>();
    for (int i = 0; i < documents.size(); i++) {
      Subscription<DocumentKey> subscription = subscriptions.get(i);
      switch (documents.get(i)) {
        case Watched.Snapshot(Document document, boolean hasProvider) -> {
          subscription.unanswered--;
          if (subscription.over) {
            unwanted.add(subscription.key);
            continue;
          }
          asker().records().activate(subscription);
          states.add(document);
          if (hasProvider) {
            provided.add(subscription.key);
          }
        }
        case Watched.Refused(Outcome.Rejected rejection) -> refuse(subscription, rejection);
      }
    }
    send(states, provided);
    unwatch(unwanted);
  }

  private void send(List<Document> states, List<DocumentKey> provided) {
    if (states.isEmpty()) {
      return;
    }
    if (action == RecordAction.SUBSCRIBEANDHEAD) {
      sendHeads(states);
    }
    acknowledge();
    if (action == RecordAction.SUBSCRIBECREATEANDREAD || action == RecordAction.SUBSCRIBEANDREAD) {
      states.forEach(this::sendState);
    }
    for (DocumentKey key : provided) {
      asker().send(RecordMessage.of(RecordAction.SUBSCRIPTION_HAS_PROVIDER).name(key.recordName()));
    }
  }

  private void acknowledge() {
    if (ack.sent) {
      return;
    }
    ack.sent = true;
    RecordMessage message = RecordMessage.of(action).correlationId(correlationId).ack();
    if (action == RecordAction.SUBSCRIBECREATEANDREAD) {
      message.names(List.copyOf(ack.names));
    } else if (correlationId == null) {
      message.name(ack.names.iterator().next());
    }
    asker().send(message);
  }

  private void sendHeads(List<Document> states) {
    RecordMessage heads = RecordMessage.of(RecordAction.HEAD_RESPONSE_BULK);
    for (Document document : states) {
      heads.version(document.key().recordName(), ReadReply.headVersion(document));
    }
    asker().send(heads);
  }

  /// Where a subscription does not create, a missing record reads as version -1.
  private void sendState(Document document) {
    if (document.isRecord()) {
      asker().sendState(document);
    } else {
      asker()
          .send(
              RecordMessage.of(RecordAction.READ_RESPONSE)
                  .name(document.key().recordName())
                  .version(ReadReply.headVersion(document))
                  .data(JsonObject.empty()));
    }
  }

  private void refuse(Subscription<DocumentKey> subscription, Outcome.Rejected rejection) {
    subscription.unanswered--;
    ack.names.remove(subscription.key.recordName());
    asker().refused(Refusals.kind(rejection.code()));
    if (subscription.over) {
      return;
    }
    if (!subscription.isActive()) {
      asker().records().dropped(subscription);
    }
    asker()
        .send(
            Refusals.message(Refusals.ofSubscription(rejection.code()), action, rejection)
                .name(subscription.key.recordName())
                .correlationId(correlationId));
  }

  /// Unsubscribed, or disconnected, before this answer: the engine may not have known what to
  /// unwatch when it was told.
  private void unwatch(List<DocumentKey> keys) {
    keys.removeIf(key -> asker().records().find(key) != null);
    if (!keys.isEmpty()) {
      asker().loop().submitSurely(new Command.Unwatch(asker(), keys));
    }
  }
}
