// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/// Counts operations through warm-up and measured part, and takes the readings at its borders:
/// clock, processor time of server and driver, bytes the server wrote.
///
/// The load does not pause between the two. Warm-up ends when both its operations and its seconds
/// are through; so does the measured part.
final class Meter {
  /// A virtual machine on one core, which the load leaves little of, still compiles after ten
  /// seconds: a quarter of its processor time at a window of 16 (see `bench/profile.sh`).
  private static final long WARMUP_SECONDS = 15;

  private static final long STALLED_NANOS = TimeUnit.MINUTES.toNanos(1);

  /// How long each part lasts at least.
  record Plan(long warmupOps, double warmupSeconds, long ops, double seconds) {
    static Plan of(Arguments args, long warmupOps) {
      return new Plan(
          args.number("warmup", warmupOps),
          args.number("warmup-seconds", WARMUP_SECONDS),
          args.number("ops", 0),
          args.number("seconds", 10));
    }
  }

  private enum Phase {
    WARMING,
    MEASURING,
    DONE
  }

  private record Reading(long nanos, long ops, double serverCpu, long driverCpu, double written) {}

  private static final com.sun.management.OperatingSystemMXBean DRIVER =
      ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);

  private final Plan plan;
  private final ServerProcess server;
  private final Histogram latencies = new Histogram(TimeUnit.MINUTES.toNanos(10), 3);
  private Phase phase = Phase.WARMING;
  private long ops;
  private long opsSeen;
  private long progressAt = System.nanoTime();
  private Reading begin;
  private Reading end;

  Meter(Plan plan, ServerProcess server) {
    this.plan = plan;
    this.server = server;
    this.begin = reading();
    this.end = begin;
  }

  /// Begins the warm-up now; what was done before was preparation.
  void restart() {
    progressAt = System.nanoTime();
    begin = reading();
  }

  void count() {
    ops++;
  }

  void latency(long nanos) {
    if (phase == Phase.MEASURING) {
      latencies.recordValue(Math.max(0, nanos));
    }
  }

  /// Once per pass: moves on when a part is through. When nothing has been counted for a minute,
  /// the run is void.
  void tick() {
    long now = System.nanoTime();
    if (ops != opsSeen) {
      opsSeen = ops;
      progressAt = now;
    } else if (now - progressAt > STALLED_NANOS) {
      throw new LoadException("nothing has happened for a minute, after " + ops + " operations");
    }
    switch (phase) {
      case WARMING -> {
        if (warm()) {
          measure();
        }
      }
      case MEASURING -> {
        if (through(plan.ops, plan.seconds)) {
          end = reading();
          phase = Phase.DONE;
        }
      }
      case DONE -> {}
    }
  }

  /// Whether the warm-up is through; true ever after.
  boolean warm() {
    return phase != Phase.WARMING || through(plan.warmupOps, plan.warmupSeconds);
  }

  /// Begins the measured part now.
  void measure() {
    begin = reading();
    phase = Phase.MEASURING;
  }

  boolean isMeasuring() {
    return phase == Phase.MEASURING;
  }

  boolean done() {
    return phase == Phase.DONE;
  }

  Report report(String unit) {
    double seconds = (end.nanos - begin.nanos) / 1e9;
    double count = end.ops - begin.ops;
    double serverCpu = end.serverCpu - begin.serverCpu;
    return new Report()
        .put(unit + "_per_s", count / seconds)
        .put("server_cpu_s_per_million", serverCpu / count * 1e6)
        .put("latency_p50_us", latencies.getValueAtPercentile(50) / 1e3)
        .put("latency_p99_us", latencies.getValueAtPercentile(99) / 1e3)
        .put("latency_p999_us", latencies.getValueAtPercentile(99.9) / 1e3)
        .put("latency_max_us", latencies.getMaxValue() / 1e3)
        .put("server_cpu_share", serverCpu / seconds)
        .put("driver_cpu_share", (end.driverCpu - begin.driverCpu) / 1e9 / seconds)
        .put("disk_bytes_per_op", (end.written - begin.written) / count)
        .put("measured_s", seconds)
        .put("measured_ops", count);
  }

  private boolean through(long atLeastOps, double atLeastSeconds) {
    return ops - begin.ops >= atLeastOps && System.nanoTime() - begin.nanos >= atLeastSeconds * 1e9;
  }

  private Reading reading() {
    return new Reading(
        System.nanoTime(),
        ops,
        server.cpuSeconds(),
        DRIVER.getProcessCpuTime(),
        server.writtenBytes());
  }
}
