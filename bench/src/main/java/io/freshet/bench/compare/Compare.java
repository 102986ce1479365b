// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Measures the servers in turn (A B A B A B), each start fresh and on an empty directory, and
/// writes `bench/results/<date>-<commit>.md`. Server on core 0, load driver on core 1. A round that
/// is void is reported as that, and the others go on.
public final class Compare {
  private static final String USAGE =
      """
      usage: compare.sh [--servers freshet,deepstream-uws[,deepstream-ws][,floor]] [--scenarios a,b]
                        [--rounds 3] [--seconds 10] [--port 16020] [--out FILE] [--quick]
             sync.sh    the same without --servers: documents and change streams, which have no peer
        --quick   one round of 2 s after a short warm-up: shows that it works, measures nothing
      """;

  private final Path root;
  private final Path work;
  private final int port;
  private final int roundCount;
  private final boolean quick;
  private final List<String> effort;
  private final List<Server> servers;
  private final List<Scenario> scenarios;

  private Compare(Path root, Map<String, String> options) {
    this.root = root;
    work = root.resolve("bench/target/compare");
    quick = options.containsKey("quick");
    port = Integer.parseInt(options.getOrDefault("port", "16020"));
    roundCount = Integer.parseInt(options.getOrDefault("rounds", quick ? "1" : "3"));
    effort =
        quick
            ? List.of(
                "--seconds",
                options.getOrDefault("seconds", "2"),
                "--warmup",
                "1000",
                "--warmup-seconds",
                "1")
            : List.of("--seconds", options.getOrDefault("seconds", "10"));
    boolean faces = options.containsKey("faces");
    String usual = faces ? "freshet" : "freshet,deepstream-uws";
    servers = chosen(Server.all(root), Server::name, options, "servers", usual);
    List<Scenario> all = faces ? Faces.all() : Scenario.all();
    scenarios = chosen(all, Scenario::name, options, "scenarios", "");
  }

  /// Arguments as in the usage; the working directory is the repository's root.
  public static void main(String[] args) {
    try {
      Path root = Path.of("").toAbsolutePath();
      Map<String, String> options = parse(args);
      var compare = new Compare(root, options);
      String suffix = options.containsKey("faces") ? "-sync" : "";
      if (!compare.run(options.getOrDefault("out", ""), suffix)) {
        System.exit(1);
      }
    } catch (CompareException e) {
      System.err.println(e.getMessage() + (e.getCause() == null ? "" : ": " + e.getCause()));
      System.exit(1);
    }
  }

  /// Answers whether nothing was void.
  private boolean run(String outName, String suffix) {
    try {
      Files.createDirectories(work);
      var machine = new Machine(root, work);
      Machine.Probes before = machine.probe();
      var results = new Results(scenarios, servers.stream().map(Server::name).toList());
      for (Scenario scenario : scenarios) {
        for (int round = 1; round <= roundCount; round++) {
          for (Server server : servers) {
            measure(scenario, server, round, results);
          }
        }
      }
      String date = LocalDate.now(ZoneOffset.UTC).toString();
      String report =
          (servers.size() > 1 ? "# Measured side by side\n\n" : "# Measured\n\n")
              + machine.describe(date, before, machine.probe())
              + "\nMedians of "
              + roundCount
              + " rounds, servers in turn, server on core 0, load driver on core 1. CPU-s is server"
              + " CPU seconds;\nwhat a window is, `bench/README.md` says.\n\n"
              + results.table()
              + "\n## Rounds\n\n"
              + results.spread()
              + results.voids();
      Path out =
          outName.isEmpty()
              ? root.resolve("bench/results/" + date + "-" + machine.commit() + suffix + ".md")
              : root.resolve(outName);
      Files.createDirectories(out.getParent());
      Files.writeString(out, report);
      System.out.println(report);
      System.out.println("Written: " + root.relativize(out));
      return !results.hasVoids();
    } catch (IOException e) {
      throw new CompareException("cannot write the results", e);
    }
  }

  private void measure(Scenario scenario, Server server, int round, Results results) {
    String what = scenario.name() + " " + round + " " + server.name() + " ";
    try {
      Map<String, Double> figures = measure(scenario, server);
      System.out.println(what + figures);
      results.add(scenario, server.name(), figures);
    } catch (CompareException e) {
      System.out.println(what + e.getMessage());
      results.addVoid(scenario, server.name(), e);
    }
  }

  private Map<String, Double> measure(Scenario scenario, Server server) {
    Path data = work.resolve("data");
    var load = new ArrayList<String>();
    scenario.load().forEach(word -> load.add(word.equals("{data}") ? work.toString() : word));
    load.addAll(List.of("--url", scenario.url(port)));
    if (quick) {
      load.addAll(scenario.quickly());
    }
    if (scenario.isColdStart()) {
      load.addAll(List.of("--command", String.join(" ", server.pinned(port))));
      load.addAll(List.of("--ready-line", server.readyLine(), "--rounds", "3"));
      return Driver.run(load);
    }
    if (!scenario.load().getFirst().equals("idle")) {
      effort.stream()
          .filter(word -> word.startsWith("--") && !load.contains(word))
          .forEach(word -> load.addAll(List.of(word, effort.get(effort.indexOf(word) + 1))));
    }
    try (var running = server.start(port, data, work.resolve(server.name() + ".log"))) {
      load.addAll(List.of("--pid", Long.toString(running.pid())));
      return Driver.run(load);
    }
  }

  private static Map<String, String> parse(String[] args) {
    var options = new HashMap<String, String>();
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--quick", "--faces" -> options.put(args[i].substring(2), "");
        case "--servers", "--scenarios", "--rounds", "--seconds", "--port", "--out" -> {
          if (i + 1 == args.length) {
            throw new CompareException(args[i] + " takes a value\n" + USAGE);
          }
          options.put(args[i].substring(2), args[++i]);
        }
        default -> throw new CompareException("unknown " + args[i] + "\n" + USAGE);
      }
    }
    return options;
  }

  private static <T> List<T> chosen(
      List<T> all,
      Function<T, String> name,
      Map<String, String> options,
      String key,
      String otherwise) {
    String names = options.getOrDefault(key, otherwise);
    if (names.isEmpty()) {
      return all;
    }
    return Arrays.stream(names.split(",", -1))
        .map(wanted ->
            all.stream()
                .filter(one -> name.apply(one).equals(wanted))
                .findFirst()
                .orElseThrow(() ->
                    new CompareException(
                        "no '"
                            + wanted
                            + "' in --"
                            + key
                            + "; there are "
                            + all.stream().map(name).toList())))
        .toList();
  }
}
