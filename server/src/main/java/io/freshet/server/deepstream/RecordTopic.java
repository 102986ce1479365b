// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.command.Command;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.server.deepstream.DeepstreamMeter.Refusal;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import io.freshet.server.deepstream.wire.Topic;
import io.freshet.server.deepstream.wire.WireReader;
import io.freshet.server.gate.CommandGate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Topic RECORD: messages become commands, each with the reply that will answer it (protocol
/// reference, sections 7 and 8).
///
/// What can be refused without knowing any state is refused here; everything else is answered in
/// the order of the engine's feed.
///
/// Threading: confined to one event loop.
final class RecordTopic implements TopicHandler {
  /// Names per command: a message with more is split, so that the states it asks for arrive in
  /// portions and a slow reader holds up the rest.
  private static final int NAMES_PER_WATCH = 64;

  /// Names in a message that cannot be answered in portions.
  private static final int NAMES_MAX = 10_000;

  private final DeepstreamLoop loop;

  RecordTopic(DeepstreamLoop loop) {
    this.loop = loop;
  }

  @Override
  public void onMessage(DeepstreamSession session, WireReader body) {
    int bytes = body.remaining();
    RecordMessage message = RecordMessage.decode(body, loop.nameCache());
    RecordAction action = RecordAction.of(message.actionNumber());
    loop.traffic().received(Topic.RECORD, message.actionNumber());
    if (action == null) {
      session.refused(Refusal.UNKNOWN);
      return;
    }
    var request = new RecordRequest(session, action, message, bytes);
    switch (action) {
      case UPDATE, CREATEANDUPDATE, PATCH, CREATEANDPATCH, ERASE, PATCH_MULTI -> write(request);
      case READ, HEAD -> read(request);
      case HEAD_BULK -> headBulk(request);
      case DELETE -> delete(request);
      case SUBSCRIBECREATEANDREAD, SUBSCRIBEANDREAD, SUBSCRIBEANDHEAD, SUBSCRIBE ->
          subscribe(request);
      case UNSUBSCRIBE -> unsubscribe(request);
      case NOTIFY -> notifyOf(request);
      case LISTEN, UNLISTEN, LISTEN_ACCEPT, LISTEN_REJECT -> listen(request);
      case READ_RESPONSE,
          HEAD_RESPONSE,
          HEAD_RESPONSE_BULK,
          DELETE_SUCCESS,
          DELETED,
          WRITE_ACKNOWLEDGEMENT,
          SUBSCRIPTION_HAS_PROVIDER,
          SUBSCRIPTION_HAS_NO_PROVIDER,
          SUBSCRIPTION_FOR_PATTERN_FOUND,
          SUBSCRIPTION_FOR_PATTERN_REMOVED,
          VERSION_EXISTS,
          RECORD_LOAD_ERROR,
          RECORD_UPDATE_ERROR,
          RECORD_DELETE_ERROR,
          RECORD_NOT_FOUND,
          INVALID_VERSION,
          INVALID_LISTEN_REGEX,
          LISTEN_RESPONSE_TIMEOUT,
          RECORD_NOTIFY_ERROR,
          MESSAGE_PERMISSION_ERROR,
          MESSAGE_DENIED,
          INVALID_MESSAGE_DATA,
          MULTIPLE_SUBSCRIPTIONS,
          NOT_SUBSCRIBED ->
          session.refused(Refusal.UNKNOWN);
    }
  }

  private void write(RecordRequest request) {
    if (!loop.gate().hasRoom(request.bytes())) {
      request.refuse(RecordAction.RECORD_UPDATE_ERROR, CommandGate.overloaded());
      return;
    }
    try {
      RecordWrite write = RecordWrite.of(request, loop.options());
      var reply = new WriteReply(request, write.key(), write.data());
      request.session().submit(write.command(reply), reply);
    } catch (FreshetException e) {
      request.refuse(RecordAction.INVALID_MESSAGE_DATA, e);
    }
  }

  private void read(RecordRequest request) {
    DocumentKey key = request.key();
    if (key != null) {
      var reply =
          new ReadReply(
              request.session(),
              request.bytes(),
              request.action(),
              request.name(),
              request.message().correlationId());
      request.session().submit(new Command.Read(reply, key), reply);
    }
  }

  private void headBulk(RecordRequest request) {
    if (request.names().size() > NAMES_MAX) {
      request.refuse(RecordAction.RECORD_LOAD_ERROR, tooManyNames());
      return;
    }
    var keys = new ArrayList<DocumentKey>();
    for (String name : request.names()) {
      DocumentKey key = request.key(name, RecordAction.INVALID_MESSAGE_DATA);
      if (key != null) {
        keys.add(key);
      }
    }
    var bulk = new HeadBulk(request.session(), keys.size(), request.message().correlationId());
    for (DocumentKey key : keys) {
      Reply reply = bulk.reply(key.recordName(), request.bytes() / keys.size());
      request.session().submit(new Command.Read(reply, key), reply);
    }
  }

  private void delete(RecordRequest request) {
    DocumentKey key = request.key();
    if (key != null) {
      var reply = new DeleteReply(request.session(), request.bytes(), request.name());
      request.session().submit(new Command.Delete(reply, key), reply);
    }
  }

  private void subscribe(RecordRequest request) {
    DeepstreamSession session = request.session();
    var wanted = new ArrayList<Subscription<DocumentKey>>();
    var seen = new HashSet<DocumentKey>();
    for (String name : request.names()) {
      if (!session.socket().isOpen()) {
        break; // by the refusals of the names so far
      }
      DocumentKey key = request.key(name, RecordAction.MESSAGE_DENIED);
      if (key == null) {
        continue;
      }
      Subscription<DocumentKey> present = session.records().find(key);
      if (present != null) {
        request.answer(RecordAction.MULTIPLE_SUBSCRIPTIONS, name);
      } else if (session.isFull()) {
        request.refuse(name, session.tooManySubscriptions());
        continue;
      }
      if (seen.add(key)) {
        wanted.add(present == null ? session.records().add(key) : present);
      }
    }
    watch(request, wanted);
  }

  private static FreshetException tooManyNames() {
    return new FreshetException(
        ErrorCode.LIMIT_REACHED, "Name at most " + NAMES_MAX + " records in one message");
  }

  private static void watch(RecordRequest request, List<Subscription<DocumentKey>> wanted) {
    var ack = new WatchReply.BulkAck();
    var replies = new ArrayList<WatchReply>();
    for (int from = 0; from < wanted.size(); from += NAMES_PER_WATCH) {
      int to = Math.min(from + NAMES_PER_WATCH, wanted.size());
      replies.add(
          new WatchReply(
              request.session(),
              request.bytes() / wanted.size() * (to - from),
              request.action(),
              List.copyOf(wanted.subList(from, to)),
              request.message().correlationId(),
              ack));
    }
    boolean open = request.action() == RecordAction.SUBSCRIBECREATEANDREAD;
    for (WatchReply reply : replies) {
      request.session().submit(new Command.Watch(reply, reply.keys(), open), reply);
    }
  }

  /// Acknowledged at once: nothing is sent for the records any more from here on. A name that is
  /// not watched is reported in the form with one name only, as the original does.
  private static void unsubscribe(RecordRequest request) {
    DeepstreamSession session = request.session();
    var keys = new ArrayList<DocumentKey>();
    for (String name : request.names()) {
      DocumentKey key = RecordRequest.keyOrNull(name);
      Subscription<DocumentKey> subscription = key == null ? null : session.records().find(key);
      if (subscription != null) {
        session.records().end(subscription);
        keys.add(subscription.key);
      } else if (request.message().names().isEmpty()) {
        request.answer(RecordAction.NOT_SUBSCRIBED, name);
      }
    }
    if (!keys.isEmpty()) {
      session.submit(new Command.Unwatch(session, keys));
    }
    @Nullable String correlationId = request.message().correlationId();
    session.send(
        RecordMessage.of(RecordAction.UNSUBSCRIBE)
            .correlationId(correlationId)
            .name(correlationId == null ? request.message().name() : null)
            .ack());
  }

  private static void notifyOf(RecordRequest request) {
    if (request.names().size() > NAMES_MAX) {
      request.refuse(RecordAction.RECORD_NOTIFY_ERROR, tooManyNames());
      return;
    }
    var keys = new ArrayList<DocumentKey>();
    for (String name : request.names()) {
      DocumentKey key = request.key(name, RecordAction.RECORD_NOTIFY_ERROR);
      if (key == null) {
        return;
      }
      keys.add(key);
    }
    var reply =
        new NotifyReply(
            request.session(), request.bytes(), request.names(), request.message().correlationId());
    request.session().submit(new Command.Refresh(reply, keys), reply);
  }

  private static void listen(RecordRequest request) {
    RecordMessage message = request.message();
    try {
      new ListenRequest(
              request.session(),
              ListenTerms.RECORD,
              request.action(),
              message.name(),
              message.subscription(),
              message.correlationId(),
              request.bytes())
          .submit();
    } catch (FreshetException e) {
      request.refuse(RecordAction.INVALID_MESSAGE_DATA, e);
    }
  }
}
