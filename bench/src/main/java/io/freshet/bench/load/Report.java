// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// Named figures in the order they were put. A figure that could not be measured is left out, never
/// zero.
final class Report {
  private final Map<String, Double> figures = new LinkedHashMap<>();

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

  /// One `name value` line per figure: for people, and for the tool that makes the tables.
  String lines() {
    var text = new StringBuilder();
    figures.forEach(
        (name, value) -> text.append(String.format(Locale.ROOT, "%s %.3f%n", name, value)));
    return text.toString();
  }
}
