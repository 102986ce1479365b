// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.feed.Outcome;
import io.freshet.engine.guard.Principal;
import io.freshet.protocol.EventId;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.server.gate.DoorReply;
import io.freshet.server.stream.StreamSink;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A logged-in WebSocket of the documents face.
///
/// Threading: confined to the connection's event loop, except what its superclass says.
final class SyncSession extends Subscriber {
  private final SyncSocket socket;

  /// Pings to be answered behind what is being caught up with.
  private final List<Pong> owed = new ArrayList<>(0);

  private record Pong(@Nullable String ref) {}

  private final SessionRecords records = new SessionRecords(this);

  SyncSession(SyncSocket socket, SyncLoop loop, Principal principal) {
    super(socket, loop, principal, Transport.WEB_SOCKET);
    this.socket = socket;
  }

  // Operations.

  void ask(String requestId, SyncRequest request, int bytes) {
    var reply = new ResultReply(requestId, request, bytes);
    submit(request.command(reply), reply);
  }

  private final class ResultReply extends DoorReply {
    private final String requestId;
    private final SyncRequest request;

    ResultReply(String requestId, SyncRequest request, int bytes) {
      super(SyncSession.this, bytes);
      this.requestId = requestId;
      this.request = request;
    }

    @Override
    protected void answer(Outcome outcome) {
      if (isClosed()) {
        return;
      }
      SyncAnswer answer = loop().answering().answer(request, outcome);
      Problem refusal = answer.problem();
      if (refusal == null) {
        socket.send(ServerFrames.result(loop().output(), requestId, answer));
      } else {
        socket.refuse(null, requestId, refusal);
      }
    }
  }

  /// Answered behind all that its subscriptions are still to be sent from before.
  void ping(@Nullable String ref) {
    if (isJoining()) {
      owed.add(new Pong(ref));
    } else {
      socket.send(ServerFrames.pong(loop().output(), ref));
    }
  }

  // Records.

  SessionRecords records() {
    return records;
  }

  /// Sends one frame.
  void tell(Consumer<JsonOutput> writer) {
    if (!isClosed()) {
      JsonOutput out = loop().output();
      writer.accept(out);
      socket.send(out);
    }
  }

  @Override
  public void leave() {
    super.leave();
    records.leave();
  }

  // Streams.

  @Override
  StreamSink sink(String streamId, @Nullable String ref, RowForm form) {
    return new SocketSink(socket, loop(), streamId, ref, form, () -> streams().over(streamId));
  }

  void stop(ClientFrame.StopStream asked) {
    if (!streams().stop(asked.streamId(), asked.ref())) {
      refused(
          asked.ref(), Problem.of(ErrorCode.NOT_FOUND, "This connection has no stream of that id"));
    }
  }

  // Subscriptions.

  @Override
  void caughtUp() {
    for (Pong each : owed) {
      socket.send(ServerFrames.pong(loop().output(), each.ref));
    }
    owed.clear();
  }

  @Override
  void joined(Subscription subscription, List<EventId> position, @Nullable Boolean recovered) {
    socket.send(ServerFrames.subscribed(loop().output(), subscription, position, recovered));
  }

  @Override
  void refused(@Nullable String ref, Problem why) {
    socket.refuse(ref, null, why);
  }

  @Override
  void ended(Subscription subscription, Problem why) {
    loop().meter().refused(why.code());
    socket.send(ServerFrames.ended(loop().output(), subscription, why));
  }

  void unsubscribe(ClientFrame.Unsubscribe asked) {
    String id = asked.subscriptionId();
    if (unsubscribe(id)) {
      socket.send(ServerFrames.unsubscribed(loop().output(), id, asked.ref()));
    } else {
      refused(
          asked.ref(),
          Problem.of(ErrorCode.NOT_FOUND, "This connection has no subscription of that id"));
    }
  }
}
