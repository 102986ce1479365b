// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.guard.Principal;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonValue;
import io.freshet.server.gate.CommandGate;
import io.freshet.server.gate.Strangers;
import io.freshet.server.net.Connection;
import io.freshet.server.net.MessageKind;
import io.freshet.server.net.WebSocketFrames;
import io.freshet.server.session.Credentials;
import io.freshet.spi.Authenticator.Verdict.Accepted;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One WebSocket of the documents face: takes frames in and passes them on by the state of the
/// login.
///
/// Threading: confined to the connection's event loop.
final class SyncSocket extends SubscriberSocket<SyncSession> implements Strangers.Stranger {
  /// The WebSocket close code of a server that will be back.
  private static final int SERVICE_RESTART = 1012;

  /// Over how long clients are asked to spread, and by how much two in a row differ.
  private static final long RECONNECT_WITHIN_MS = 5_000;

  private static final long RECONNECT_STEP_MS = 1_597;

  private final SyncLoop loop;
  private final SyncLogin login;
  private boolean stranger;

  /// What was sent while the first login was being judged. At most what had been received when
  /// reading stopped.
  private List<Early> early = new ArrayList<>(0);

  private record Early(MessageKind kind, ByteBuf payload) {}

  /// Over the bound on connections that have not logged in, it closes at once, unless another makes
  /// room.
  SyncSocket(Connection connection, SyncLoop loop, Credentials credentials, long nowNanos) {
    super(connection, loop, nowNanos);
    this.loop = loop;
    this.login = new SyncLogin(this, loop, credentials, nowNanos);
    this.stranger = loop.strangers().enter(this);
    if (stranger) {
      login.begin();
    } else {
      loop.meter().ended(SyncMeter.Ended.STRANGERS);
      turnAway();
    }
  }

  @Override
  SyncSession session(Principal principal) {
    return new SyncSession(this, loop, principal);
  }

  // In.

  @Override
  public void onMessage(MessageKind kind, ByteBuf payload) {
    heard();
    if (stranger) {
      loop.strangers().heard(this);
    }
    if (login.isJudging() && session() == null) {
      early.add(new Early(kind, payload.copy()));
      connection().pauseReading();
    } else {
      read(kind, payload);
    }
  }

  /// A login is under way.
  void judging() {
    if (stranger) {
      loop.strangers().judging(this);
    }
  }

  /// The login under way has come to its end: what was sent meanwhile is read now.
  void judged() {
    if (stranger) {
      loop.strangers().await(this);
    }
    if (!early.isEmpty()) {
      List<Early> held = early;
      early = new ArrayList<>(0);
      connection().resumeReading();
      for (Early each : held) {
        read(each.kind, each.payload);
        each.payload.release();
      }
      onReadComplete();
    }
  }

  private void read(MessageKind kind, ByteBuf payload) {
    int bytes = payload.readableBytes();
    JsonValue message;
    try {
      message = parsed(kind, payload, bytes);
    } catch (FreshetException e) {
      FrameNames names = loop.names(payload);
      refuse(names.ref(), names.requestId(), Problem.of(e));
      return;
    }
    if (message instanceof JsonArray frames) {
      int share = bytes / Math.max(1, frames.size());
      for (JsonValue each : frames) {
        frame(each, share);
      }
    } else {
      frame(message, bytes);
    }
  }

  private JsonValue parsed(MessageKind kind, ByteBuf payload, int bytes) {
    if (kind == MessageKind.BINARY) {
      throw new FreshetException(ErrorCode.INVALID_JSON, "Frames are text messages of JSON");
    }
    if (!loop.gate().hasRoom(bytes)) {
      throw CommandGate.overloaded();
    }
    return loop.parse(payload);
  }

