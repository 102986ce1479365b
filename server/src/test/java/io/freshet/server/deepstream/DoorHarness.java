// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.Engine;
import io.freshet.engine.EngineMeter;
import io.freshet.engine.EngineOptions;
import io.freshet.engine.command.Command;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.messaging.LocalBus;
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
import io.freshet.server.net.Connection;
import io.freshet.server.net.Handshake;
import io.freshet.server.net.MessageKind;
import io.freshet.server.net.SocketHandler;
import io.freshet.server.session.Commands;
import io.freshet.server.session.Connections;
import io.freshet.server.session.OpenAuthenticator;
import io.freshet.server.session.Revocations;
import io.freshet.server.session.TrustedProxies;
import io.freshet.spi.Authenticator;
import io.freshet.testkit.FaultyStore;
import io.freshet.testkit.MemoryStore;
import io.freshet.testkit.VirtualClock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

/// A deepstream door in front of a real engine and an in-memory store, whose threads are the test:
/// nothing happens until [#settle], and then everything does.
final class DoorHarness implements DeepstreamMeter {
  static final InetSocketAddress PEER = new InetSocketAddress("127.0.0.1", 4000);

  final FaultyStore store = new FaultyStore(new MemoryStore(VirtualClock.atNoon()));
  final Map<Refusal, Integer> refusals = new EnumMap<>(Refusal.class);
  final ArrayDeque<Runnable> commits = new ArrayDeque<>();
  final ArrayDeque<Runnable> timers = new ArrayDeque<>();
  final List<EmbeddedChannel> loops = new ArrayList<>();
  final Revocations revocations = new Revocations();
  final Connections connections = new Connections(VirtualClock.atNoon(), this::later, revocations);
  final Engine engine;
  final DeepstreamDoor door;
  private long lastId;
  long nowNanos = -5_000_000_000L;
  long subscriptions;
  long backlog;

  /// Whether the engine takes commands.
  boolean inboxOpen = true;

  DoorHarness() {
    this(DeepstreamOptions.DEFAULT, new OpenAuthenticator(), Guard.OPEN);
  }

  DoorHarness(DeepstreamOptions options, Authenticator authenticator, Guard guard) {
    engine =
        new Engine(
            new Engine.Surroundings(
                store,
                new LocalBus("here"),
                guard,
                VirtualClock.atNoon(),
                () -> nowNanos,
                commits::add,
                Runnable::run,
                this::later,
                new Random(1),
                () -> {},
                EngineMeter.NONE),
            EngineOptions.DEFAULT);
    door =
        new DeepstreamDoor(
            options,
            new Inbox(),
            authenticator,
            new TrustedProxies(List.of("127.0.0.1")),
            connections,
            this,
            () -> nowNanos);
    loops.add(new EmbeddedChannel());
  }

  private final class Inbox implements Commands {
    @Override
    public boolean submit(Command command) {
      return inboxOpen && engine.submit(command);
    }

    @Override
    public void wake() {
      engine.wake();
    }
  }

  private Runnable later(Duration delay, Runnable task) {
    timers.add(task);
    return () -> timers.remove(task);
  }

  /// Lets everything happen that can.
  void settle() {
    for (int quiet = 0; quiet < 2; ) {
      int done = engine.turn();
      for (Runnable commit = commits.poll(); commit != null; commit = commits.poll()) {
        commit.run();
        done++;
      }
      for (EmbeddedChannel loop : loops) {
        loop.advanceTimeBy(10, java.util.concurrent.TimeUnit.MILLISECONDS);
        loop.runPendingTasks();
        loop.runScheduledPendingTasks();
      }
      quiet = done == 0 ? quiet + 1 : 0;
    }
  }

  /// Runs every timer of the engine that has been set so far, then settles.
  void timersRing() {
    var due = List.copyOf(timers);
    timers.clear();
    due.forEach(Runnable::run);
    settle();
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

  EmbeddedChannel anotherLoop() {
    var loop = new EmbeddedChannel();
    loops.add(loop);
    return loop;
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
  final class Peer implements Connection {
    final SocketHandler handler;
    private final EventLoop eventLoop;
    private final long id = ++lastId;
    private final ByteBuf queued = Unpooled.buffer();
    private final List<String> received = new ArrayList<>();

    /// Sees every record message as it arrives.
    Consumer<RecordMessage> onRecordMessage = message -> {};

    int sends;
    int messages;
    int flushes;
    boolean closed;
    boolean reading = true;
    boolean writable = true;
    long pendingBytes;

    Peer(EventLoop eventLoop) {
      this(eventLoop, List.of());
    }

    Peer(EventLoop eventLoop, List<Map.Entry<String, String>> headers) {
      this.eventLoop = eventLoop;
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
                  PEER));
    }

    // What a test does.

    void bytes(byte[] payload) {
      if (!closed) {
        handler.onMessage(MessageKind.BINARY, Unpooled.wrappedBuffer(payload));
        readComplete();
      }
    }

    void readComplete() {
      handler.onReadComplete();
      flush();
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

    List<String> take() {
      var taken = List.copyOf(received);
      received.clear();
      return taken;
    }

    void tick(Duration later) {
      nowNanos += later.toNanos();
      handler.onTick(nowNanos);
      flush();
    }

    void setWritable(boolean now) {
      writable = now;
      handler.onWritabilityChanged(now);
    }

    /// The far end goes away.
    void disconnect() {
      closed = true;
      handler.onClosed();
    }

    // What the server does.

    @Override
    public long id() {
      return id;
    }

    @Override
    public InetSocketAddress remoteAddress() {
      return PEER;
    }

    @Override
    public EventLoop eventLoop() {
      return eventLoop;
    }

    @Override
    public ByteBufAllocator allocator() {
      return UnpooledByteBufAllocator.DEFAULT;
    }

    @Override
    public void send(ByteBuf frames, int count) {
      if (closed) {
        frames.release();
        return;
      }
      sends++;
      messages += count;
      pendingBytes += writable ? 0 : frames.readableBytes();
      queued.writeBytes(frames);
      frames.release();
    }

    @Override
    public boolean isOpen() {
      return !closed;
    }

    @Override
    public void flush() {
      flushes++;
      received.addAll(DecodedFrames.of(queued, onRecordMessage));
      queued.clear();
    }

    @Override
    public void close() {
      flush();
      if (!closed) {
        closed = true;
        eventLoop.execute(handler::onClosed);
      }
    }

    @Override
    public void close(int code, String reason) {
      close();
    }

    @Override
    public void pauseReading() {
      reading = false;
    }

    @Override
    public void resumeReading() {
      reading = true;
    }

    @Override
    public boolean writable() {
      return writable;
    }

    @Override
    public long pendingBytes() {
      return pendingBytes;
    }
  }
}
