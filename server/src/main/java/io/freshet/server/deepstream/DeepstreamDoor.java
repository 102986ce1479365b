// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.server.gate.CommandGate;
import io.freshet.server.gate.Strangers;
import io.freshet.server.net.Connection;
import io.freshet.server.net.Door;
import io.freshet.server.net.Handshake;
import io.freshet.server.net.SocketHandler;
import io.freshet.server.session.Commands;
import io.freshet.server.session.Connections;
import io.freshet.server.session.Credentials;
import io.freshet.server.session.TrustedProxies;
import io.freshet.spi.Authenticator;
import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/// The WebSocket route the unmodified official deepstream client connects to.
///
/// Records, events, procedures and presence are served, each unless switched off.
///
/// Threading: any thread.
public final class DeepstreamDoor implements Door {
  private final DeepstreamOptions options;
  private final DeepstreamMeter meter;
  private final Authenticator authenticator;
  private final Connections connections;
  private final TrustedProxies proxies;
  private final Strangers strangers;
  private final CommandGate gate;
  private final LongSupplier nanoTime;
  private final DeepstreamTraffic traffic = new DeepstreamTraffic();
  private final Map<EventLoop, DeepstreamLoop> loops = new ConcurrentHashMap<>();

  /// @param proxies whose word about where a connection comes from counts
  /// @param connections told of every login and its end
  /// @param nanoTime the clock that [SocketHandler#onTick] follows
  public DeepstreamDoor(
      DeepstreamOptions options,
      Commands commands,
      Authenticator authenticator,
      TrustedProxies proxies,
      Connections connections,
      DeepstreamMeter meter,
      LongSupplier nanoTime) {
    this.options = options;
    this.meter = meter;
    this.authenticator = authenticator;
    this.proxies = proxies;
    this.connections = connections;
    this.strangers = new Strangers(options.unauthenticatedMax(), nanoTime);
    this.gate = new CommandGate(commands);
    this.nanoTime = nanoTime;
  }

  @Override
  public String path() {
    return options.path();
  }

  @Override
  public SocketHandler open(Connection connection, Handshake handshake) {
    DeepstreamLoop loop = loops.computeIfAbsent(connection.eventLoop(), this::loop);
    var credentials =
        Credentials.of(handshake.headers(), handshake.peer(), proxies, options.path());
    return new DeepstreamSocket(connection, loop, credentials, nanoTime.getAsLong());
  }

  private DeepstreamLoop loop(EventLoop eventLoop) {
    return new DeepstreamLoop(
        eventLoop,
        options,
        meter,
        authenticator,
        connections,
        strangers.ofLoop(),
        gate,
        traffic.newLoop());
  }

  /// What goes over this door.
  public DeepstreamTraffic traffic() {
    return traffic;
  }
}
