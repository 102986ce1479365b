// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.command.Command;
import io.freshet.engine.guard.Principal;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.server.deepstream.DeepstreamMeter.Refusal;
import io.freshet.server.deepstream.wire.Message;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.Topic;
import io.freshet.server.gate.DoorSession;
import java.util.List;

/// A logged-in connection and what it is subscribed to.
///
/// Threading: confined to the connection's event loop, except what its superclass says.
final class DeepstreamSession extends DoorSession {

  private final DeepstreamSocket socket;
  private final DeepstreamLoop loop;
  private final boolean patchMulti;

  private final Subscriptions<DocumentKey> records;
  private final Subscriptions<String> events;
  private final Subscriptions<String> procedures;
  private final Subscriptions<String> users;

  /// The last [Batch] that this session has caused part of.
  int causeMark;

  DeepstreamSession(
      DeepstreamSocket socket, DeepstreamLoop loop, Principal principal, boolean patchMulti) {
    super(socket, loop, principal);
    this.socket = socket;
    this.loop = loop;
    this.patchMulti = patchMulti;
    this.records = new Subscriptions<>(this, loop.watchers());
    this.events = new Subscriptions<>(this, loop.eventSubscribers());
    this.procedures = new Subscriptions<>(this, loop.providers());
    this.users = new Subscriptions<>(this, loop.presenceSubscribers());
  }

  @Override
  public DeepstreamSocket socket() {
    return socket;
  }

  DeepstreamLoop loop() {
    return loop;
  }

  boolean understandsPatchMulti() {
    return patchMulti;
  }

  /// Something it asked for is not done.
  void refused(Refusal why) {
    loop.meter().refused(why);
    if (Refusals.isFault(why) && !isClosed()) {
      socket.connection().fault();
    }
  }

  /// Sends one message.
  void send(Message message) {
    if (!isClosed()) {
      message.writeTo(loop.writer());
      socket.send(message.topic(), message.actionNumber(), loop.writer());
    }
  }

  /// Sends the state of a record.
  void sendState(Document document) {
    socket.send(loop.readResponses().frame(document, loop.writer()));
    loop.traffic().sent(Topic.RECORD, RecordAction.READ_RESPONSE.number(), 1);
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

  @Override
  public void leave() {
    super.leave();
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
