// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The Java client, a server that is killed and a wire that breaks: see [ClientUnderFaults].
/// `FRESHET_ROUNDS=50` runs so many rounds, larger ones; `FRESHET_SEED` the same again.
class JavaClientFaultsE2E {
  @TempDir Path folder;

  @Test
  @Timeout(3600)
  void losesNothingAndKeepsNothing() throws Exception {
    int rounds = Integer.parseInt(System.getenv().getOrDefault("FRESHET_ROUNDS", "2"));
    String drawn = Long.toString(new Random().nextInt(1 << 30));
    String seed = System.getenv().getOrDefault("FRESHET_SEED", drawn);
    String writes = rounds > 2 ? "5000" : "500";
    try (var program =
        JavaProgram.start(
            folder.resolve("said"),
            ClientUnderFaults.class,
            folder.toString(),
            Integer.toString(rounds),
            writes,
            seed)) {
      assertEquals(0, program.exitCode(), () -> "FRESHET_SEED=" + seed + "\n" + program.said());
      if (rounds > 2) {
        System.out.println("FRESHET_SEED=" + seed + "\n" + program.said());
      }
    }
  }
}
