// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What a reader needs to know about where the figures come from. The two probes are taken before
/// and after everything else: if they differ much, the machine was not quiet.
record Machine(Path root, Path data) {
  String commit() {
    return output("git", "-C", root.toString(), "rev-parse", "--short=8", "HEAD");
  }

  String describe(String date, Probes before, Probes after) {
    boolean changed =
        !output("git", "-C", root.toString(), "status", "--porcelain", "-uno").isEmpty();
    return """
    | | |
    |---|---|
    | date, commit | %s, %s%s |
    | machine | %s, %d cores, %s |
    | versions | Java %s, Node %s |
    | load average at the end | %s |
    | `fdatasync` of 4 KiB, p50 / p99 | before %s, after %s |
    | one loopback `send`, CPU µs (1 000 sockets in turn) | before %.2f, after %.2f |
    """
        .formatted(
            date,
            commit(),
            changed ? " with uncommitted changes" : "",
            cpu(),
            Runtime.getRuntime().availableProcessors(),
            output("uname", "-sr"),
            System.getProperty("java.version"),
            Files.exists(root.resolve("bench/peers/deepstream/node_modules"))
                ? output("node", "--version")
                : "not used",
            read("/proc/loadavg").lines().findFirst().orElse(""),
            before.disk(),
            after.disk(),
            before.sendMicros,
            after.sendMicros);
  }

  Probes probe() {
    Map<String, Double> disk = Driver.run(List.of("disk", "--data", data.toString()));
    Map<String, Double> send = Driver.run(List.of("send"), "0");
    return new Probes(
        disk.getOrDefault("fdatasync_p50_us", Double.NaN),
        disk.getOrDefault("fdatasync_p99_us", Double.NaN),
        send.getOrDefault("send_cpu_us", Double.NaN));
  }

  record Probes(double syncP50Micros, double syncP99Micros, double sendMicros) {
    String disk() {
      return String.format(Locale.ROOT, "%.2f / %.2f ms", syncP50Micros / 1e3, syncP99Micros / 1e3);
    }
  }

  private static String cpu() {
    return read("/proc/cpuinfo")
        .lines()
        .filter(line -> line.startsWith("model name"))
        .findFirst()
        .map(line -> line.substring(line.indexOf(':') + 2))
        .orElse("unknown processor");
  }

  private static String read(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new CompareException("cannot read " + file, e);
    }
  }

  private static String output(String... command) {
    try {
      Process process = new ProcessBuilder(command).start();
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new CompareException("cannot run " + List.of(command), e);
    }
  }
}
