// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A program of these tests in a process of its own; closed, it is gone with all that it started.
final class JavaProgram implements AutoCloseable {
  private final Process process;
  private final Path said;

  private JavaProgram(Process process, Path said) {
    this.process = process;
    this.said = said;
  }

  /// @param said takes what it prints
  static JavaProgram start(Path said, Class<?> program, String... args) throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
    command.addAll(List.of(args));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    return new JavaProgram(process, said);
  }

  /// Waits for its end. 0: it ended well.
  int exitCode() throws InterruptedException {
    return process.waitFor();
  }

  String said() {
    try {
      return Files.readString(said);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
