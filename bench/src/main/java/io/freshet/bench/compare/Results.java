// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.compare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// The figures of every round, and their tables. The first server is ours, the second the peer that
/// targets are held against; a third is only shown.
final class Results {
  private final List<Scenario> scenarios;
  private final List<String> servers;
  private final Map<String, List<Map<String, Double>>> rounds = new TreeMap<>();
  private final List<String> voids = new ArrayList<>();

  Results(List<Scenario> scenarios, List<String> servers) {
    this.scenarios = scenarios;
    this.servers = servers;
  }

  void add(Scenario scenario, String server, Map<String, Double> figures) {
    rounds.computeIfAbsent(scenario.name() + " " + server, _ -> new ArrayList<>()).add(figures);
  }

  /// A round that measured nothing.
  void addVoid(Scenario scenario, String server, CompareException why) {
    voids.add(scenario.name() + ", " + server + ": " + why.getMessage());
  }

  boolean hasVoids() {
    return !voids.isEmpty();
  }

  /// The rounds that measured nothing, and why; empty if all did.
  String voids() {
    return voids.isEmpty()
        ? ""
        : "\n## Void\n\n```\n" + String.join("\n", voids).strip() + "\n```\n";
  }

  /// Medians side by side, ratio of the first two servers if there are two, and what became of the
  /// target.
  String table() {
    boolean compared = servers.size() > 1;
    var text = new StringBuilder("| scenario | figure |");
    servers.forEach(server -> text.append(' ').append(server).append(" |"));
    text.append(compared ? " ratio | target | |\n" : " target | |\n");
    text.append("|---|---|").append("---:|".repeat(servers.size() + (compared ? 1 : 0)));
    text.append("---|---|\n");
    for (Scenario scenario : scenarios) {
      String title = scenario.title();
      for (Scenario.Figure figure : scenario.figures()) {
        text.append("| ").append(title).append(" | ").append(figure.title()).append(" |");
        servers.forEach(server ->
            text.append(' ').append(number(median(scenario, server, figure))).append(" |"));
        double ours = median(scenario, "freshet", figure);
        double peers = median(scenario, "deepstream-uws", figure);
        text.append(' ').append(compared ? number(ours / peers) + " | " : "");
        text.append(figure.target().text()).append(" | ");
        text.append(figure.target().verdict(ours, peers)).append(" |\n");
        title = "";
      }
    }
    return text.toString();
  }

  /// Every round of the first figure of each scenario, and how busy server and driver were. A
  /// driver share near 1 means that the server could have done more.
  String spread() {
    var text =
        new StringBuilder("| scenario | server | rounds | server share | driver share |\n")
            .append("|---|---|---|---:|---:|\n");
    for (Scenario scenario : scenarios) {
      Scenario.Figure first = scenario.figures().getFirst();
      for (String server : servers) {
        var values = values(scenario, server, first.key(), first.scale());
        text.append("| ").append(scenario.title()).append(" | ").append(server).append(" | ");
        text.append(first.title()).append(": ");
        text.append(String.join(", ", Arrays.stream(values).mapToObj(Results::number).toList()));
        text.append(" | ").append(share(scenario, server, "server_cpu_share"));
        text.append(" | ").append(share(scenario, server, "driver_cpu_share")).append(" |\n");
      }
    }
    return text.toString();
  }

  private String share(Scenario scenario, String server, String key) {
    double value = middle(values(scenario, server, key, 1));
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.2f", value);
  }

  private double median(Scenario scenario, String server, Scenario.Figure figure) {
    return middle(values(scenario, server, figure.key(), figure.scale()));
  }

  private double[] values(Scenario scenario, String server, String key, double scale) {
    return rounds.getOrDefault(scenario.name() + " " + server, List.of()).stream()
        .mapToDouble(figures -> figures.getOrDefault(key, Double.NaN) * scale)
        .toArray();
  }

  private static double middle(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
  }

  private static String number(double value) {
    if (Double.isNaN(value)) {
      return "";
    }
    double size = Math.abs(value);
    String format = size >= 1000 ? "%,.0f" : size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, format, value);
  }
}
