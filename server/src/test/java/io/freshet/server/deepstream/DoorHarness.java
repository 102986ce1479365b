// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.guard.Guard;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.json.Json;
import io.freshet.server.deepstream.wire.AuthAction;
import io.freshet.server.deepstream.wire.ConnectionAction;
import io.freshet.server.deepstream.wire.ConnectionMessage;
import io.freshet.server.deepstream.wire.DecodedFrames;
import io.freshet.server.deepstream.wire.FrameWriter;
import io.freshet.server.deepstream.wire.Message;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import io.freshet.server.deepstream.wire.Topic;
import io.freshet.server.gate.EngineHarness;
import io.freshet.server.gate.FarEnd;
import io.freshet.server.net.Handshake;
import io.freshet.server.net.MessageKind;
import io.freshet.server.net.SocketHandler;
import io.freshet.server.session.OpenAuthenticator;
import io.freshet.server.session.TrustedProxies;
import io.freshet.spi.Authenticator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// A deepstream door in front of a real engine.
final class DoorHarness extends EngineHarness implements DeepstreamMeter {
  final Map<Refusal, Integer> refusals = new EnumMap<>(Refusal.class);
  final DeepstreamDoor door;
  long subscriptions;
  long backlog;

  DoorHarness() {
    this(DeepstreamOptions.DEFAULT, new OpenAuthenticator(), Guard.OPEN);
  }

  DoorHarness(DeepstreamOptions options, Authenticator authenticator, Guard guard) {
    super(guard);
    door =
        new DeepstreamDoor(
            options,
            inbox(),
            authenticator,
            new TrustedProxies(List.of("127.0.0.1")),
            connections,
            this,
            () -> nowNanos);
  }

  /// A connection that has said nothing yet.
  Peer connect() {
    return connect(loops.getFirst());
  }

  Peer connect(Map.Entry<String, String> header) {
    return new Peer(loops.getFirst().eventLoop(), List.of(header));
  }

  Peer connect(EmbeddedChannel loop) {
    return new Peer(loop.eventLoop());
  }

  /// A client that has logged in; what that sent is taken off.
  Peer client(String sdkVersion) {
    return client(sdkVersion, loops.getFirst());
  }

  Peer client() {
    return client("7.0.5");
  }

  /// A client of this user.
  Peer user(String name) {
    Peer peer = connect();
    peer.challenge("7.0.5");
    peer.login("{\"username\":\"" + name + "\"}");
    settle();
    peer.take();
    return peer;
  }

  Peer client(String sdkVersion, EmbeddedChannel loop) {
    Peer peer = connect(loop);
    peer.challenge(sdkVersion);
    peer.login("{\"username\":\"u\"}");
    settle();
    peer.take();
    return peer;
  }

  int count(Refusal kind) {
    return refusals.getOrDefault(kind, 0);
  }

  @Override
  public void refused(Refusal kind) {
    refusals.merge(kind, 1, Integer::sum);
  }

  @Override
  public void subscriptions(long change) {
    subscriptions += change;
  }

  @Override
  public void backlog(long change) {
    backlog += change;
  }

  static DocumentKey key(String name) {
    return DocumentKey.ofRecordName(name);
  }

  static RecordMessage message(RecordAction action, String name) {
    return RecordMessage.of(action).name(name);
  }

  /// The far end of a connection: sends messages and keeps what it was sent.
  final class Peer extends FarEnd {
    final SocketHandler handler;

    /// Sees every record message as it arrives.
    Consumer<RecordMessage> onRecordMessage = message -> {};

    Peer(EventLoop eventLoop) {
      this(eventLoop, List.of());
    }

    Peer(EventLoop eventLoop, List<Map.Entry<String, String>> headers) {
      super(DoorHarness.this, eventLoop);
      this.handler =
          door.open(
              this,
              new Handshake(
                  "/deepstream",
                  "/deepstream",
                  "",
                  "h",
                  Optional.empty(),
                  Optional.empty(),
                  headers,
                  PEER,
                  null));
    }

    // What a test does.

    void bytes(byte[] payload) {
      if (!closed) {
        handler.onMessage(MessageKind.BINARY, Unpooled.wrappedBuffer(payload));
        readComplete();
      }
    }

    /// Several messages that arrive together.
    void burst(Message... burst) {
      for (Message each : burst) {
        var out = new FrameWriter();
        each.writeTo(out);
        handler.onMessage(MessageKind.BINARY, Unpooled.wrappedBuffer(DecodedFrames.payload(out)));
      }
      readComplete();
    }

    Peer send(Message message) {
      burst(message);
      return this;
    }

    /// Sends, settles and returns what came back.
    List<String> ask(Message message) {
      send(message);
      settle();
      return take();
    }

    void connection(int action) {
      var out = new FrameWriter();
      ConnectionMessage.of(action).writeTo(out);
      bytes(DecodedFrames.payload(out));
    }

    void challenge(String sdkVersion) {
      var out = new FrameWriter();
      new ConnectionMessage(ConnectionAction.CHALLENGE, "u", "0.1a", sdkVersion, "javascript")
          .writeTo(out);
      bytes(DecodedFrames.payload(out));
    }

    void login(String json) {
      auth(AuthAction.REQUEST, json);
    }

    void auth(int action, String json) {
      var out = new FrameWriter();
      out.begin().number(1, action);
      if (json != null) {
        out.text(2, json);
      }
      out.end(Topic.AUTH);
      bytes(DecodedFrames.payload(out));
    }

    List<String> subscribe(String name) {
      return ask(
          RecordMessage.of(RecordAction.SUBSCRIBECREATEANDREAD)
              .names(List.of(name))
              .correlationId("0"));
    }

    List<String> patch(String name, String path, String json, int version) {
      return ask(
          message(RecordAction.PATCH, name).path(path).data(Json.parse(json)).version(version));
    }

    List<String> update(String name, String json, int version) {
      return ask(message(RecordAction.UPDATE, name).data(Json.parse(json)).version(version));
    }

    List<String> create(String name, String json) {
      return ask(message(RecordAction.CREATEANDUPDATE, name).data(Json.parse(json)).version(-1));
    }

    @Override
    protected SocketHandler handler() {
      return handler;
    }

    @Override
    protected List<String> decoded(ByteBuf frames) {
      return DecodedFrames.of(frames, onRecordMessage);
    }
  }
}
