// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.freshet.engine.EngineOptions;
import io.freshet.engine.command.Command;
import io.freshet.engine.command.Revision;
import io.freshet.engine.command.Terms;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.guard.Principal;
import io.freshet.engine.stream.StreamOptions;
import io.freshet.engine.stream.StreamState;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.server.gate.DoorBounds;
import io.freshet.server.gate.EngineHost;
import io.freshet.server.net.RawClient;
import io.freshet.server.session.Desk;
import io.freshet.server.session.TrustedProxies;
import io.freshet.server.stream.StreamBounds;
import io.freshet.server.stream.StreamMeter;
import io.freshet.spi.Authenticator;
import io.freshet.spi.Authenticator.Verdict;
import io.freshet.testkit.Eventually;
import io.freshet.testkit.FaultyStore;
import io.freshet.testkit.MemoryStore;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The two routes of Pulse's clients over real sockets, in front of an engine on its own thread
/// whose timers ring when the test says so.
final class PulseHost implements PulseMeter, AutoCloseable {
  static final int PING = 0x9;
  private static final int PONG = 0x8A;
  private static final Principal WRITER = new Principal("writer", JsonObject.empty(), null);

  final FaultyStore store = new FaultyStore(new MemoryStore(InstantSource.system()));

  /// Those that wait for the sign of a name's holder.
  final Queue<Runnable> timers = new ConcurrentLinkedQueue<>();

  final Queue<ErrorCode> refusals = new ConcurrentLinkedQueue<>();
  final Queue<Ended> ends = new ConcurrentLinkedQueue<>();
  final AtomicInteger ignored = new AtomicInteger();
  final AtomicInteger subscriptions = new AtomicInteger();
  private final EngineHost host;
  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
  private final Desk desk;
  private final InetSocketAddress address;

  /// No other timer of the engine has this.
  static final Duration SIGN_WITHIN = Duration.ofMillis(1234);

  /// What can be set.
  record Setting(
      Authenticator authenticator, Guard guard, StreamOptions streams, Duration openWithin) {
    /// Everybody may do everything, and nothing takes too long.
    static final Setting OPEN =
        new Setting(
            attempt -> CompletableFuture.completedStage(accepted()),
            Guard.OPEN,
            new StreamOptions(true, 1000, SIGN_WITHIN),
            Duration.ofMinutes(1));

    Setting judging(Authenticator other) {
      return new Setting(other, guard, streams, openWithin);
    }

    Setting guarded(Guard other) {
      return new Setting(authenticator, other, streams, openWithin);
    }

    Setting streaming(StreamOptions other) {
      return new Setting(authenticator, guard, other, openWithin);
    }

    Setting openWithin(Duration other) {
      return new Setting(authenticator, guard, streams, other);
    }
  }

  static Verdict.Accepted accepted() {
    return new Verdict.Accepted("prisma", JsonObject.empty(), null, null, null);
  }

  PulseHost(Setting setting) {
    host =
        new EngineHost(
            store, setting.guard, this::later, EngineOptions.DEFAULT.withStreams(setting.streams));
    desk = new Desk(host.commands(), blocking, 1);
    var parts =
        new PulseDoor.Parts(
            new PulseOptions(
                PulseModels.NONE,
                new DoorBounds(
                    PulseOptions.HEARTBEAT,
                    PulseOptions.IN_FLIGHT_MAX,
                    PulseOptions.IN_FLIGHT_BYTES_MAX,
                    12 << 20),
                StreamBounds.DEFAULT,
                setting.openWithin),
            host.commands(),
            desk,
            setting.authenticator,
            new TrustedProxies(List.of()),
            EngineHost.connections(),
            System::nanoTime,
            collection -> null);
    address =
        host.open(
            List.of(
                PulseDoor.stream(parts, this, StreamMeter.NONE),
                PulseDoor.subscribe(parts, this, StreamMeter.NONE)),
            List.of());
  }

  private Runnable later(Duration delay, Runnable task) {
    if (!delay.equals(SIGN_WITHIN)) {
      return () -> {};
    }
    timers.add(task);
    return () -> timers.remove(task);
  }

