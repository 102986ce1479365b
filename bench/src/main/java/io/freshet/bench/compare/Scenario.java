// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.compare;

import java.util.ArrayList;
import java.util.List;

/// One line of load, and the figures of it that the report shows.
///
/// @param name for the command line
/// @param load arguments of the load driver; a cold start gets the server's command besides
/// @param door where the load driver goes, after scheme and port
/// @param quickly more arguments where it only has to be shown that it runs
record Scenario(
    String name,
    String title,
    List<String> load,
    String door,
    List<String> quickly,
    List<Figure> figures) {
  /// @param key as the load driver prints it
  /// @param scale what the driver's value is multiplied by for the report
  record Figure(String key, String title, double scale, Target target) {}

  static final Target NONE = new Target.None();

  Scenario(String name, String title, List<String> load, List<Figure> figures) {
    this(name, title, load, "ws:/deepstream", List.of(), figures);
  }

  /// Where the load driver goes.
  String url(int port) {
    return door.replace(":", "://127.0.0.1:" + port);
  }

  boolean isColdStart() {
    return load.getFirst().equals("cold-start");
  }

  /// What is measured against the peers, with the targets of the project.
  static List<Scenario> all() {
    return List.of(
        fanOut("fan-out", "16", "fan-out 1 → 1 000, window 16", new Target.AtMost(0.8), atLeast(6)),
        fanOut("fan-out", "1", "fan-out 1 → 1 000, window 1", new Target.AtMost(4.8), NONE),
        fanOut("events", "16", "events 1 → 1 000, window 16", new Target.AtMost(0.7), atLeast(6)),
        fanOut("events", "1", "events 1 → 1 000, window 1", new Target.AtMost(4.6), NONE),
        new Scenario(
            "fan-out-paced",
            "fan-out 1 → 1 000, 20 updates/s",
            List.of("fan-out", "--rate", "20", "--window", "16"),
            List.of(
                figure("latency_p50_us", "p50, ms", 1e-3, NONE),
                figure("latency_p99_us", "p99, ms", 1e-3, new Target.TimesPeerAtMost(1)),
                cpu("CPU-s per million", NONE))),
        writes("writes", "acknowledged writes, 64 clients × window 16", List.of(), atLeast(2)),
        writes("writes-shared", "the same, one record", List.of("--shared"), NONE),
        new Scenario(
            "reads",
            "snapshot reads, 64 clients × window 16",
            List.of("reads"),
            List.of(
                figure("reads_per_s", "reads/s", 1, atLeast(3)),
                cpu("CPU-s per million", NONE),
                figure("latency_p99_us", "p99, ms", 1e-3, NONE))),
        new Scenario(
            "idle",
            "10 000 idle connections, each its own record",
            List.of("idle"),
            List.of(
                figure(
                    "resident_bytes_per_connection",
                    "resident bytes per connection",
                    1,
                    new Target.AtMost(8600)),
                figure("connects_per_s", "connects/s", 1, atLeast(1)),
                figure("server_cpu_ms_per_connect", "CPU-ms per connect", 1, NONE))),
        new Scenario(
            "connect-warm",
            "the same after 9 000 connections that came and went",
            List.of("idle", "--warmup-connections", "9000"),
            List.of(
                figure("connects_per_s", "connects/s", 1, atLeast(1)),
                figure("server_cpu_ms_per_connect", "CPU-ms per connect", 1, NONE))),
        new Scenario(
            "cold-start",
            "cold start on an empty directory",
            List.of("cold-start"),
            List.of(
                figure("ready_line_ms", "ready line, ms", 1, new Target.AtMost(1000)),
                figure("first_login_ms", "first login, ms", 1, NONE))),
        document("doc-1k", "1 KB", "1000"),
        document("doc-100k", "100 KB", "100000"),
        document("doc-1m", "1 MB", "1000000"));
  }

  private static Scenario fanOut(
      String load, String window, String title, Target cpu, Target rate) {
    return new Scenario(
        load + "-" + window,
        title,
        List.of(load, "--window", window),
        List.of(
            figure("deliveries_per_s", "deliveries/s", 1, rate),
            cpu("CPU-s per million", cpu),
            figure("latency_p99_us", "p99, ms", 1e-3, NONE)));
  }

  private static Scenario writes(String name, String title, List<String> more, Target rate) {
    var load = new ArrayList<>(List.of("writes"));
    load.addAll(more);
    return new Scenario(
        name,
        title,
        List.copyOf(load),
        List.of(
            figure("writes_per_s", "writes/s", 1, rate),
            cpu("CPU-s per million", NONE),
            figure("latency_p50_us", "p50, ms", 1e-3, NONE),
            figure("latency_p99_us", "p99, ms", 1e-3, NONE),
            figure("disk_bytes_per_op", "bytes to disk per write", 1, NONE)));
  }

  private static Scenario document(String name, String size, String bytes) {
    return new Scenario(
        name,
        "20-byte patch of a " + size + " record, one at a time",
        List.of(
            "writes",
            "--clients",
            "1",
            "--window",
            "1",
            "--patch-bytes",
            "20",
            "--doc-bytes",
            bytes,
            "--warmup",
            "2000"),
        List.of(
            figure("latency_p50_us", "p50, µs", 1, NONE),
            figure("latency_p99_us", "p99, µs", 1, NONE),
            figure("server_cpu_s_per_million", "CPU-µs per patch", 1, NONE),
            figure("disk_bytes_per_op", "bytes to disk per patch", 1, NONE)));
  }

  static Figure figure(String key, String title, double scale, Target target) {
    return new Figure(key, title, scale, target);
  }

  static Figure cpu(String title, Target target) {
    return figure("server_cpu_s_per_million", title, 1, target);
  }

  private static Target atLeast(double factor) {
    return new Target.TimesPeerAtLeast(factor);
  }
}
