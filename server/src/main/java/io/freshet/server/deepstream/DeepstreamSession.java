// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.Outlet;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.Principal;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.server.deepstream.wire.Message;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.Topic;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A logged-in connection: what it is subscribed to, and its commands on their way to the engine in
/// the order they came.
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

  private final Subscriptions<DocumentKey> records;
  private final Subscriptions<String> events;
  private final Subscriptions<String> procedures;
  private final Subscriptions<String> users;

  private @Nullable ArrayDeque<Waiting> waiting;
  private int inFlight;
  private int inFlightBytes;
  private boolean paused;
  private boolean stalled;
  private boolean closed;

  /// The last [Batch] that this session has caused part of.
  int causeMark;

  private record Waiting(Command command, @Nullable Reply reply) {}

  DeepstreamSession(
      DeepstreamSocket socket, DeepstreamLoop loop, Principal principal, boolean patchMulti) {
    this.socket = socket;
    this.loop = loop;
    this.principal = principal;
    this.patchMulti = patchMulti;
    this.records = new Subscriptions<>(this, loop.watchers());
    this.events = new Subscriptions<>(this, loop.eventSubscribers());
    this.procedures = new Subscriptions<>(this, loop.providers());
    this.users = new Subscriptions<>(this, loop.presenceSubscribers());
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
  void send(Message message) {
    if (!closed) {
      message.writeTo(loop.writer());
      socket.send(message.topic(), message.actionNumber(), loop.writer());
    }
  }

  /// Sends the state of a record.
  void sendState(Document document) {
    socket.send(loop.readResponses().frame(document, loop.writer()));
    loop.traffic().sent(Topic.RECORD, RecordAction.READ_RESPONSE.number(), 1);
  }

  // Commands.

  /// Passes a command that will be answered.
  void submit(Command command, Reply reply) {
    loop.gate().addBytes(reply.bytes());
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
    loop.gate().addBytes(-bytes);
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

  // What it is subscribed to.

  /// Records it watches.
  Subscriptions<DocumentKey> records() {
    return records;
  }

  Subscriptions<String> events() {
    return events;
  }

  /// Procedures it provides.
  Subscriptions<String> procedures() {
    return procedures;
  }

  /// Users whose presence it is told of.
  Subscriptions<String> users() {
    return users;
  }

  /// Whether changes of the document are sent to this session.
  boolean watches(DocumentKey key) {
    return records.isActive(key);
  }

  /// Whether it may subscribe to nothing more.
  boolean isFull() {
    return records.size() + events.size() + procedures.size() + users.size()
        >= loop.options().subscriptionsMax();
  }

  FreshetException tooManySubscriptions() {
    return new FreshetException(
        ErrorCode.LIMIT_REACHED,
        "A connection may hold at most "
            + loop.options().subscriptionsMax()
            + " subscriptions to records, events and users and provided procedures");
  }

  private void forgetWaiting() {
    if (waiting != null) {
      for (Waiting each : waiting) {
        loop.gate().addBytes(each.reply == null ? 0 : -each.reply.bytes());
      }
      waiting = null;
    }
  }

  /// The connection is gone.
  void leave() {
    closed = true;
    forgetWaiting();
    events.endAll();
    procedures.endAll();
    users.endAll();
    List<DocumentKey> keys = records.endAll();
    if (!keys.isEmpty()) {
      loop.submitSurely(new Command.Unwatch(this, keys));
    }
    loop.submitSurely(new Command.Leave(this));
  }
}