  /// The time is over that the holder of a name has for a sign.
  void passTheTimeForASign() {
    Eventually.holds(() -> timers.size() == 1);
    timers.remove().run();
  }

  // Clients.

  RawClient connect() throws IOException {
    return new RawClient(address);
  }

  /// @param receiveBufferBytes how little the client's socket holds
  RawClient connect(int receiveBufferBytes) throws IOException {
    return new RawClient(address, receiveBufferBytes);
  }

  /// The headers the package sends.
  static String[] headers(String where, @Nullable String name) {
    String stream = name == null ? "{}" : "{\"name\":\"" + name + "\"}";
    return Users.headers(where, stream).stream()
        .map(header -> header.getKey() + ": " + header.getValue())
        .toArray(String[]::new);
  }

  /// What a refused handshake is told.
  Refusal refused(String path, String... headers) throws IOException {
    try (RawClient client = connect()) {
      RawClient.Answer answer = client.upgrade(path, headers);
      var body = (JsonObject) Json.parse(answer.body());
      assertEquals("application/json", answer.header("content-type"));
      return new Refusal(answer, answer.status(), text(body, "code"), text(body, "message"));
    }
  }

  record Refusal(RawClient.Answer answer, int status, String code, String message) {}

  /// A client with a stream.
  RawClient stream(@Nullable String name) throws IOException {
    return open("/stream", headers("", name));
  }

  RawClient open(String path, String... headers) throws IOException {
    RawClient client = connect();
    RawClient.Answer answer = client.upgrade(path, headers);
    assertEquals(101, answer.status(), answer::body);
    return client;
  }

  static String text(JsonObject object, String member) {
    return assertInstanceOf(JsonString.class, object.get(member), object::toString).value();
  }

  /// The ids of the next events; pings on the way are answered.
  static List<String> events(RawClient client, int count) throws IOException {
    var ids = new ArrayList<String>();
    while (ids.size() < count) {
      RawClient.Frame frame = client.read();
      if (frame.opcode() == PING) {
        client.raw(RawClient.frame(PONG, frame.payload()));
      } else {
        ids.add(text((JsonObject) Json.parse(frame.text()), "id"));
      }
    }
    return ids;
  }

  static void acknowledge(RawClient client, String id) throws IOException {
    client.text("{\"type\":\"ack\",\"id\":\"" + id + "\"}");
  }

  // The engine behind.

  private Outcome ask(Function<ReplyTo, Command> command) {
    return desk.ask(WRITER, command).toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }

  void write(int id, String data) {
    var key = new DocumentKey("users", Integer.toString(id));
    var revision = new Revision.Replace(Json.parse(data));
    var terms = new Terms(0L, null, null, null);
    assertInstanceOf(
        Outcome.Committed.class, ask(reply -> new Command.Revise(reply, key, revision, terms)));
  }

  /// New users, one after the other.
  void write(int from, int to) {
    for (int id = from; id < to; id++) {
      write(id, "{\"name\":\"u%d\"}".formatted(id));
    }
  }

  Map<String, StreamState> streams() {
    var all = assertInstanceOf(Outcome.Streams.class, ask(Command.ListStreams::new));
    var named = new HashMap<String, StreamState>();
    all.states().forEach(state -> named.put(String.valueOf(state.name()), state));
    return named;
  }

  /// Where a name's cursor stands.
  String place(String name) {
    return streams().get(name).place().text();
  }

  int open() {
    return host.engine().streams().open();
  }

  void closeSockets() {
    host.closeSockets();
  }

  @Override
  public void close() throws InterruptedException {
    host.close();
    desk.close();
    blocking.shutdownNow();
    assertEquals(0, subscriptions.get());
    assertEquals(0, open());
  }

  // What is counted.

  @Override
  public void refused(ErrorCode code) {
    refusals.add(code);
  }

  @Override
  public void ended(Ended why) {
    ends.add(why);
  }

  @Override
  public void subscriptions(long change) {
    subscriptions.addAndGet((int) change);
  }

  @Override
  public void ignored() {
    ignored.incrementAndGet();
  }

  @Override
  public void mismatched(int values) {}

  @Override
  public void notShown() {}

  @Override
  public void backlog(long change) {}
}
