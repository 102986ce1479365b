// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.tls;

import io.freshet.server.files.Refreshable;
import io.freshet.server.files.UnusableFileException;
import io.freshet.server.metrics.Metrics;
import io.freshet.server.metrics.Tally;
import io.netty.handler.ssl.SslContext;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What connections are encrypted with, made anew when its files change. What cannot be used, or
/// has expired, changes nothing; connections that are open keep what they began with.
///
/// The files are replaced one after the other, so that for a moment a key may stand beside another
/// certificate: what is wrong with them is told only when it is still so at the next look.
///
/// Threading: any thread; those that read the files do so one at a time.
public final class ServerCertificate implements Refreshable {
  private static final Logger log = LoggerFactory.getLogger(ServerCertificate.class);
  private static final Duration SOON = Duration.ofDays(30);
  private static final Duration REMIND_EVERY = Duration.ofDays(1);

  private final TlsFiles files;
  private final InstantSource clock;
  private final Tally reloads;
  private final Tally failures;
  private volatile TlsFiles.Made made;
  private TlsFiles.Texts inEffect;
  private String problem = "";
  private boolean told;
  private Instant reminded = Instant.MIN;

  /// @throws UnusableFileException if the files cannot be used
  public ServerCertificate(TlsFiles files, InstantSource clock, Metrics metrics) {
    this.files = files;
    this.clock = clock;
    this.inEffect = files.read();
    this.made = files.make(inEffect);
    metrics.gauge(
        "freshet.tls.certificate.expires.timestamp.seconds",
        "When the server's certificate ends, in seconds since 1970",
        () -> expires().getEpochSecond());
    this.reloads = counter(metrics, "read");
    this.failures = counter(metrics, "refused");
  }

  private static Tally counter(Metrics metrics, String outcome) {
    return metrics.counter(
        "freshet.tls.reloads",
        "Changed certificates that were read, and that could not be used",
        "outcome",
        outcome);
  }

  /// For connections that begin now.
  public SslContext context() {
    return made.context();
  }

  /// When the certificate ends.
  public Instant expires() {
    return made.certificate().getNotAfter().toInstant();
  }

  /// Whose it is.
  public String subject() {
    return made.certificate().getSubjectX500Principal().getName();
  }

  /// Reads the files now.
  ///
  /// @throws UnusableFileException if they cannot be used; what was there before stays
  public synchronized void reload() {
    try {
      take(files.read());
    } catch (UnusableFileException e) {
      failures.increment();
      throw e;
    }
  }

  @Override
  public synchronized void refresh() {
    try {
      take(files.read());
    } catch (UnusableFileException e) {
      report(String.valueOf(e.getMessage()));
    }
    remind();
  }

  private void take(TlsFiles.Texts texts) {
    if (!texts.equals(inEffect)) {
      TlsFiles.Made next = files.make(texts);
      refuseExpired(next.certificate());
      made = next;
      inEffect = texts;
      reminded = Instant.MIN;
      reloads.increment();
      log.info("{} was read again: {}, until {}", files.certificate(), subject(), expires());
    }
    problem = "";
  }

  private void refuseExpired(X509Certificate next) {
    Instant end = next.getNotAfter().toInstant();
    if (!clock.instant().isBefore(end)) {
      throw new UnusableFileException(
          "%s: this certificate has ended on %s".formatted(files.certificate(), end));
    }
  }

  private void report(String found) {
    if (!found.equals(problem)) {
      problem = found;
      told = false;
    } else if (!told) {
      told = true;
      failures.increment();
      log.error("{}; the certificate before stays in effect", found);
    }
  }

  private void remind() {
    Instant now = clock.instant();
    Instant end = expires();
    boolean due = reminded.equals(Instant.MIN) || now.isAfter(reminded.plus(REMIND_EVERY));
    if (due && now.isAfter(end)) {
      reminded = now;
      log.error("the certificate {} has ended on {}: clients refuse it", files.certificate(), end);
    } else if (due && now.isAfter(end.minus(SOON))) {
      reminded = now;
      log.warn("the certificate {} ends on {}; renew it", files.certificate(), end);
    }
  }
}
