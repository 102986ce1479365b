// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.CallOffer;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.ListenSignal;
import io.freshet.engine.feed.ListenTopic;
import io.freshet.engine.feed.Outlet;
import io.freshet.engine.feed.Session;
import io.freshet.protocol.DocumentKey;
import io.freshet.server.deepstream.wire.FrameReader;
import io.freshet.server.deepstream.wire.FrameWriter;
import io.freshet.server.deepstream.wire.Message;
import io.freshet.server.deepstream.wire.NameCache;
import io.freshet.server.deepstream.wire.Topic;
import io.freshet.server.net.Connection;
import io.freshet.server.session.Connections;
import io.freshet.spi.Authenticator;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The deepstream door's part on one event loop: the outlet through which everything for this
/// loop's sessions leaves the engine, and what those sessions share.
///
/// The engine's thread hands over one task per turn ([#deliver]). The loop handles its items in
/// order, gathers what each socket gets, and flushes every touched socket once at the end. How far
/// the loop is behind is counted; far behind, the door takes no further commands ([CommandGate]).
///
/// Threading: confined to the event loop, except [#deliver].
final class DeepstreamLoop implements Outlet {
  private static final Logger log = LoggerFactory.getLogger(DeepstreamLoop.class);
  private static final int BACKLOG_HIGH = 32_000;
  private static final int BACKLOG_LOW = 8_000;
  private static final int IN_FLIGHT_BYTES_MAX = 32 << 20;
  private static final long RETRY_MILLIS = 2;

  private final EventLoop eventLoop;
  private final DeepstreamOptions options;
  private final DeepstreamMeter meter;
  private final Authenticator authenticator;
  private final Connections connections;
  private final Strangers strangers;
  private final CommandGate gate;
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

  private final AtomicInteger backlog = new AtomicInteger();
  private final AtomicBoolean behind = new AtomicBoolean();

  private final List<DeepstreamSocket> touched = new ArrayList<>();
  private boolean delivering;

  private final ArrayDeque<DeepstreamSession> stalled = new ArrayDeque<>();

  /// That connections came and went; at most three per connection.
  private final ArrayDeque<Command> owed = new ArrayDeque<>();

  private boolean retryScheduled;
  private boolean wakeDue;
  private int inFlightBytes;

