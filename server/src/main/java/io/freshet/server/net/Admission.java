// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.server.metrics.Metrics;
import io.freshet.server.metrics.Tally;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Counts connections against their bounds. Any thread.
final class Admission {
  private static final long LOOK_EVERY_NANOS = 5_000_000;

  private final SocketLimits limits;
  private final AtomicLong lastId = new AtomicLong();
  private final AtomicInteger all = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger handshakes = new AtomicInteger();
  private final AtomicLong bodyBytes = new AtomicLong();
  private final Tally pauses;
  private final Map<Reason, Tally> refusals = new EnumMap<>(Reason.class);

  /// Why somebody was turned away.
  enum Reason {
    /// Too many connections, or too many that never became WebSockets.
    FULL,
    /// Too many connections of one address.
    ADDRESS,
    /// No whole request in time.
    TIMEOUT,
    /// Silent for longest before it became anything, when others came and there was no room.
    CROWDED,
    /// No agreement on encryption: not in time, not at all, or plain text was sent.
    HANDSHAKE,
    /// A foreign `Host` or `Origin`.
    FOREIGN,
    /// Too much waits to be read by it.
    SLOW,
    /// All connections together hold too much memory, and this one most of it.
    MEMORY,
    /// The bodies of all requests under way would take too much memory.
    BODIES,
  }

  Admission(SocketLimits limits, Metrics metrics) {
    this.limits = limits;
    metrics.gauge(
        "freshet.http.connections", "Connections that are no WebSockets (yet)", requests::get);
    metrics.gauge(
        "freshet.http.body.bytes", "Bodies of HTTP requests and answers under way", bodyBytes::get);
    this.pauses =
        metrics.counter(
            "freshet.connections.paused",
            "Times a connection was not read for a while because it sent too much");
    for (Reason reason : Reason.values()) {
      String label = reason.name().toLowerCase(Locale.ROOT);
      refusals.put(
          reason,
          metrics.counter(
              "freshet.connections.refused",
              "Connections and requests turned away, or closed for reading too slowly",
              "reason",
              label));
    }
  }

  long nextId() {
    return lastId.incrementAndGet();
  }

  /// Whether one more connection may come in; if so it is counted until {@link #requestGone}.
  boolean admit() {
    return admit(requests, limits.requestsMax());
  }

  /// Whether one more connection may come in that has to agree on its encryption first; if so it is
  /// counted until {@link #handshakeGone} or {@link #agreed}.
  boolean admitHandshake(int handshakesMax) {
    return admit(handshakes, handshakesMax);
  }

  private boolean admit(AtomicInteger some, int max) {
    if (all.incrementAndGet() <= limits.connectionsMax()) {
      if (some.incrementAndGet() <= max) {
        return true;
      }
      some.decrementAndGet();
    }
    all.decrementAndGet();
    return false;
  }

  /// Whether a connection that has agreed on its encryption may send requests.
  boolean agreed() {
    handshakes.decrementAndGet();
    if (requests.incrementAndGet() <= limits.requestsMax()) {
      return true;
    }
    requests.decrementAndGet();
    handshakes.incrementAndGet();
    return false;
  }

  void handshakeGone() {
    handshakes.decrementAndGet();
    all.decrementAndGet();
  }

  void requestGone() {
    requests.decrementAndGet();
    all.decrementAndGet();
  }

  int handshakes() {
    return handshakes.get();
  }

  /// A request became a WebSocket or an event stream, counted until {@link #socketGone}.
  void upgraded() {
    requests.decrementAndGet();
  }

  void socketGone() {
    all.decrementAndGet();
  }

  /// Whether so much more of bodies may be held; if so it is counted until {@link #letGo}.
  boolean hold(int bytes) {
    if (bodyBytes.addAndGet(bytes) <= SocketLimits.bodyBytesTotalMax()) {
      return true;
    }
    letGo(bytes);
    refused(Reason.BODIES);
    return false;
  }

  void letGo(int bytes) {
    bodyBytes.addAndGet(-bytes);
  }

  /// A connection is not read for a while.
  void paused() {
    pauses.increment();
  }

  void refused(Reason reason) {
    Objects.requireNonNull(refusals.get(reason)).increment();
  }

  /// Waits until the last connection is gone.
  ///
  /// @return false if some were left when the time was over
  boolean awaitNone(Duration patience) {
    long deadlineNanos = System.nanoTime() + patience.toNanos();
    while (all.get() > 0) {
      if (System.nanoTime() - deadlineNanos > 0) {
        return false;
      }
      LockSupport.parkNanos(LOOK_EVERY_NANOS);
    }
    return true;
  }
}
