// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.guard.Guard;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.mutation.Mutations;
import io.freshet.server.gate.DoorBounds;
import io.freshet.server.gate.EngineHarness;
import io.freshet.server.session.OpenAuthenticator;
import io.freshet.server.session.TrustedProxies;
import io.freshet.server.stream.StreamBounds;
import io.freshet.server.stream.StreamMeter;
import io.freshet.spi.Authenticator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// The `/ws` door in front of a real engine.
public final class SyncHarness extends EngineHarness implements SyncMeter {
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
    door = door(this, options, authenticator, this);
  }

  /// A door in front of an engine that may have others.
  public static SyncDoor door(EngineHarness engine) {
    return door(engine, OPTIONS, new OpenAuthenticator(), SyncMeter.NONE);
  }

  /// As the other, whose clients have to log in.
  public static SyncDoor door(EngineHarness engine, Authenticator authenticator) {
    return door(engine, options(false, 1000, 100, BOUNDS), authenticator, SyncMeter.NONE);
  }

  private static SyncDoor door(
      EngineHarness engine, SyncOptions options, Authenticator authenticator, SyncMeter meter) {
    return new SyncDoor(
        options,
        engine.inbox(),
        new SyncReader(options.limits(), new DocumentIds(new Random(7))),
        authenticator,
        new TrustedProxies(List.of()),
        engine.connections,
        meter,
        StreamMeter.NONE,
        _ -> null,
        engine.clock,
        () -> engine.nowNanos);
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
        new SyncLimits(JsonLimits.DEFAULT, Mutations.OPERATIONS_MAX),
        StreamBounds.DEFAULT);
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
  SyncClient connect() {
    return connect("", List.of());
  }

  SyncClient connect(String query, List<Map.Entry<String, String>> headers) {
    return new SyncClient(this, door, loops.getFirst().eventLoop(), query, headers);
  }

  /// A client that is logged in; what that sent is taken off.
  SyncClient client() {
    return client(loops.getFirst());
  }

  SyncClient client(EmbeddedChannel loop) {
    var peer = new SyncClient(this, door, loop.eventLoop(), "", List.of());
    settle();
    peer.take();
    return peer;
  }
}
