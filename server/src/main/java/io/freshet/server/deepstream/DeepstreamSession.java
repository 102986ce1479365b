// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.Outlet;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.Principal;
import io.freshet.protocol.DocumentKey;
import io.freshet.server.deepstream.wire.RecordMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A logged-in connection: what it watches, and its commands on their way to the engine in the
/// order they came.
///
/// A command waits here while the engine's inbox is full, while too many commands of this session
/// are under way, or while its client does not take the answers it already has. Then the socket is
/// not read, so what waits is at most what had been received already.
///
/// Threading: confined to the connection's event loop, except what [Session] declares.
final class DeepstreamSession implements Session {

  private final DeepstreamSocket socket;
  private final DeepstreamLoop loop;
  private final Principal principal;
  private final boolean patchMulti;

  /// By key; empty for most of a session's time before its first subscription.
  private Map<DocumentKey, Subscription> subscriptions = Map.of();

  private @Nullable ArrayDeque<Waiting> waiting;
  private int inFlight;
  private int inFlightBytes;
  private boolean paused;
  private boolean stalled;
  private boolean closed;

  /// The delivery in which this session last wrote something others are told ([DeepstreamLoop]).
  int wroteMark;

  private record Waiting(Command command, @Nullable Reply reply) {}

  DeepstreamSession(
      DeepstreamSocket socket, DeepstreamLoop loop, Principal principal, boolean patchMulti) {
    this.socket = socket;
    this.loop = loop;
    this.principal = principal;
    this.patchMulti = patchMulti;
  }

  @Override
  public Principal principal() {
    return principal;
  }

  @Override
  public Outlet outlet() {
    return loop;
  }

  DeepstreamSocket socket() {
    return socket;
  }

  DeepstreamLoop loop() {
    return loop;
  }

  boolean understandsPatchMulti() {
    return patchMulti;
  }

  /// Whether its socket is not being read.
  boolean isPaused() {
    return paused;
  }

  boolean isClosed() {
    return closed;
  }

  /// Sends one message.
  void send(RecordMessage message) {
    if (!closed) {
      message.writeTo(loop.writer());
      socket.send(loop.writer());
    }
  }

  // Commands.

  /// Passes a command that will be answered.
  void submit(Command command, Reply reply) {
    enqueue(new Waiting(command, reply));
  }

  /// Passes a command that is not answered.
  void submit(Command command) {
    enqueue(new Waiting(command, null));
  }

  private void enqueue(Waiting next) {
    if (waiting == null && !isHeld() && pass(next)) {
      updateReading();
      return;
    }
    if (waiting == null) {
      waiting = new ArrayDeque<>();
    }
    waiting.add(next);
    updateReading();
  }

  private boolean pass(Waiting next) {
    if (!loop.submit(next.command)) {
      if (!stalled) {
        stalled = true;
        loop.stall(this);
      }
      return false;
    }
    if (next.reply != null) {
      inFlight++;
      inFlightBytes += next.reply.bytes();
      loop.addInFlightBytes(next.reply.bytes());
    }
    return true;
  }

  private boolean isHeld() {
    return !socket.isWritable()
        || inFlight > 0
            && (inFlight >= loop.options().inFlightMax()
                || inFlightBytes > loop.options().inFlightBytesMax()
                || loop.isOverInFlightBytes());
  }

  /// Passes what waits, as far as it may.
  void drain() {
    ArrayDeque<Waiting> queue = waiting;
    while (queue != null && !isHeld()) {
      if (!pass(queue.element())) {
        break;
      }
      queue.remove();
      if (queue.isEmpty()) {
        queue = null;
        waiting = null;
      }
    }
    updateReading();
  }

  /// The engine's inbox may have room again.
  void retry() {
    stalled = false;
    if (!closed) {
      drain();
    }
  }

  /// An answer has arrived.
  void answered(int bytes) {
    inFlight--;
    inFlightBytes -= bytes;
    loop.addInFlightBytes(-bytes);
    if (!closed && (waiting != null || paused)) {
      drain();
    }
  }

  private void updateReading() {
    boolean pause = waiting != null || isHeld();
    if (pause != paused && !closed) {
      paused = pause;
      if (pause) {
        socket.pauseReading();
      } else {
        socket.resumeReading();
      }
    }
  }

  // What it watches.

  int subscriptionCount() {
    return subscriptions.size();
  }

  @Nullable Subscription subscription(DocumentKey key) {
    return subscriptions.get(key);
  }

  /// Whether changes of the document are sent to this session.
  boolean watches(DocumentKey key) {
    Subscription subscription = subscriptions.get(key);
    return subscription != null && subscription.isActive();
  }

  /// A new subscription, not active yet.
  Subscription subscribe(DocumentKey key) {
    var subscription = new Subscription(this, key);
    if (subscriptions.isEmpty()) {
      subscriptions = new HashMap<>(2);
    }
    subscriptions.put(key, subscription);
    loop.meter().subscriptions(1);
    return subscription;
  }

  /// Ends it, active or not.
  void unsubscribe(Subscription subscription) {
    subscription.over = true;
    loop.watchIndex().remove(subscription);
    forget(subscription);
  }

  /// The record was deleted, or could not be watched. What is still to be answered stays wanted.
  void dropped(Subscription subscription) {
    loop.watchIndex().remove(subscription);
    if (subscription.unanswered == 0) {
      forget(subscription);
    }
  }

  private void forget(Subscription subscription) {
    if (subscriptions.remove(subscription.key, subscription)) {
      loop.meter().subscriptions(-1);
    }
  }

  /// The connection is gone.
  void leave() {
    closed = true;
    waiting = null;
    Collection<Subscription> all = subscriptions.values();
    var keys = new ArrayList<DocumentKey>(all.size());
    for (Subscription subscription : all) {
      subscription.over = true;
      loop.watchIndex().remove(subscription);
      keys.add(subscription.key);
    }
    loop.meter().subscriptions(-keys.size());
    subscriptions = Map.of();
    if (!keys.isEmpty()) {
      loop.submitSurely(new Command.Unwatch(this, List.copyOf(keys)));
    }
    loop.submitSurely(new Command.Leave(this));
  }
}
