// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
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
    Path said = folder.resolve("said");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                ClientUnderFaults.class.getName(),
                folder.toString(),
                Integer.toString(rounds),
                rounds > 2 ? "5000" : "500",
                seed)
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    try {
      assertEquals(0, process.waitFor(), () -> "FRESHET_SEED=" + seed + "\n" + read(said));
      if (rounds > 2) {
        System.out.println("FRESHET_SEED=" + seed + "\n" + read(said));
      }
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