  private void frame(JsonValue value, int bytes) {
    if (!isOpen()) {
      return;
    }
    SyncSession present = session();
    switch (loop.shared().frames().read(value)) {
      case ClientFrame.Auth auth -> login.onAuth(auth);
      case ClientFrame.Unreadable(String ref, String requestId, FreshetException why) ->
          refuse(ref, requestId, Problem.of(why));
      case ClientFrame.Ping(String ref) when present == null ->
          send(ServerFrames.pong(loop.output(), ref));
      case ClientFrame.Subscribe subscribe when present == null -> tooEarly(subscribe.ref(), null);
      case ClientFrame.Unsubscribe unsubscribe when present == null ->
          tooEarly(unsubscribe.ref(), null);
      case ClientFrame.Stream stream when present == null -> tooEarly(stream.ref(), null);
      case ClientFrame.StreamAck _ when present == null -> tooEarly(null, null);
      case ClientFrame.StopStream stop when present == null -> tooEarly(stop.ref(), null);
      case ClientFrame.Sync sync when present == null -> tooEarly(null, sync.requestId());
      case ClientFrame.OfRecord record when present == null -> tooEarly(record.ref(), null);
      case ClientFrame.Ping(String ref) -> present.ping(ref);
      case ClientFrame.OfRecord(String ref, RecordAsk ask) ->
          present.records().ask(ref, ask, bytes);
      case ClientFrame.Subscribe subscribe -> present.subscribe(subscribe);
      case ClientFrame.Unsubscribe unsubscribe -> present.unsubscribe(unsubscribe);
      case ClientFrame.Stream(String ref, var wish) -> present.streams().begin(ref, wish);
      case ClientFrame.StreamAck(String streamId, var id) ->
          present.streams().acknowledge(streamId, id);
      case ClientFrame.StopStream stop -> present.stop(stop);
      case ClientFrame.Sync(String requestId, SyncRequest request) ->
          present.ask(requestId, request, bytes);
    }
  }

  private void tooEarly(@Nullable String ref, @Nullable String requestId) {
    refuse(
        ref,
        requestId,
        Problem.of(ErrorCode.UNAUTHENTICATED, "Log in first: {\"type\":\"auth\",\"token\":\"…\"}"));
  }

  @Override
  public void onTick(long nowNanos) {
    super.onTick(nowNanos);
    if (session() == null && isOpen()) {
      login.onTick(nowNanos);
    }
  }

  @Override
  public void onClosed() {
    super.onClosed();
    early.forEach(each -> each.payload.release());
    early = new ArrayList<>(0);
    strangerNoMore();
  }

  /// Every WebSocket client answers by itself, also where a program only listens.
  @Override
  protected void askForSign() {
    ByteBuf ping = allocate(WebSocketFrames.HEADER_BYTES_MAX);
    WebSocketFrames.writePing(ping);
    sendShared(ping, 0);
  }

  /// Clients are told to come back, each at another moment.
  @Override
  public void onStopping() {
    long afterMs = connection().id() * RECONNECT_STEP_MS % RECONNECT_WITHIN_MS;
    close(SERVICE_RESTART, "the server is stopping; reconnectMs=" + afterMs);
  }

  @Override
  protected void silent() {
    loop.meter().ended(SyncMeter.Ended.SILENT);
    close();
  }

  void close(Farewell why) {
    close(why.code(), why.reason());
  }

  // What becomes of the login.

  /// @param mark of the connections, taken before the login was judged
  /// @return false if its user has too many connections; then nothing has happened
  boolean loggedIn(Accepted accepted, long mark, String remoteAddress) {
    SyncSession begun =
        loggedIn(
            accepted,
            mark,
            loop.shared().options().path(),
            remoteAddress,
            ending -> close(Farewell.of(ending)));
    if (begun != null) {
      strangerNoMore();
    }
    return begun != null;
  }

  private void strangerNoMore() {
    if (stranger) {
      stranger = false;
      loop.strangers().leave(this);
    }
  }

  @Override
  public void giveWay() {
    loop.meter().ended(SyncMeter.Ended.STRANGERS);
    strangerNoMore();
    closeForOthers();
  }

  // Out.

  /// Sends one text message.
  void send(JsonOutput text) {
    if (!isOpen()) {
      return;
    }
    int length = text.length();
    ByteBuf out = gather(WebSocketFrames.headerBytes(length) + length);
    WebSocketFrames.writeHeader(out, MessageKind.TEXT, length);
    out.writeBytes(text.bytes(), 0, length);
    gathered();
  }

  /// Answers a frame with an error.
  void refuse(@Nullable String ref, @Nullable String requestId, Problem problem) {
    loop.meter().refused(problem.code());
    if (problem.isFault()) {
      connection().fault();
    }
    send(ServerFrames.error(loop.output(), ref, requestId, problem));
  }
}
