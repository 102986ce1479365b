// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Named figures in the order they were put. A figure that could not be measured is left out, never
/// zero.
final class Report {
  private final Map<String, Double> figures = new LinkedHashMap<>();
  private final List<String> remarks = new ArrayList<>();

  Report put(String name, double value) {
    if (!Double.isNaN(value)) {
      figures.put(name, value);
    }
    return this;
  }

  Report putAll(Report other) {
    figures.putAll(other.figures);
    return this;
  }

  /// NaN when it could not be measured.
  double figure(String name) {
    return figures.getOrDefault(name, Double.NaN);
  }

  /// A sentence for people, printed behind the figures after a `#`.
  Report remark(String text) {
    remarks.add(text);
    return this;
  }

  /// One `name value` line per figure: for people, and for the tool that makes the tables.
  String lines() {
    var text = new StringBuilder();
    figures.forEach(
        (name, value) -> text.append(String.format(Locale.ROOT, "%s %.3f%n", name, value)));
    remarks.forEach(remark -> text.append("# ").append(remark).append(System.lineSeparator()));
    return text.toString();
  }
}
