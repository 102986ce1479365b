// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A [CrashChild] in a process of its own.
final class ChildProcess {
  private final Process process;
  private final BufferedReader out;

  private ChildProcess(Process process) {
    this.process = process;
    this.out = process.inputReader();
  }

  /// @param wrapper a command to run it under, such as one that sets limits
  static ChildProcess start(List<String> wrapper, Path directory, long seed) throws IOException {
    var command = new ArrayList<>(wrapper);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            CrashChild.class.getName(),
            directory.toString(),
            Long.toString(seed)));
    return new ChildProcess(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /// The next complete line, or null when there will be none. A line the kill cut short was not
  /// told to anybody.
  @Nullable String line() throws IOException {
    return out.readLine();
  }

  /// Kills it as `kill -9` does and waits until it is gone. What it said before can still be read:
  /// the handle's method leaves the pipe open, the process object's does not.
  void kill() throws InterruptedException {
    process.toHandle().destroyForcibly();
    process.waitFor();
  }

  /// Waits for its own end.
  int waitFor() throws InterruptedException {
    return process.waitFor();
  }
}
