// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.net.URI;

/// What something costs those who are served already: paced updates to subscribers, first alone and
/// then beside it. A subscriber that misses or repeats a version makes the run void.
///
/// What happens beside is a second thread of the driver. Where the driver has one core only, its
/// work is in the latencies too: they are an upper bound.
final class PacedPair {
  private static final double RATIO_MAX = 3;

  private final URI url;
  private final ServerProcess server;
  private final String[] paced;
  private final long besideMillis;
  private final Report report;

  /// @param seconds measured in each phase unless the arguments say otherwise
  PacedPair(URI url, ServerProcess server, Arguments args, String seconds, Report report) {
    this.url = url;
    this.server = server;
    this.report = report;
    besideMillis = 1000L * args.count("beside-warmup-seconds", 20);
    paced =
        new String[] {
          "--subscribers", args.text("subscribers", "100"),
          "--rate", args.text("rate", "20"),
          "--seconds", args.text("seconds", seconds),
          "--warmup", args.text("warmup", "100000"),
          "--warmup-seconds", args.text("warmup-seconds", "3")
        };
  }

  Report measured(String phase) {
    Report figures = new FanOut(FanOut.Kind.RECORD, url, server, new Arguments(paced, 0)).run();
    report.put(phase + "_p50_us", figures.figure("latency_p50_us"));
    report.put(phase + "_p99_us", figures.figure("latency_p99_us"));
    report.put(phase + "_driver_cpu_share", figures.figure("driver_cpu_share"));
    return figures;
  }

  /// @param untilInterrupted what happens beside; it begins before it is measured, because what the
  ///   server has never done before it has to compile first, and that costs the others most
  void compare(String name, Report idle, Runnable untilInterrupted) {
    Thread beside = Thread.ofPlatform().start(untilInterrupted);
    Report disturbed;
    try {
      Thread.sleep(besideMillis);
      disturbed = measured(name);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LoadException("interrupted", e);
    } finally {
      beside.interrupt();
    }
    double ratio = disturbed.figure("latency_p99_us") / idle.figure("latency_p99_us");
    report.put(name + "_p99_ratio", ratio);
    report.remark(
        "%s: p99 %.1f times that of idle; target %.0f %s"
            .formatted(name, ratio, RATIO_MAX, ratio <= RATIO_MAX ? "reached" : "missed"));
    join(beside);
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LoadException("interrupted", e);
    }
  }
}
