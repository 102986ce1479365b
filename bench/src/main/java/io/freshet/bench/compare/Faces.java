// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.compare;

import static io.freshet.bench.compare.Scenario.NONE;
import static io.freshet.bench.compare.Scenario.cpu;
import static io.freshet.bench.compare.Scenario.figure;

import java.util.ArrayList;
import java.util.List;

/// What is measured of documents and change streams. No peer speaks their protocols: the targets
/// are absolute.
final class Faces {
  private static final String SOCKET = "ws:/ws";
  private static final String HTTP = "http:";

  private Faces() {}

  static List<Scenario> all() {
    return List.of(
        writes(
            "sync-merge",
            "merge of 100 bytes into 1 KB, 64 clients × window 16",
            List.of("--clients", "64", "--window", "16", "--doc-bytes", "1000"),
            new Target.AtLeast(60_000)),
        writes(
            "sync-inc",
            "`$inc` of one document, 200 writers, one at a time each",
            increments("1"),
            new Target.AtLeast(20_000)),
        writes("sync-inc-16", "the same, window 16", increments("16"), NONE),
        fanOut("sync-fan-out", "events 1 → 1 000, full, window 16", 1.2, "--window", "16"),
        diff("sync-diff", "1 KB document 1 → 1 000, window 16, diff and full", "1000"),
        diff("sync-diff-10", "the same 1 → 10", "10"),
        new Scenario(
            "http-writes",
            "HTTP merge into 1 KB, one connection, one at a time",
            List.of("http-writes", "--doc-bytes", "1000", "--data", "{data}"),
            HTTP,
            List.of("--appends", "100"),
            List.of(
                figure("over_fdatasync_us", "p50 above `fdatasync`, ms", 1e-3, atMost(1)),
                figure("latency_p50_us", "p50, ms", 1e-3, NONE),
                figure("latency_p99_us", "p99, ms", 1e-3, NONE),
                cpu("CPU-µs per write", NONE))),
        bigDocument("sync-doc-1k", "1 KB", "1000"),
        bigDocument("sync-doc-1m", "1 MB", "1000000"),
        new Scenario(
            "stream-replay",
            "named stream replaying 1 M changes, acknowledged every 256",
            List.of("stream-replay"),
            SOCKET,
            List.of("--changes", "20000"),
            List.of(
                figure("events_per_s", "events/s", 1, new Target.AtLeast(250_000)),
                figure("first_replay_events_per_s", "events/s of the first replay", 1, NONE),
                cpu("CPU-s per million", NONE))),
        streamFanOut("stream-fan-out", "each change matching all filters", "all", atMost(1.5)),
        // What a batch has for one subscriber goes out by one `send`, whose price on this machine
        // is
        // several microseconds: with less than two deliveries in it no server reaches the target.
        streamFanOut("stream-fan-out-one", "each change matching one filter", "one", NONE),
        new Scenario(
            "stream-latency",
            "change to consumer of a named stream, 100/s",
            List.of("stream-latency"),
            SOCKET,
            List.of(),
            List.of(
                figure("latency_p50_us", "from sending the write, p50, ms", 1e-3, atMost(2)),
                figure("latency_p99_us", "from sending the write, p99, ms", 1e-3, NONE),
                figure("after_result_p50_us", "after the writer's result, p50, ms", 1e-3, NONE))));
  }

  private static List<String> increments(String window) {
    return List.of(
        "--op",
        "increment",
        "--shared",
        "--clients",
        "200",
        "--window",
        window,
        "--doc-bytes",
        "120");
  }

  private static Scenario writes(String name, String title, List<String> more, Target rate) {
    return new Scenario(
        name,
        title,
        with("sync-writes", more),
        SOCKET,
        List.of(),
        List.of(
            figure("writes_per_s", "revisions/s", 1, rate),
            cpu("CPU-s per million", NONE),
            figure("latency_p50_us", "p50, ms", 1e-3, NONE),
            figure("latency_p99_us", "p99, ms", 1e-3, NONE),
            figure("disk_bytes_per_op", "bytes to disk per write", 1, NONE)));
  }

  private static Scenario fanOut(String name, String title, double cpuMax, String... more) {
    return new Scenario(
        name,
        title,
        with("sync-fan-out", List.of(more)),
        SOCKET,
        List.of(),
        List.of(
            cpu("CPU-s per million", atMost(cpuMax)),
            figure("deliveries_per_s", "deliveries/s", 1, NONE),
            figure("latency_p99_us", "p99, ms", 1e-3, NONE)));
  }

  private static Scenario diff(String name, String title, String subscribers) {
    return new Scenario(
        name,
        title,
        List.of("sync-diff", "--window", "16", "--doc-bytes", "1000", "--subscribers", subscribers),
        SOCKET,
        List.of(),
        List.of(
            figure("diff_over_full", "CPU of diff / CPU of full", 1, atMost(1.3)),
            figure("full_cpu_s_per_million", "full, CPU-s per million", 1, NONE),
            figure("diff_cpu_s_per_million", "diff, CPU-s per million", 1, NONE)));
  }

  private static Scenario bigDocument(String name, String size, String bytes) {
    return new Scenario(
        name,
        "mutate of 20 bytes of a " + size + " document, one at a time",
        List.of(
            "sync-writes",
            "--op",
            "mutate",
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
        SOCKET,
        List.of(),
        List.of(
            figure("latency_p50_us", "p50, µs", 1, NONE),
            figure("latency_p99_us", "p99, µs", 1, NONE),
            figure("server_cpu_s_per_million", "CPU-µs per mutate", 1, NONE),
            figure("disk_bytes_per_op", "bytes to disk per mutate", 1, NONE)));
  }

  private static Scenario streamFanOut(String name, String title, String match, Target cpuMax) {
    return new Scenario(
        name,
        "1 000 live subscribers, 10 filters, window 16, " + title,
        List.of("stream-fan-out", "--window", "16", "--match", match),
        SOCKET,
        List.of(),
        List.of(
            cpu("CPU-s per million", cpuMax),
            figure("deliveries_per_s", "deliveries/s", 1, NONE),
            figure("latency_p99_us", "p99, ms", 1e-3, NONE)));
  }

  private static Target atMost(double limit) {
    return new Target.AtMost(limit);
  }

  private static List<String> with(String first, List<String> more) {
    var words = new ArrayList<>(List.of(first));
    words.addAll(more);
    return List.copyOf(words);
  }
}
