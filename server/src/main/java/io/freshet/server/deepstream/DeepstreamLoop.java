// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.feed.CallOffer;
import io.freshet.engine.feed.Ended;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.ListenSignal;
import io.freshet.engine.feed.ListenTopic;
import io.freshet.engine.feed.Session;
import io.freshet.protocol.DocumentKey;
import io.freshet.server.deepstream.wire.FrameReader;
import io.freshet.server.deepstream.wire.FrameWriter;
import io.freshet.server.deepstream.wire.Message;
import io.freshet.server.deepstream.wire.NameCache;
import io.freshet.server.deepstream.wire.Topic;
import io.freshet.server.gate.CommandGate;
import io.freshet.server.gate.DoorLoop;
import io.freshet.server.gate.Strangers;
import io.freshet.server.session.Connections;
import io.freshet.spi.Authenticator;
import io.netty.channel.EventLoop;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The deepstream door's part on one event loop: what its sessions share, and what becomes of what
/// the engine has for them.
///
/// Threading: confined to the event loop, except what its superclass says.
final class DeepstreamLoop extends DoorLoop {
  private final DeepstreamOptions options;
  private final DeepstreamMeter meter;
  private final Authenticator authenticator;
  private final Connections connections;
  private final Strangers.OfLoop strangers;
  private final Map<Topic, TopicHandler> handlers = new EnumMap<>(Topic.class);

  private final FrameReader frameReader = new FrameReader();
  private final FrameWriter writer = new FrameWriter();
  private final NameCache nameCache = new NameCache();
  private final ReadResponses readResponses = new ReadResponses();
  private final LoopTraffic traffic;
  private final FanOut fanOut = new FanOut(this);
  private final EventFanOut eventFanOut = new EventFanOut(this);
  private final PresenceTopic presence = new PresenceTopic(this);
  private final SubscriberIndex<String, CallOffer> providers = new SubscriberIndex<>();
  private int mark;

  DeepstreamLoop(
      EventLoop eventLoop,
      DeepstreamOptions options,
      DeepstreamMeter meter,
      Authenticator authenticator,
      Connections connections,
      Strangers.OfLoop strangers,
      CommandGate gate,
      LoopTraffic traffic) {
    super(eventLoop, options.bounds(), meter, gate);
    this.options = options;
    this.meter = meter;
    this.authenticator = authenticator;
    this.connections = connections;
    this.strangers = strangers;
    this.traffic = traffic;
    addHandlers(options.features());
  }

  private void addHandlers(DeepstreamOptions.Features features) {
    if (features.record()) {
      handlers.put(Topic.RECORD, new RecordTopic(this));
    }
    if (features.event()) {
      handlers.put(Topic.EVENT, new EventTopic(this));
    }
    if (features.rpc()) {
      handlers.put(Topic.RPC, new RpcTopic(this));
    }
    if (features.presence()) {
      handlers.put(Topic.PRESENCE, presence);
    }
  }

  // From the engine.

  @Override
  protected void handle(FeedItem item) {
    switch (item) {
      case FeedItem.Changes(var publications) -> fanOut.changes(publications);
      case FeedItem.Answer _ -> throw new IllegalStateException("answers are given elsewhere");
      case FeedItem.NoMore(Session session, Ended what, var code, String why) -> {
        if (session instanceof DeepstreamSession present) {
          NoMore.tell(present, what, code, why);
        }
      }
      case FeedItem.RulesChanged _ -> {
        // Nothing is held back here.
      }
      case FeedItem.Refreshed(var current) -> fanOut.refreshed(current);
      case FeedItem.ProviderChanged(var key, boolean hasProvider) ->
          fanOut.providerChanged(key, hasProvider);
      case FeedItem.ToListener(Session session, ListenTopic topic, ListenSignal signal) ->
          signal(session, topic, signal);
      case FeedItem.Events(var emissions) -> eventFanOut.events(emissions);
      case FeedItem.ToProvider(Session session, CallOffer offer) ->
          RpcTopic.toProvider(session, offer);
      case FeedItem.ToCaller toCaller -> RpcTopic.toCaller(toCaller);
      case FeedItem.PresenceChanged(String user, boolean online) -> presence.changed(user, online);
    }
  }

  private static void signal(Session session, ListenTopic topic, ListenSignal signal) {
    if (session instanceof DeepstreamSession listener) {
      listener.send(ListenTerms.of(topic).message(signal));
    }
  }

  /// Sends every subscriber the same.
  void broadcast(@Nullable Subscribers<?, ?> subscribers, Message message) {
    if (subscribers == null) {
      return;
    }
    message.writeTo(writer);
    byte[] frame = writer.toArray();
    for (Subscription<?> each = subscribers.first; each != null; each = each.next) {
      each.session.socket().send(frame);
    }
    traffic.sent(message.topic(), message.actionNumber(), subscribers.count);
  }

  // What its sessions share.

  @Nullable TopicHandler handler(Topic topic) {
    return handlers.get(topic);
  }

  FrameReader frameReader() {
    return frameReader;
  }

  FrameWriter writer() {
    return writer;
  }

  NameCache nameCache() {
    return nameCache;
  }

  ReadResponses readResponses() {
    return readResponses;
  }

  LoopTraffic traffic() {
    return traffic;
  }

  /// Distinguishes batches.
  int nextMark() {
    return ++mark;
  }

  /// Who watches which record.
  SubscriberIndex<DocumentKey, ?> watchers() {
    return fanOut.index();
  }

  SubscriberIndex<String, ?> eventSubscribers() {
    return eventFanOut.index();
  }

  SubscriberIndex<String, ?> providers() {
    return providers;
  }

  SubscriberIndex<String, ?> presenceSubscribers() {
    return presence.index();
  }

  DeepstreamOptions options() {
    return options;
  }

  DeepstreamMeter meter() {
    return meter;
  }

  Authenticator authenticator() {
    return authenticator;
  }

  Connections connections() {
    return connections;
  }

  Strangers.OfLoop strangers() {
    return strangers;
  }
}
