// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.net.URI;
import java.util.Locale;

/// What attackers cost everybody else: paced updates to subscribers, first alone and then beside
/// each [Attack]. A subscriber that misses or repeats a version makes the run void, attack or not.
///
/// The attacker is a second thread of the driver. Where the driver has one core only, its work is
/// in the latencies too: they are an upper bound.
final class Hostile {
  private static final double RATIO_MAX = 3;

  private final URI url;
  private final ServerProcess server;
  private final String[] paced;
  private final String only;

  Hostile(URI url, ServerProcess server, Arguments args) {
    this.url = url;
    this.server = server;
    paced =
        new String[] {
          "--subscribers", args.text("subscribers", "100"),
          "--rate", args.text("rate", "20"),
          "--seconds", args.text("seconds", "20"),
          "--warmup", args.text("warmup", "100000"),
          "--warmup-seconds", args.text("warmup-seconds", "3")
        };
    only = args.text("attack", "all").toUpperCase(Locale.ROOT).replace('-', '_');
    args.refuseUnknown();
  }

  Report run() {
    var report = new Report();
    Report idle = measured(report, "idle");
    for (Attack attack : Attack.values()) {
      if (only.equals("ALL") || only.equals(attack.name())) {
        compare(report, attack, idle);
      }
    }
    return report;
  }

  private void compare(Report report, Attack attack, Report idle) {
    String name = attack.name().toLowerCase(Locale.ROOT);
    Thread attacker = Thread.ofPlatform().start(() -> attack.untilInterrupted(url));
    Report attacked;
    try {
      attacked = measured(report, name);
    } finally {
      attacker.interrupt();
    }
    double ratio = attacked.figure("latency_p99_us") / idle.figure("latency_p99_us");
    report.put(name + "_p99_ratio", ratio);
    report.remark(
        "%s: p99 %.1f times that of idle; target %.0f %s"
            .formatted(name, ratio, RATIO_MAX, ratio <= RATIO_MAX ? "reached" : "missed"));
    join(attacker);
  }

  private Report measured(Report report, String phase) {
    Report figures = new FanOut(FanOut.Kind.RECORD, url, server, new Arguments(paced, 0)).run();
    report.put(phase + "_p50_us", figures.figure("latency_p50_us"));
    report.put(phase + "_p99_us", figures.figure("latency_p99_us"));
    report.put(phase + "_driver_cpu_share", figures.figure("driver_cpu_share"));
    return figures;
  }

  private static void join(Thread attacker) {
    try {
      attacker.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LoadException("interrupted", e);
    }
  }
}
