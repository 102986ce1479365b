// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rocksdb.util.Environment;

/// A [CrashChild] in a process of its own.
final class ChildProcess {
  /// RocksDB's library, unpacked once for all children: a child whose files are limited in size
  /// could not unpack it.
  private static final Path NATIVE = unpacked();

  private final Process process;
  private final BufferedReader out;

  private ChildProcess(Process process) {
    this.process = process;
    this.out = process.inputReader();
  }

  private static Path unpacked() {
    String name = Environment.getJniLibraryFileName("rocksdb");
    try (InputStream library = ChildProcess.class.getResourceAsStream("/" + name)) {
      Path directory = Files.createTempDirectory("freshet-native");
      directory.toFile().deleteOnExit();
      Path file = directory.resolve(name);
      file.toFile().deleteOnExit();
      Files.copy(Objects.requireNonNull(library, name), file);
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
            "-Djava.library.path=" + NATIVE,
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
