// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.net.http.HttpClient;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The parts of one client, and who is told of what the server says.
///
/// Threading: any thread, except what [Connection.Owner] and [Line] declare.
final class ClientCore implements Connection.Owner, Line, Operations {
  private static final Duration GOODBYE_MAX = Duration.ofSeconds(2);
  private static final int CLIENT_ID_CHARACTERS = 16;

  private final HttpClient http =
      HttpClient.newBuilder().executor(Executors.newVirtualThreadPerTaskExecutor()).build();

  private final CopyOnWriteArrayList<Consumer<ConnectionEvent>> stateListeners =
      new CopyOnWriteArrayList<>();
  private final CopyOnWriteArrayList<Consumer<FreshetClientException>> errorListeners =
      new CopyOnWriteArrayList<>();

  private final Hub hub;
  private final Mapper mapper;
  private final Connection connection;
  private final Requests requests;
  private final Topics topics;
  private final Streams streams;
  private final Records records;
  private final boolean isQueuing;

  /// Request ids must differ from those of all other clients of the same user.
  private final String clientId = RandomText.of(new SecureRandom(), CLIENT_ID_CHARACTERS);

  /// Guarded by the hub's lock.
  private long order;

  private volatile boolean isClosed;

  ClientCore(FreshetClient.Builder options) {
    this.hub = new Hub(new SystemTiming(), options.callbacksMax, this::pump, this::failed);
    this.mapper = new Mapper(options.mapping);
    this.isQueuing = options.isQueuing;
    Connection.Settings settings = options.connection();
    this.connection =
        new Connection(
            hub,
            owner -> new Link(hub, http, settings.address(), settings.timeout(), owner),
            settings,
            this);
    this.requests = new Requests(hub, options.queue(), this);
    this.topics = new Topics(hub, mapper, options.backoff(), this);
    this.streams = new Streams(hub, mapper, options.backoff(), this);
    this.records = new Records(hub, mapper, options.queue(), options.backoff(), this);
  }

  private void pump() {
    // Null only while the parts are being made.
    if (connection != null) {
      connection.pump();
    }
  }

  // The program's.

  ConnectionState state() {
    return connection.state();
  }

  void begin() {
    hub.locked(connection::begin);
  }

  CompletableFuture<Void> connect() {
    requireOpen();
    return hub.locked(connection::connect);
  }

  void disconnect() {
    hub.locked(() -> {
      streams.flush();
      connection.disconnect();
    });
  }

  void close() {
    isClosed = true;
    disconnect();
    hub.locked(records::close);
    hub.close();
    http.shutdown();
    try {
      if (!http.awaitTermination(GOODBYE_MAX)) {
        http.shutdownNow();
      }
    } catch (InterruptedException e) {
      http.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  void onState(Consumer<ConnectionEvent> listener) {
    stateListeners.add(listener);
  }

  void onError(Consumer<FreshetClientException> listener) {
    errorListeners.add(listener);
  }

  Topics topics() {
    return topics;
  }

  Streams streams() {
    return streams;
  }

  Records records() {
    return records;
  }

  // Operations.

  @Override
  public Mapper mapper() {
    return mapper;
  }

  @Override
  public void start(Runnable task) {
    hub.start(task);
  }

  @Override
  public CompletableFuture<Frame> read(String op, Consumer<FrameText> members) {
    return call(op, false, null, members);
  }

  @Override
  public CompletableFuture<Frame> write(
      String op, WriteOptions options, Consumer<FrameText> members) {
    return call(
        op,
        true,
        options.requestId(),
        frame -> {
          members.accept(frame);
          frame.number("expectedRevision", options.expectedRevision());
          frame.flag("returnCurrent", options.returnCurrent());
          var expiresAt = options.expiresAt();
          frame.number("expiresAt", expiresAt == null ? null : expiresAt.toEpochMilli());
        });
  }

  private CompletableFuture<Frame> call(
      String op, boolean isWrite, @Nullable String givenId, Consumer<FrameText> members) {
    var text = new FrameText("sync").text("op", op);
    members.accept(text);
    return hub.locked(() -> {
      long place = nextOrder();
      String requestId = givenId == null ? requestId(place) : givenId;
      String frame = text.text("requestId", requestId).end();
      return requests.call(new Requests.Operation(requestId, frame, isWrite), place);
    });
  }

  // The line.

  @Override
  public boolean send(String frame) {
    return connection.send(frame);
  }

  @Override
  public boolean isHopeless() {
    ConnectionState now = connection.state();
    return now == ConnectionState.DISCONNECTED || !isQueuing && now != ConnectionState.CONNECTED;
  }

  @Override
  public String requestId(long place) {
    return clientId + "-" + place;
  }

  @Override
  public boolean isUp() {
    return connection.isUp();
  }

  @Override
  public void barrier(Runnable passed) {
    connection.barrier(passed);
  }

  @Override
  public long nextOrder() {
    return ++order;
  }

  @Override
  public Login login() {
    return connection.login();
  }

  @Override
  public void requireOpen() {
    if (isClosed) {
      throw FreshetClientException.unavailable("this client was closed");
    }
  }

  // The connection's owner.

  @Override
  public void changed(ConnectionEvent event) {
    stateListeners.forEach(each -> hub.tell(() -> each.accept(event)));
  }

  @Override
  public void up() {
    var waiting = new ArrayList<Outgoing>();
    waiting.addAll(topics.waiting());
    waiting.addAll(streams.waiting());
    waiting.addAll(requests.waiting());
    waiting.addAll(records.waiting());
    waiting.sort(Comparator.comparingLong(Outgoing::order));
    waiting.forEach(each -> each.send().run());
  }

  @Override
  public void down(int code) {
    requests.down(code);
    topics.down();
    streams.down();
    records.down();
  }

  @Override
  public void over(FreshetClientException why, boolean isWanted) {
    requests.over(String.valueOf(why.getMessage()));
    topics.over(why);
    streams.over(isWanted ? null : why);
    records.over(why);
  }

  @Override
  public void received(Frame frame) {
    switch (frame.type()) {
      case "event" -> topics.received(frame);
      case "result" -> requests.answer(frame);
      case "subscribed" -> topics.acknowledged(frame);
      case "change" -> streams.received(frame);
      case "streaming" -> streams.opened(frame);
      case "streamState" -> streams.lags(frame);
      case "stopped" -> streams.stopped(frame);
      case "error" -> refused(frame);
      default -> records.received(frame);
    }
  }

  private void refused(Frame frame) {
    boolean isKnown =
        requests.refuse(frame)
            || topics.refuse(frame)
            || streams.refuse(frame)
            || records.refuse(frame);
    if (!isKnown) {
      failed(frame.error());
    }
  }

  @Override
  public void failed(FreshetClientException why) {
    if (errorListeners.isEmpty()) {
      System.getLogger("io.freshet.client").log(System.Logger.Level.WARNING, why.getMessage(), why);
    }
    hub.locked(() -> errorListeners.forEach(each -> hub.tell(() -> each.accept(why))));
  }
}
