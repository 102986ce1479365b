// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.net.URI;
import java.time.Duration;

/// Many connections, each subscribed to its own record, that then say nothing: how fast they come,
/// and what each costs in resident memory.
///
/// Connections of a warm-up come and go first, so that code and buffers which a server needs once
/// are not charged to the connections. Memory is read when it has stopped moving, or after half a
/// minute. At the end every connection must still answer a heartbeat.
final class IdleConnections implements Loop.Handler {
  private static final double STEADY = 0.001;

  private final ServerProcess server;
  private final int count;
  private final int warmup;
  private final String prefix = "bench/idle-" + Long.toString(System.currentTimeMillis(), 36) + "-";
  private final Loop loop;
  private int subscribed;

  IdleConnections(URI url, ServerProcess server, Arguments args) {
    this.server = server;
    count = args.count("connections", 10_000);
    warmup = args.count("warmup-connections", 200);
    args.refuseUnknown();
    loop = new Loop(url, this);
  }

  Report run() {
    try (loop) {
      connect(warmup);
      loop.closeAll();
      double before = settledBytes();
      double cpuBefore = server.cpuSeconds();
      long start = System.nanoTime();
      connect(count);
      double seconds = (System.nanoTime() - start) / 1e9;
      double cpu = server.cpuSeconds() - cpuBefore;
      double loaded = server.residentBytes();
      double after = settledBytes();
      long pongs = loop.pongs();
      loop.pingAll();
      loop.await(() -> loop.pongs() - pongs >= count, Duration.ofSeconds(30), "all heartbeats");
      return new Report()
          .put("connects_per_s", count / seconds)
          .put("server_cpu_ms_per_connect", cpu / count * 1e3)
          .put("resident_bytes_per_connection", (after - before) / count)
          .put("resident_bytes_per_connection_unsettled", (loaded - before) / count)
          .put("resident_mib_before", before / 1048576)
          .put("resident_mib_after", after / 1048576);
    }
  }

  private void connect(int more) {
    subscribed = 0;
    loop.open(more);
    loop.await(() -> subscribed == more, Duration.ofMinutes(5), more + " subscriptions");
  }

  private double settledBytes() {
    double last = server.residentBytes();
    for (int round = 0; round < 10; round++) {
      long deadline = System.nanoTime() + 3_000_000_000L;
      loop.await(() -> System.nanoTime() >= deadline, Duration.ofSeconds(10), "a pause");
      double now = server.residentBytes();
      boolean steady = Math.abs(now - last) <= last * STEADY;
      last = now;
      if (steady) {
        break;
      }
    }
    return last;
  }

  @Override
  public void opened(Connection connection) {
    loop.writer()
        .start(Wire.SUBSCRIBECREATEANDREAD)
        .decimal(Wire.CORRELATION_ID, connection.id())
        .text(Wire.NAMES, prefix + connection.id());
    loop.send(connection, Wire.TOPIC_RECORD);
  }

  @Override
  public void message(Connection connection, Message message) {
    switch (message.action()) {
      case Wire.READ_RESPONSE -> subscribed++;
      case Wire.SUBSCRIBECREATEANDREAD -> {}
      default -> throw new LoadException("unexpected " + message.describe());
    }
  }
}
