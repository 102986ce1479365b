// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;

/// The seeds a randomised test runs with: by default three fixed ones and one drawn anew, which is
/// logged so that a failure can be repeated.
///
/// `FRESHET_SEED` names the only seed to run; `FRESHET_ROUNDS` the number of seeds (the fixed ones
/// first, then drawn ones).
public final class Seeds {
  private static final System.Logger LOG = System.getLogger(Seeds.class.getName());
  private static final int FIXED = 3;
  private static final int ROUNDS = 4;

  private Seeds() {}

  /// For a JUnit `@MethodSource("io.freshet.testkit.Seeds#all")`.
  public static LongStream all() {
    String seed = System.getenv("FRESHET_SEED");
    return seed != null
        ? LongStream.of(Long.parseLong(seed))
        : LongStream.range(0, rounds()).map(Seeds::draw);
  }

  /// How many rounds to run.
  public static int rounds() {
    String rounds = System.getenv("FRESHET_ROUNDS");
    return rounds == null ? ROUNDS : Integer.parseInt(rounds);
  }

  private static long draw(long round) {
    if (round < FIXED) {
      return round + 1;
    }
    long seed = ThreadLocalRandom.current().nextInt(1_000, Integer.MAX_VALUE);
    LOG.log(System.Logger.Level.INFO, "Seed drawn: {0}", Long.toString(seed));
    return seed;
  }
}
