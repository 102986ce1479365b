// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.client;

import java.util.Locale;

/// One scenario of the Java client against a server that runs already: `JavaClient SCENARIO URL
/// WARM-UP-SECONDS SECONDS`. Prints a line for each figure: scenario, figure, number. What is not
/// as it has to be (an update that was missed, a write that is not there) ends it with an error and
/// without figures.
public final class JavaClient {
  private JavaClient() {}

  public static void main(String[] args) {
    if (args.length != 4) {
      throw new IllegalArgumentException("SCENARIO URL WARM-UP-SECONDS SECONDS");
    }
    String url = args[1];
    var time = new Time(Integer.parseInt(args[2]), Integer.parseInt(args[3]));
    switch (args[0]) {
      case "updates" -> RecordUpdates.run(url, time);
      case "updates-writer" -> RecordUpdates.write(url, time);
      case "set" -> RecordSets.run(url, time);
      case "stream" -> TypedStream.run(url, time);
      case String other -> throw new IllegalArgumentException("no scenario " + other);
    }
  }

  static void say(String scenario, String figure, double number) {
    System.out.printf(Locale.ROOT, "%s\t%s\t%.2f%n", scenario, figure, number);
  }

  static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }

  record Time(int warmUpSeconds, int seconds) {}
}
