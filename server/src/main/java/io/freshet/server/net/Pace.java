// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import java.util.concurrent.TimeUnit;

/// How much one connection has said lately: token buckets that fill with time. Whoever empties one
/// has to wait until there is something in it again; what has been said counts in any case, so that
/// one long message may take more than there is.
///
/// Threading: confined to the connection's event loop.
final class Pace {
  private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

  /// A client that has a fault says many of them at once: for this long it may.
  private static final double FAULT_SECONDS = 10;

  /// Nobody has to wait longer than this for what he did at once.
  private static final double DEBT_SECONDS = 5;

  /// So that a connection is not stopped and started for each message.
  private static final double REST_SECONDS = 0.05;

  private final Bucket messages;
  private final Bucket bytes;
  private final Bucket faults;

  /// Owned by one connection.
  private static final class Bucket {
    private final double perSecond;
    private final double most;
    private double left;
    private long atNanos;

    Bucket(int perSecond, double seconds, long nowNanos) {
      this.perSecond = perSecond;
      this.most = Math.max(1, perSecond * seconds);
      this.left = most;
      this.atNanos = nowNanos;
    }

    void take(int amount, long nowNanos) {
      if (perSecond > 0) {
        fill(nowNanos);
        left = Math.max(left - amount, -DEBT_SECONDS * perSecond);
      }
    }

    private void fill(long nowNanos) {
      left = Math.min(most, left + (nowNanos - atNanos) / NANOS * perSecond);
      atNanos = nowNanos;
    }

    double secondsToWait(long nowNanos) {
      if (perSecond == 0) {
        return 0;
      }
      fill(nowNanos);
      return left > 0 ? 0 : Math.max(REST_SECONDS, (1 - left) / perSecond);
    }
  }

  Pace(PeerLimits limits, long nowNanos) {
    this.messages = new Bucket(limits.messagesPerSecond(), 1, nowNanos);
    this.bytes = new Bucket(limits.bytesPerSecond(), 1, nowNanos);
    this.faults = new Bucket(limits.faultsPerSecond(), FAULT_SECONDS, nowNanos);
  }

  void message(long nowNanos) {
    messages.take(1, nowNanos);
  }

  void bytes(int count, long nowNanos) {
    bytes.take(count, nowNanos);
  }

  /// A message that made no sense.
  void fault(long nowNanos) {
    faults.take(1, nowNanos);
  }

  /// How long the connection has to wait before it may go on; 0 if it may.
  long waitNanos(long nowNanos) {
    double seconds =
        Math.max(
            faults.secondsToWait(nowNanos),
            Math.max(messages.secondsToWait(nowNanos), bytes.secondsToWait(nowNanos)));
    return (long) (seconds * NANOS);
  }
}
