// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.testkit.Checkout;
import io.freshet.testkit.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The server as users start it: `./freshet start`, on a data directory of its own.
final class RunningServer implements AutoCloseable {
  private static final Pattern READY =
      Pattern.compile("^Freshet ready: https?://(127\\.0\\.0\\.1:\\d+)", Pattern.MULTILINE);

  /// A first start on a checkout may build.
  private static final Duration START_MAX = Duration.ofMinutes(2);

  private static final int STOP_SECONDS_MAX = 5;

  private final Process process;
  private final Path output;

  private RunningServer(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /// @param folder for its data and output
  static RunningServer start(Path folder) throws IOException {
    return start(folder, 0);
  }

  /// @param port 0: any
  /// @param more arguments
  static RunningServer start(Path folder, int port, String... more) throws IOException {
    Path output = folder.resolve("server.out");
    Path launcher = Checkout.root().resolve("freshet");
    var command =
        new ArrayList<>(
            List.of(
                launcher.toString(),
                "start",
                "--port",
                Integer.toString(port),
                "--data",
                folder.resolve("data").toString()));
    command.addAll(List.of(more));
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    var server = new RunningServer(process, output);
    try {
      Eventually.holds(() -> !process.isAlive() || server.ready().find(), START_MAX);
    } catch (AssertionError e) {
      process.destroyForcibly();
      throw new AssertionError("not ready: " + server.said(), e);
    }
    if (!process.isAlive()) {
      throw new AssertionError("ended before it was ready: " + server.said());
    }
    return server;
  }

  private Matcher ready() {
    return READY.matcher(said());
  }

  private String said() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new AssertionError("cannot read what the server said", e);
    }
  }

  /// Where it listens, as `host:port`.
  String address() {
    Matcher line = ready();
    if (!line.find()) {
      throw new AssertionError("no ready line: " + said());
    }
    return line.group(1);
  }

  int port() {
    return Integer.parseInt(address().substring(address().lastIndexOf(':') + 1));
  }

  /// Ends it as a crash does.
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /// Stops it, as a service manager would.
  @Override
  public void close() throws InterruptedException {
    process.toHandle().destroy(); // SIGTERM; Process.destroy would close its streams too
    boolean ended = process.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS);
    if (!ended) {
      process.destroyForcibly();
      throw new AssertionError("did not stop within " + STOP_SECONDS_MAX + " s: " + said());
    }
    assertEquals(0, process.exitValue(), said());
  }
}
