// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// All subscriptions of a client: they outlive connections.
///
/// Threading: guarded by the hub's lock, except [#add].
final class Topics {
  private final Hub hub;
  private final Mapper mapper;
  private final Line line;
  private final Backoff backoff;
  private final Map<String, TopicSubscription> byRef = new LinkedHashMap<>();

  /// By the ids the server gave them on this connection.
  private final Map<String, TopicSubscription> byServerId = new HashMap<>();

  private int count;

  Topics(Hub hub, Mapper mapper, Backoff backoff, Line line) {
    this.hub = hub;
    this.mapper = mapper;
    this.backoff = backoff;
    this.line = line;
  }

  <T> TopicSubscription add(
      TopicOptions options, DataType<T> type, Consumer<TopicEvent<T>> listener) {
    JsonObject filter = options.filter().isEmpty() ? null : mapper.writeObject(options.filter());
    return hub.locked(() -> {
      line.requireOpen();
      var subscription =
          new TopicSubscription(
              hub,
              this,
              "sub_" + ++count,
              line.nextOrder(),
              options,
              filter,
              envelope -> listener.accept(TopicEvent.of(envelope, mapper, type)));
      byRef.put(subscription.ref, subscription);
      line.send(subscription.request());
      return subscription;
    });
  }

  void remove(TopicSubscription subscription) {
    if (byRef.remove(subscription.ref) == null) {
      return;
    }
    subscription.end();
    String serverId = subscription.serverId();
    if (serverId != null) {
      unsubscribe(serverId);
    }
  }

  private void unsubscribe(String serverId) {
    byServerId.remove(serverId);
    line.send(new FrameText("unsubscribe").text("subscriptionId", serverId).end());
  }

  /// What a new connection has to send.
  List<Outgoing> waiting() {
    var outgoing = new ArrayList<Outgoing>();
    for (TopicSubscription each : byRef.values()) {
      outgoing.add(new Outgoing(each.order, () -> line.send(each.request())));
    }
    return outgoing;
  }

  void down() {
    byServerId.clear();
    byRef.values().forEach(TopicSubscription::down);
  }

  /// There will be no connection: who waits is told. The subscriptions stay, for another one.
  void over(FreshetClientException why) {
    byRef.values().forEach(each -> each.failed(why));
  }

  void acknowledged(Frame frame) {
    TopicSubscription subscription = byRef.get(frame.text("ref", ""));
    String serverId = frame.text("subscriptionId", "");
    if (subscription == null) {
      // Closed before the server had named it.
      unsubscribe(serverId);
      return;
    }
    byServerId.put(serverId, subscription);
    Runnable passed = subscription.acknowledged(frame);
    if (passed != null) {
      line.barrier(passed);
    }
  }

  void received(Frame frame) {
    Frame envelope = frame.object("data");
    for (String serverId : frame.texts("subscriptionIds")) {
      TopicSubscription subscription = byServerId.get(serverId);
      if (subscription != null) {
        subscription.received(envelope);
      }
    }
  }

  /// @return whether the error was about a subscription
  boolean refuse(Frame frame) {
    TopicSubscription subscription = byRef.get(frame.text("ref", ""));
    if (subscription == null) {
      return false;
    }
    FreshetClientException error = frame.error();
    if (error.isPassing()) {
      long waitMs =
          Math.max(
              backoff.waitMs(subscription.refusals++, hub.timing().chance()),
              frame.number("retryAfterMs", 0));
      Hub.cancel(subscription.retry);
      subscription.retry = hub.after(waitMs, () -> line.send(subscription.request()));
      return true;
    }
    byRef.remove(subscription.ref);
    boolean isTold = subscription.failed(error);
    subscription.end();
    if (!isTold) {
      line.failed(error);
    }
    return true;
  }
}
