// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.rows;

import io.freshet.engine.guard.Guard;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.server.deepstream.DeepstreamDoor;
import io.freshet.server.deepstream.DeepstreamMeter;
import io.freshet.server.deepstream.DeepstreamOptions;
import io.freshet.server.deepstream.http.ApiOptions;
import io.freshet.server.deepstream.http.ApiRoute;
import io.freshet.server.gate.DoorBounds;
import io.freshet.server.gate.EngineHarness;
import io.freshet.server.gate.FarEnd;
import io.freshet.server.net.Calls;
import io.freshet.server.net.Door;
import io.freshet.server.net.Handshake;
import io.freshet.server.net.HttpAnswer;
import io.freshet.server.net.HttpRoute;
import io.freshet.server.net.JudgedDoor;
import io.freshet.server.net.StreamDoor;
import io.freshet.server.pulse.PulseDoor;
import io.freshet.server.pulse.PulseMeter;
import io.freshet.server.pulse.PulseModels;
import io.freshet.server.pulse.PulseOptions;
import io.freshet.server.session.Desk;
import io.freshet.server.session.HttpLogins;
import io.freshet.server.session.TrustedProxies;
import io.freshet.server.stream.StreamBounds;
import io.freshet.server.stream.StreamMeter;
import io.freshet.server.sync.Answering;
import io.freshet.server.sync.DocumentIds;
import io.freshet.server.sync.SyncDoor;
import io.freshet.server.sync.SyncHarness;
import io.freshet.server.sync.SyncLimits;
import io.freshet.server.sync.SyncReader;
import io.freshet.server.sync.http.DocumentsRoute;
import io.freshet.server.sync.http.SyncHttpOptions;
import io.freshet.testkit.Eventually;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// One engine behind every door there is, whose time is the test's.
final class House extends EngineHarness implements DeepstreamMeter, PulseMeter, AutoCloseable {
  private static final TrustedProxies NO_PROXIES = new TrustedProxies(List.of());
  private static final SyncLimits LIMITS = new SyncLimits(JsonLimits.DEFAULT, 500);
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Desk desk = new Desk(inbox(), Runnable::run, 1);
  final Door records;
  final SyncDoor documents;
  final JudgedDoor streams;
  final JudgedDoor subscriptions;
  final HttpRoute reads;
  final HttpRoute api;

  House(Guard guard) {
    super(guard);
    records =
        new DeepstreamDoor(
            DeepstreamOptions.DEFAULT,
            inbox(),
            RowRules.TOKENS,
            NO_PROXIES,
            connections,
            this,
            () -> nowNanos);
    documents = SyncHarness.door(this, RowRules.TOKENS);
    streams = PulseDoor.stream(pulse(), this, StreamMeter.NONE);
    subscriptions = PulseDoor.subscribe(pulse(), this, StreamMeter.NONE);
    var logins = new HttpLogins(RowRules.TOKENS, NO_PROXIES);
    reads =
        new DocumentsRoute(
            new SyncHttpOptions(LIMITS, PATIENCE),
            desk,
            logins,
            new Answering(clock),
            new SyncReader(LIMITS, new DocumentIds(new Random(7))));
    api =
        new ApiRoute(
            new ApiOptions(JsonLimits.DEFAULT, PATIENCE, false, ApiOptions.TOPICS), desk, logins);
  }

  private PulseDoor.Parts pulse() {
    return new PulseDoor.Parts(
        new PulseOptions(
            PulseModels.NONE,
            new DoorBounds(
                PulseOptions.HEARTBEAT,
                PulseOptions.IN_FLIGHT_MAX,
                PulseOptions.IN_FLIGHT_BYTES_MAX,
                12 << 20),
            StreamBounds.DEFAULT,
            PATIENCE),
        inbox(),
        desk,
        RowRules.TOKENS,
        NO_PROXIES,
        connections,
        () -> nowNanos,
        _ -> null);
  }

  Line connect(Door door, String query) {
    return new Line(this, line -> door.open(line, handshake(door.path(), query, List.of())));
  }

  /// @param headers of the handshake, besides the login
  Line knock(JudgedDoor door, String user, Map<String, String> headers) {
    var all = new java.util.ArrayList<>(List.copyOf(headers.entrySet()));
    all.add(Map.entry("Authorization", "Bearer " + user));
    return switch (now(door.open(handshake(door.path(), "", all)))) {
      case JudgedDoor.Opening.Accepted(var gateway, var _) -> new Line(this, gateway);
      case JudgedDoor.Opening.Refused(HttpAnswer answer) -> new Line(this, answer);
    };
  }

  private static Handshake handshake(
      String path, String query, List<Map.Entry<String, String>> headers) {
    return new Handshake(
        path, path, query, "h", Optional.empty(), Optional.empty(), headers, FarEnd.PEER, null);
  }

  /// @param lastEventId empty for none
  Line events(StreamDoor door, String target, String user, String lastEventId) {
    Map<String, String> login = Map.of("Authorization", "Bearer " + user);
    Map<String, String> headers =
        lastEventId.isEmpty()
            ? login
            : Map.of("Authorization", "Bearer " + user, "Last-Event-ID", lastEventId);
    var call = Calls.of("GET", target, door.place(), headers, FarEnd.PEER, "");
    return switch (now(door.open(call))) {
      case StreamDoor.Opening.Accepted(var gateway) -> new Line(this, gateway);
      case StreamDoor.Opening.Refused(HttpAnswer answer) -> new Line(this, answer);
    };
  }

  HttpAnswer call(HttpRoute route, String method, String target, String user, String body) {
    Map<String, String> headers =
        Map.of("Authorization", "Bearer " + user, "Content-Type", "application/json");
    var call = Calls.of(method, target, route.place(), headers, FarEnd.PEER, body);
    HttpAnswer refusal = route.refusal(call);
    return refusal != null ? refusal : now(route.answer(call));
  }

  /// Lets things happen until this has.
  private <T> T now(CompletionStage<T> stage) {
    CompletableFuture<T> result = stage.toCompletableFuture();
    Eventually.holds(() -> {
      settle();
      return result.isDone();
    });
    return result.join();
  }

  @Override
  public void close() {
    desk.close();
  }

  @Override
  public void refused(Refusal kind) {}

  @Override
  public void refused(ErrorCode code) {}

  @Override
  public void ended(Ended why) {}

  @Override
  public void subscriptions(long change) {}

  @Override
  public void mismatched(int values) {}

  @Override
  public void notShown() {}

  @Override
  public void ignored() {}

  @Override
  public void backlog(long change) {}
}
