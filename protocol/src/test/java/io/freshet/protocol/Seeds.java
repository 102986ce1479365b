// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol;

import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;

/// The seeds a randomised test of this module runs with, as `testkit` has them for the others:
/// three fixed ones and one drawn anew, which is logged. `FRESHET_SEED` names the only seed to run,
/// `FRESHET_ROUNDS` how many there are.
public final class Seeds {
  /// Documents a law is tried on with each seed. Where `FRESHET_ROUNDS` asks for more than an
  /// ordinary run they are more, too: its 20 rounds are 100 000.
  public static final int DOCUMENTS = System.getenv("FRESHET_ROUNDS") == null ? 1_000 : 5_000;

  private static final System.Logger LOG = System.getLogger(Seeds.class.getName());
  private static final int FIXED = 3;
  private static final String ROUNDS = "4";

  private Seeds() {}

  public static LongStream all() {
    String seed = System.getenv("FRESHET_SEED");
    int rounds = Integer.parseInt(System.getenv().getOrDefault("FRESHET_ROUNDS", ROUNDS));
    return seed != null
        ? LongStream.of(Long.parseLong(seed))
        : LongStream.range(0, rounds).map(Seeds::draw);
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