  DeepstreamLoop(
      EventLoop eventLoop,
      DeepstreamOptions options,
      DeepstreamMeter meter,
      Authenticator authenticator,
      Connections connections,
      Strangers strangers,
      CommandGate gate,
      LoopTraffic traffic) {
    this.eventLoop = eventLoop;
    this.options = options;
    this.meter = meter;
    this.authenticator = authenticator;
    this.connections = connections;
    this.strangers = strangers;
    this.gate = gate;
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
  public void deliver(List<FeedItem> items) {
    int weight = weight(items);
    meter.backlog(weight);
    if (backlog.addAndGet(weight) > BACKLOG_HIGH && behind.compareAndSet(false, true)) {
      gate.loopFellBehind();
    }
    try {
      eventLoop.execute(() -> handle(items, weight));
    } catch (RejectedExecutionException e) {
      log.debug("the event loop has stopped; {} items are dropped", weight);
      settle(weight);
    }
  }

  private static int weight(List<FeedItem> items) {
    int weight = items.size();
    for (int i = 0; i < items.size(); i++) {
      weight +=
          switch (items.get(i)) {
            case FeedItem.Changes(var publications) -> publications.size();
            case FeedItem.Events(var emissions) -> emissions.size();
            case FeedItem.Answer _,
                FeedItem.Refreshed _,
                FeedItem.ProviderChanged _,
                FeedItem.ToListener _,
                FeedItem.ToProvider _,
                FeedItem.ToCaller _,
                FeedItem.PresenceChanged _ ->
                0;
          };
    }
    return weight;
  }

  private void settle(int weight) {
    meter.backlog(-weight);
    if (backlog.addAndGet(-weight) < BACKLOG_LOW && behind.compareAndSet(true, false)) {
      gate.loopCaughtUp();
    }
  }

  private void handle(List<FeedItem> items, int weight) {
    delivering = true;
    try {
      for (int i = 0; i < items.size(); i++) {
        handle(items.get(i));
      }
    } finally {
      settle(weight);
      flushTouched();
      retry();
    }
  }

  private void handle(FeedItem item) {
    switch (item) {
      case FeedItem.Changes(var publications) -> fanOut.changes(publications);
      case FeedItem.Answer answer -> answer(answer);
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

  /// A session whose answer cannot be given is in a state nobody knows: it starts over. So with one
  /// there is no memory for.
  private void answer(FeedItem.Answer answer) {
    try {
      answer.replyTo().reply(answer.outcome());
    } catch (RuntimeException | OutOfMemoryError failure) {
      log.error("an answer could not be given; its connection is closed", failure);
      if (answer.replyTo().session() instanceof DeepstreamSession session) {
        session.socket().close();
      }
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

  private void flushTouched() {
    for (int i = 0; i < touched.size(); i++) {
      touched.get(i).flush();
    }
    touched.clear();
    delivering = false;
  }

  /// Remembers to flush the socket at the end of the delivery. Outside of one, whoever calls the
  /// socket flushes it.
  void touch(DeepstreamSocket socket) {
    if (delivering && socket.touch()) {
      touched.add(socket);
    }
  }

  /// Runs a task on the loop: now if this is its thread, so that nothing overtakes it.
  void run(Runnable task) {
    if (!eventLoop.inEventLoop()) {
      eventLoop.execute(() -> run(task));
    } else if (delivering) {
      task.run();
    } else {
      delivering = true;
      task.run();
      flushTouched();
    }
  }

  // To the engine.

  /// Passes a command of a session, behind what is owed: a session's first is that it is there.
  boolean submit(Command command) {
    return owed.isEmpty() && pass(command);
  }

  private boolean pass(Command command) {
    boolean taken = gate.submit(command);
    wakeDue |= taken;
    return taken;
  }

  /// Passes a command that nobody waits for, later if need be.
  void submitSurely(Command command) {
    if (!submit(command)) {
      owed.add(command);
      scheduleRetry();
    }
    wakeEngine();
  }

  /// Lets the engine decide what has been passed since the last call.
  void wakeEngine() {
    if (wakeDue) {
      wakeDue = false;
      gate.wake();
    }
  }

  /// The session has commands that were not taken.
  void stall(DeepstreamSession session) {
    stalled.add(session);
    scheduleRetry();
  }

  private void scheduleRetry() {
    if (!retryScheduled) {
      retryScheduled = true;
      var _ =
          eventLoop.schedule(
              () -> {
                retryScheduled = false;
                retry();
              },
              RETRY_MILLIS,
              TimeUnit.MILLISECONDS);
    }
  }

  private void retry() {
    while (!owed.isEmpty() && pass(owed.element())) {
      owed.remove();
    }
    for (int turns = stalled.size(); turns > 0 && owed.isEmpty(); turns--) {
      int before = stalled.size();
      stalled.remove().retry();
      if (stalled.size() == before) {
        break;
      }
    }
    if (!stalled.isEmpty() || !owed.isEmpty()) {
      scheduleRetry();
    }
    wakeEngine();
  }

  void addInFlightBytes(int change) {
    inFlightBytes += change;
  }

  /// Whether this loop's sessions together have too much under way.
  boolean isOverInFlightBytes() {
    return inFlightBytes > IN_FLIGHT_BYTES_MAX;
  }

  CommandGate gate() {
    return gate;
  }

  // What its sessions share.

  ByteBuf allocate(Connection connection, int bytes) {
    return connection.allocator().directBuffer(bytes);
  }

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

  long heartbeatNanos() {
    return options.heartbeatInterval().toNanos();
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

  Strangers strangers() {
    return strangers;
  }
}
