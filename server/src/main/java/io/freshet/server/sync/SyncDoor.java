// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

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
import io.freshet.server.stream.Models;
import io.freshet.server.stream.StreamMeter;
import io.freshet.spi.Authenticator;
import io.netty.channel.EventLoop;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/// The WebSocket route of the documents face.
///
/// Threading: any thread.
public final class SyncDoor implements Door {
  /// For clients that show their token as a sub-protocol and have to be answered with another.
  private static final String SUBPROTOCOL = "freshet";

  private final Shared shared;
  private final TrustedProxies proxies;
  private final LongSupplier nanoTime;
  private final Map<EventLoop, SyncLoop> loops = new ConcurrentHashMap<>();

  /// What all event loops of the door share.
  record Shared(
      SyncOptions options,
      SyncMeter meter,
      Authenticator authenticator,
      Connections connections,
      Strangers strangers,
      CommandGate gate,
      ClientFrames frames,
      StreamArguments streamArguments,
      RowForm typedRows,
      StreamMeter streamMeter,
      InstantSource clock) {}

  /// @param proxies whose word about where a connection comes from counts
  /// @param connections told of every login and its end
  /// @param models types of collections, for streams that ask for them
  /// @param clock tells when documents expire
  /// @param nanoTime the clock that [SocketHandler#onTick] follows
  public SyncDoor(
      SyncOptions options,
      Commands commands,
      SyncReader reader,
      Authenticator authenticator,
      TrustedProxies proxies,
      Connections connections,
      SyncMeter meter,
      StreamMeter streamMeter,
      Models models,
      InstantSource clock,
      LongSupplier nanoTime) {
    var streamArguments = new StreamArguments(options.streams(), models);
    this.shared =
        new Shared(
            options,
            meter,
            authenticator,
            connections,
            new Strangers(options.unauthenticatedMax(), nanoTime),
            new CommandGate(commands),
            new ClientFrames(reader, new RecordReader(options.limits()), streamArguments),
            streamArguments,
            new RowForm.Typed(models),
            streamMeter,
            clock);
    this.proxies = proxies;
    this.nanoTime = nanoTime;
  }

  /// Subscriptions over HTTP.
  public SyncStreamDoor streams() {
    return new SyncStreamDoor(this);
  }

  /// Change streams over HTTP.
  public ChangeStreamDoor changeStreams() {
    return new ChangeStreamDoor(this);
  }

  Shared shared() {
    return shared;
  }

  TrustedProxies proxies() {
    return proxies;
  }

  long nanoTime() {
    return nanoTime.getAsLong();
  }

  SyncLoop loop(EventLoop eventLoop) {
    return loops.computeIfAbsent(eventLoop, each -> new SyncLoop(each, shared));
  }

  @Override
  public String path() {
    return shared.options.path();
  }

  @Override
  public List<String> subprotocols() {
    return List.of(SUBPROTOCOL);
  }

  @Override
  public SocketHandler open(Connection connection, Handshake handshake) {
    SyncLoop loop = loop(connection.eventLoop());
    var credentials =
        Credentials.of(handshake.headers(), handshake.peer(), proxies, path())
            .withToken(handshake.parameters().one("token").orElse(null))
            .withSubprotocols();
    return new SyncSocket(connection, loop, credentials, nanoTime.getAsLong());
  }
}
