// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.guard.Guard;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.mutation.Mutations;
import io.freshet.server.gate.DoorBounds;
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
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// The `/ws` door in front of a real engine.
final class SyncHarness extends EngineHarness implements SyncMeter {
  static final DoorBounds BOUNDS = new DoorBounds(Duration.ofSeconds(25), 1024, 2 << 20, 6 << 20);
  static final SyncOptions OPTIONS = options(true, 1000, 100, BOUNDS);

  final Map<ErrorCode, Integer> refusals = new EnumMap<>(ErrorCode.class);
  final List<Ended> ends = new ArrayList<>();
  final SyncDoor door;
  long subscriptions;
  long skipped;
  long backlog;

  SyncHarness() {
    this(OPTIONS, new OpenAuthenticator(), Guard.OPEN);
  }

  SyncHarness(SyncOptions options, Authenticator authenticator, Guard guard) {
    super(guard);
    door =
        new SyncDoor(
            options,
            inbox(),
            new SyncReader(options.limits(), new DocumentIds(new Random(7))),
            authenticator,
            new TrustedProxies(List.of()),
            connections,
            this,
            clock,
            () -> nowNanos);
  }

  static SyncOptions options(
      boolean open, int unauthenticatedMax, int subscriptionsMax, DoorBounds bounds) {
    return new SyncOptions(
        "/ws",
        open,
        Duration.ofSeconds(10),
        unauthenticatedMax,
        3,
        bounds,
        subscriptionsMax,
        new SyncLimits(JsonLimits.DEFAULT, Mutations.OPERATIONS_MAX));
  }

  @Override
  public void refused(ErrorCode code) {
    refusals.merge(code, 1, Integer::sum);
  }

  @Override
  public void ended(Ended why) {
    ends.add(why);
  }

  @Override
  public void subscriptions(long change) {
    subscriptions += change;
  }

  @Override
  public void skipped(long events) {
    skipped += events;
  }

  @Override
  public void backlog(long change) {
    backlog += change;
  }

  /// A connection that has said nothing yet.
  Peer connect() {
    return connect("", List.of());
  }

  Peer connect(String query, List<Map.Entry<String, String>> headers) {
    return new Peer(loops.getFirst().eventLoop(), query, headers);
  }

  /// A client that is logged in; what that sent is taken off.
  Peer client() {
    return client(loops.getFirst());
  }

  Peer client(EmbeddedChannel loop) {
    var peer = new Peer(loop.eventLoop(), "", List.of());
    settle();
    peer.take();
    return peer;
  }

  /// The far end of a WebSocket.
  final class Peer extends FarEnd {
    private final SocketHandler handler;

    Peer(EventLoop eventLoop, String query, List<Map.Entry<String, String>> headers) {
      super(SyncHarness.this, eventLoop);
      this.handler =
          door.open(
              this,
              new Handshake(
                  "/ws?" + query,
                  "/ws",
                  query,
                  "h",
                  Optional.empty(),
                  Optional.empty(),
                  headers,
                  PEER));
    }

    @Override
    protected SocketHandler handler() {
      return handler;
    }

    /// The text of each message.
    @Override
    protected List<String> decoded(ByteBuf frames) {
      var texts = new ArrayList<String>();
      while (frames.isReadable()) {
        int kind = frames.readUnsignedByte();
        int length = frames.readUnsignedByte();
        length =
            length == 126
                ? frames.readUnsignedShort()
                : length == 127 ? (int) frames.readLong() : length;
        String text = frames.readCharSequence(length, StandardCharsets.UTF_8).toString();
        texts.add(kind == 0x81 ? text : "frame of kind " + kind);
      }
      return texts;
    }

    // What a test does.

    /// Sends a message; quotation marks may be single.
    void say(String frame) {
      if (!closed) {
        byte[] text = frame.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        handler.onMessage(MessageKind.TEXT, Unpooled.wrappedBuffer(text));
        readComplete();
      }
    }

    /// Sends, settles and returns what came back.
    List<JsonObject> ask(String frame) {
      say(frame);
      settle();
      return frames();
    }

    /// Sends, settles and returns the one frame that came back.
    JsonObject askOne(String frame) {
      List<JsonObject> all = ask(frame);
      if (all.size() != 1) {
        throw new AssertionError("not one frame: " + all);
      }
      return all.getFirst();
    }

    /// An operation, and the answer to it.
    JsonObject sync(String members) {
      return askOne("{'type':'sync','requestId':'r'," + members + "}");
    }

    /// The document after an operation that succeeds.
    JsonObject done(String members) {
      JsonObject answer = sync(members);
      if (!(answer.get("document") instanceof JsonObject document)) {
        throw new AssertionError("refused: " + answer);
      }
      return document;
    }

    /// The acknowledgement of a subscription.
    JsonObject subscribe(String members) {
      return askOne("{'type':'subscribe'," + members + "}");
    }

    List<JsonObject> frames() {
      return take().stream().map(text -> (JsonObject) Json.parse(text)).toList();
    }

    /// The envelopes of the events that have come, which have to be all that has.
    List<JsonObject> events() {
      var events = new ArrayList<JsonObject>();
      for (JsonObject frame : frames()) {
        if (!text(frame, "type").equals("event")) {
          throw new AssertionError("no event: " + frame);
        }
        events.add((JsonObject) at(frame, "data"));
      }
      return events;
    }

    /// What has come, each event as `operation revision id`.
    List<String> told() {
      return events().stream().map(SyncHarness::told).toList();
    }
  }

  static String told(JsonObject event) {
    return text(event, "metadata", "operation")
        + " "
        + number(event, "metadata", "revision")
        + " "
        + text(event, "metadata", "documentId");
  }

  // Looking into JSON.

  static JsonValue at(JsonValue value, Object... path) {
    JsonValue found = value;
    for (Object step : path) {
      found =
          switch (found) {
            case JsonObject object -> object.get((String) step);
            case JsonArray array -> array.get((Integer) step);
            case null -> null;
            case JsonValue _ -> null;
          };
    }
    return found;
  }

  static String text(JsonValue value, Object... path) {
    return at(value, path) instanceof JsonString text ? text.value() : "no text in " + value;
  }

  static long number(JsonValue value, Object... path) {
    if (at(value, path) instanceof JsonNumber number) {
      return number.longValue();
    }
    throw new AssertionError("no number at " + List.of(path) + " in " + value);
  }

  static JsonValue json(String text) {
    return Json.parse(text.replace('\'', '"'));
  }
}
