// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.spi.SourceState;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// How a source does. Any thread.
final class Figures {
  final AtomicLong changes = new AtomicLong();
  final AtomicLong truncates = new AtomicLong();
  final AtomicLong reconnects = new AtomicLong();
  final AtomicLong gaps = new AtomicLong();

  /// Rows that were left out because no id can name them.
  final AtomicLong unnamed = new AtomicLong();

  private final InstantSource clock;
  private volatile boolean connected;
  private volatile String detail = "not started";
  private volatile long receivedMs;
  private volatile long lagBytes;
  private volatile long retainedBytes;
  private volatile @Nullable Outbox outbox;

  Figures(InstantSource clock) {
    this.clock = clock;
    this.receivedMs = clock.millis();
  }

  void connected(Outbox current) {
    received();
    outbox = current;
    connected = true;
    detail = "following the log";
  }

  void disconnected(String why) {
    connected = false;
    detail = why;
  }

  /// Something came from the database.
  void received() {
    receivedMs = clock.millis();
  }

  long receivedMs() {
    return receivedMs;
  }

  boolean isConnected() {
    return connected;
  }

  void log(long lag, long retained) {
    lagBytes = lag;
    retainedBytes = retained;
  }

  SourceState state(int collections) {
    return new SourceState(
        connected,
        detail,
        collections,
        changes.get(),
        truncates.get(),
        reconnects.get(),
        gaps.get(),
        lagBytes,
        lagMs(),
        retainedBytes);
  }

  /// While nothing can be received, what is missing is at most as old as the interruption.
  private long lagMs() {
    Outbox current = outbox;
    long now = clock.millis();
    long oldest = connected ? current == null ? 0 : current.oldestMs() : receivedMs;
    return oldest == 0 ? 0 : Math.max(0, now - oldest);
  }
}
