// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import io.freshet.server.gate.CommandGate;
import io.freshet.server.net.Handshake;
import io.freshet.server.net.JudgedDoor;
import io.freshet.server.session.Commands;
import io.freshet.server.session.Connections;
import io.freshet.server.session.Desk;
import io.freshet.server.session.TrustedProxies;
import io.freshet.server.stream.Models;
import io.freshet.server.stream.StreamMeter;
import io.freshet.spi.Authenticator;
import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;

/// One of the two WebSocket routes of Pulse's clients. A client is let in once its stream has its
/// place: what changes after the `101` is not missed.
///
/// Threading: any thread.
public final class PulseDoor implements JudgedDoor {
  /// Where the clients knock.
  public static final String STREAM = "/stream";

  public static final String SUBSCRIBE = "/subscribe";

  /// Headers may come to a quarter of a megabyte, and what is read of them takes twenty times as
  /// much for a moment.
  private static final int READING_MAX = 2;

  private final PulseKind kind;
  private final Parts parts;
  private final Shared shared;
  private final Map<EventLoop, PulseLoop> loops = new ConcurrentHashMap<>();

  /// What it is made of.
  ///
  /// @param desk asks the engine before there is a connection
  /// @param proxies whose word about where a connection comes from counts
  /// @param connections told of every login and its end
  /// @param nanoTime the clock that [io.freshet.server.net.SocketHandler#onTick] follows
  /// @param models what is known of collections
  public record Parts(
      PulseOptions options,
      Commands commands,
      Desk desk,
      Authenticator authenticator,
      TrustedProxies proxies,
      Connections connections,
      LongSupplier nanoTime,
      Models models) {}

  /// What all event loops of the door share.
  record Shared(
      PulseKind kind,
      PulseOptions options,
      PulseMeter meter,
      StreamMeter streamMeter,
      Connections connections,
      CommandGate gate) {}

  private final WishReader reader;
  private final Semaphore reading = new Semaphore(READING_MAX);

  private PulseDoor(PulseKind kind, Parts parts, PulseMeter meter, StreamMeter streamMeter) {
    this.kind = kind;
    this.parts = parts;
    this.reader = new WishReader(parts.options.models(), parts.models);
    this.shared =
        new Shared(
            kind,
            parts.options,
            meter,
            streamMeter,
            parts.connections,
            new CommandGate(parts.commands));
  }

  /// `/stream`: at least once and in order.
  public static PulseDoor stream(Parts parts, PulseMeter meter, StreamMeter streamMeter) {
    return new PulseDoor(PulseKind.STREAM, parts, meter, streamMeter);
  }

  /// `/subscribe`: at most once.
  public static PulseDoor subscribe(Parts parts, PulseMeter meter, StreamMeter streamMeter) {
    return new PulseDoor(PulseKind.SUBSCRIBE, parts, meter, streamMeter);
  }

  @Override
  public String path() {
    return kind.path();
  }

  @Override
  public CompletionStage<Opening> open(Handshake handshake) {
    return new Admittance(this, handshake).judge();
  }

  PulseKind kind() {
    return kind;
  }

  Parts parts() {
    return parts;
  }

  Shared shared() {
    return shared;
  }

  PulseLoop loop(EventLoop eventLoop) {
    return loops.computeIfAbsent(eventLoop, each -> new PulseLoop(each, shared));
  }

  /// What a client wants; waits while others are being read.
  ///
  /// @throws io.freshet.protocol.error.FreshetException if its headers do not say, or it cannot be
  ///   had
  PulseWish read(Handshake handshake) {
    reading.acquireUninterruptibly();
    try {
      return reader.read(kind, handshake.headers());
    } finally {
      reading.release();
    }
  }
}
