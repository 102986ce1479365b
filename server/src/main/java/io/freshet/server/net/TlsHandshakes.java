// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.server.metrics.Metrics;
import io.freshet.server.metrics.Tally;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.security.cert.X509Certificate;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Everything about agreeing on encryption that connections share: the bound, the counters, and the
/// threads that compute. A signature takes a millisecond, which is a long time for an event loop.
///
/// Threading: any thread.
final class TlsHandshakes implements AutoCloseable {
  private final Tls tls;
  private final Admission admission;
  private final ThreadPoolExecutor computing;
  private final Map<Outcome, Tally> outcomes = new EnumMap<>(Outcome.class);

  /// How one ended.
  enum Outcome {
    AGREED,
    /// The two sides found nothing in common, or one did not trust the other.
    FAILED,
    TIMEOUT,
    /// Plain text was sent.
    PLAIN,
    /// The peer went away.
    GONE
  }

  TlsHandshakes(Tls tls, Admission admission, Metrics metrics) {
    this.tls = tls;
    this.admission = admission;
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    // Each connection has one task at most, or two for a moment.
    this.computing =
        new ThreadPoolExecutor(
            threads,
            threads,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(2 * tls.handshakesMax() + threads),
            new DefaultThreadFactory("freshet-tls", true),
            new ThreadPoolExecutor.CallerRunsPolicy());
    metrics.gauge(
        "freshet.tls.handshakes.pending",
        "Connections that have not agreed on their encryption yet",
        admission::handshakes);
    for (Outcome outcome : Outcome.values()) {
      outcomes.put(
          outcome,
          metrics.counter(
              "freshet.tls.handshakes",
              "Connections by how agreeing on their encryption ended",
              "outcome",
              outcome.name().toLowerCase(Locale.ROOT)));
    }
  }

  /// Whether one more connection may come in.
  boolean admit() {
    return admission.admitHandshake(tls.handshakesMax());
  }

  /// The first handler of an admitted connection.
  ///
  /// @param agreed what happens then, with the certificate that the peer has shown
  TlsEntrance entrance(OpenConnection.Terms terms, Consumer<@Nullable X509Certificate> agreed) {
    return new TlsEntrance(this, terms, agreed);
  }

  SslContext context() {
    return tls.context().get();
  }

  long timeoutNanos() {
    return tls.handshakeTimeout().toNanos();
  }

  boolean identifies() {
    return tls.identifies();
  }

  Admission admission() {
    return admission;
  }

  ThreadPoolExecutor computing() {
    return computing;
  }

  void ended(Outcome outcome) {
    Objects.requireNonNull(outcomes.get(outcome)).increment();
    if (outcome != Outcome.AGREED && outcome != Outcome.GONE) {
      admission.refused(Admission.Reason.HANDSHAKE);
    }
  }

  @Override
  public void close() {
    computing.shutdownNow();
  }
}
