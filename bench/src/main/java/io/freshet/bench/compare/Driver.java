// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Runs the load driver as a process on its own core and reads its figures.
final class Driver {
  private static final String CORE = "1";

  private Driver() {}

  static Map<String, Double> run(List<String> load) {
    return run(load, CORE);
  }

  static Map<String, Double> run(List<String> load, String core) {
    var words = new ArrayList<>(List.of("taskset", "-c", core));
    words.addAll(java());
    words.add("io.freshet.bench.load.Load");
    words.addAll(load);
    try {
      Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new CompareException("load driver failed: " + load + "\n" + output);
      }
      return figures(output);
    } catch (IOException e) {
      throw new CompareException("cannot run the load driver: " + words, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CompareException("interrupted", e);
    }
  }

  private static Map<String, Double> figures(String output) {
    var figures = new LinkedHashMap<String, Double>();
    output
        .lines()
        .map(line -> line.split(" ", 2))
        .filter(pair -> pair.length == 2 && pair[1].matches("-?[0-9.]+"))
        .forEach(pair -> figures.put(pair[0], Double.parseDouble(pair[1])));
    return figures;
  }

  /// This Java with this class path.
  static List<String> java() {
    return List.of(
        ProcessHandle.current().info().command().orElse("java"),
        "-Xmx1g",
        "-XX:+UseSerialGC",
        "-cp",
        System.getProperty("java.class.path", ""));
  }
}
