// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.feed.Ended;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.ListenSignal;
import io.freshet.engine.feed.ListenTopic;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.Face;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonValue;
import io.freshet.server.gate.DoorLoop;
import io.freshet.server.gate.DoorSocket;
import io.freshet.server.gate.Strangers;
import io.freshet.server.stream.StreamHub;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The documents face's part on one event loop: what its sessions share.
///
/// Threading: confined to the event loop, except what its superclass says.
final class SyncLoop extends DoorLoop {
  /// Containers around a document in the deepest frame: an array of frames, the frame, its `ops`,
  /// the operation.
  private static final int FRAMING_DEPTH = 4;

  private static final int KEPT_BYTES_MAX = 256 << 10;

  private final SyncDoor.Shared shared;
  private final Strangers.OfLoop strangers;
  private final Answering answering;
  private final JsonLimits frameLimits;
  private final JsonOutput output = new JsonOutput();
  private final EventFanOut fanOut = new EventFanOut(this);
  private final RecordFanOut recordFanOut = new RecordFanOut();
  private final StreamHub streams;

  /// For whom something may be held back; forgotten when nothing is.
  private final Set<Receiver> holding = new HashSet<>();

  private byte[] input = new byte[4096];

  SyncLoop(EventLoop eventLoop, SyncDoor.Shared shared) {
    super(eventLoop, shared.options().bounds(), shared.meter(), shared.gate());
    this.shared = shared;
    this.streams = new StreamHub(this, shared.streamMeter());
    this.strangers = shared.strangers().ofLoop();
    this.answering = new Answering(shared.clock());
    this.frameLimits = shared.options().limits().request(FRAMING_DEPTH);
  }

  @Override
  protected void handle(FeedItem item) {
    switch (item) {
      case FeedItem.Changes(var publications) -> {
        fanOut.changes(publications);
        streams.changes(publications);
        recordFanOut.changes(publications);
      }
      case FeedItem.Refreshed(var current) -> recordFanOut.refreshed(current);
      case FeedItem.ProviderChanged(var key, boolean hasProvider) ->
          recordFanOut.providerChanged(key, hasProvider);
      case FeedItem.ToListener(Session session, ListenTopic _, ListenSignal signal) -> {
        if (session instanceof SyncSession listener) {
          listener.tell(out -> RecordFrames.signal(out, signal));
        }
      }
      case FeedItem.NoMore(Session session, Ended what, var code, String why) ->
          noMore(session, what, Problem.of(code, why));
      case FeedItem.RulesChanged _ -> rulesChanged();
      case FeedItem.Answer _,
          FeedItem.Events _,
          FeedItem.ToProvider _,
          FeedItem.ToCaller _,
          FeedItem.PresenceChanged _ ->
          throw new IllegalStateException("nobody here asked for " + item.getClass());
    }
  }

  Strangers.OfLoop strangers() {
    return strangers;
  }

  private static void noMore(Session session, Ended what, Problem why) {
    if (!(session instanceof Subscriber subscriber) || subscriber.isClosed()) {
      return;
    }
    switch (what) {
      case Ended.Follow(String collection, Face face) when face == Face.DOCUMENTS ->
          subscriber.noMore(collection, why);
      case Ended.Follow _ -> {
        // Its streams are told one by one.
      }
      case Ended.Watch(DocumentKey key) -> records(subscriber).noMore(key, why);
      case Ended.Listening(ListenTopic _, String pattern) ->
          records(subscriber).listensNoMore(pattern, why);
      case Ended.Event _, Ended.Procedure _, Ended.Presence _ ->
          throw new IllegalStateException("nobody here asked for " + what);
    }
  }

  private static SessionRecords records(Subscriber subscriber) {
    if (subscriber instanceof SyncSession session) {
      return session.records();
    }
    throw new IllegalStateException("only sockets have records open");
  }

  /// Something is held back for this receiver.
  void holds(Receiver receiver) {
    holding.add(receiver);
  }

  void forget(Receiver receiver) {
    holding.remove(receiver);
  }

  /// What is held back was judged by other rules: whoever it was for comes back and goes on from
  /// where it was, by the new ones.
  private void rulesChanged() {
    for (Receiver each : holding) {
      if (each.isHolding() && each.socket().isOpen()) {
        each.socket().close(Farewell.RULES.code(), Farewell.RULES.reason());
      }
    }
    holding.clear();
  }

  /// Reads a message.
  ///
  /// @throws io.freshet.protocol.error.FreshetException if it is not JSON within the limits
  JsonValue parse(ByteBuf payload) {
    int length = payload.readableBytes();
    byte[] bytes = length > KEPT_BYTES_MAX ? new byte[length] : input(length);
    payload.getBytes(payload.readerIndex(), bytes, 0, length);
    return Json.parse(bytes, 0, length, frameLimits);
  }

  /// What the client calls a frame that cannot be read.
  FrameNames names(ByteBuf payload) {
    int length = payload.readableBytes();
    byte[] bytes = length > KEPT_BYTES_MAX ? new byte[length] : input(length);
    payload.getBytes(payload.readerIndex(), bytes, 0, length);
    return FrameNames.in(bytes, length);
  }

  private byte[] input(int length) {
    if (length > input.length) {
      input = new byte[Integer.highestOneBit(length - 1) << 1];
    }
    return input;
  }

  /// For one frame at a time.
  JsonOutput output() {
    return output.clear();
  }

  /// The part of a session that is sent events, if it is one of this loop.
  @Nullable Receiver receiverOf(@Nullable Session session) {
    return session instanceof Subscriber subscriber && subscriber.loop() == this
        ? subscriber.receiver()
        : null;
  }

  /// Ends a connection that does not keep up even with the newest states.
  void tooSlow(DoorSocket socket) {
    if (socket.isOpen()) {
      meter().ended(SyncMeter.Ended.SLOW);
      socket.close(Farewell.SLOW_CONSUMER.code(), Farewell.SLOW_CONSUMER.reason());
    }
  }

  SyncDoor.Shared shared() {
    return shared;
  }

  SyncMeter meter() {
    return shared.meter();
  }

  Answering answering() {
    return answering;
  }

  StreamHub streams() {
    return streams;
  }

  RecordFanOut recordFanOut() {
    return recordFanOut;
  }

  EventFanOut fanOut() {
    return fanOut;
  }
}
