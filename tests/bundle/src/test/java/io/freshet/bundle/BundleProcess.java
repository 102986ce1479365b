// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The bundle's launcher, run as users run it.
final class BundleProcess implements AutoCloseable {
  static final Path BUNDLE = Path.of("..", "..", "dist", "target", "freshet").toAbsolutePath();
  private static final Pattern READY =
      Pattern.compile("Freshet ready: (https?://\\S+:\\d+) \\(data (.+), started in \\d+ ms\\)");
  private static final int SECONDS_MAX = 60;

  /// A shell starts its background jobs deaf to SIGINT, `nohup` its command to SIGHUP, and the
  /// deafness is inherited: the server would never hear what a test signals.
  private static final List<String> HEARING = hearing();

  private final Process process;
  private final Path errors;

  /// How a finished process ended.
  record Result(int code, String out, String err) {}

  BundleProcess(Path bundle, Path directory, Map<String, String> environment, String... arguments)
      throws IOException {
    errors = Files.createTempFile(directory, "stderr", ".txt");
    var command = new ArrayList<>(HEARING);
    command.add(bundle.resolve("bin/freshet").toString());
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.redirectError(errors.toFile());
    builder.environment().putAll(environment);
    process = builder.start();
  }

  /// What makes a process hear the signals that this one ignores.
  private static List<String> hearing() {
    try (var lines = Files.lines(Path.of("/proc/self/status"))) {
      long ignored =
          lines
              .filter(line -> line.startsWith("SigIgn:"))
              .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
              .findFirst()
              .orElse(0);
      var signals = new ArrayList<String>();
      if ((ignored & 1) != 0) {
        signals.add("HUP");
      }
      if ((ignored & 2) != 0) {
        signals.add("INT");
      }
      return signals.isEmpty()
          ? List.of()
          : List.of("env", "--default-signal=" + String.join(",", signals));
    } catch (IOException noSuchFile) {
      return List.of();
    }
  }

  static BundleProcess start(Path directory, String... arguments) throws IOException {
    return new BundleProcess(BUNDLE, directory, Map.of(), arguments);
  }

  static Result run(Path directory, Map<String, String> environment, String... arguments)
      throws Exception {
    try (var process = new BundleProcess(BUNDLE, directory, environment, arguments)) {
      return process.result();
    }
  }

  static Result run(Path directory, String... arguments) throws Exception {
    return run(directory, Map.of(), arguments);
  }

  /// What the ready line says.
  record Ready(URI url, String data) {}

  Ready awaitReady() throws IOException {
    var reader =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = reader.readLine();
    assertTrue(line != null, () -> "ended before it was ready: " + errors());
    Matcher matcher = READY.matcher(line);
    assertTrue(matcher.matches(), line);
    return new Ready(URI.create(matcher.group(1)), matcher.group(2));
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  void signal(String name) throws Exception {
    int code =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    assertTrue(code == 0, "kill failed");
  }

  /// The exit code, once the process is gone.
  int awaitExit(int secondsMax) throws InterruptedException {
    assertTrue(process.waitFor(secondsMax, TimeUnit.SECONDS), "still running");
    return process.exitValue();
  }

  Result result() throws Exception {
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(awaitExit(SECONDS_MAX), out, errors());
  }

  String errors() {
    try {
      return Files.readString(errors);
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
