// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// Starts a server again and again, each time on an empty directory, and takes two times from the
/// command: until the ready line, and until the first client is logged in. The client tries from
/// the beginning, every few milliseconds. `{data}` in the command stands for the directory.
final class ColdStart {
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);

  private record Times(double readyMs, double connectMs) {}

  private final URI url;
  private final List<String> command;
  private final String readyLine;
  private final int rounds;

  ColdStart(URI url, Arguments args) {
    this.url = url;
    command = Arrays.asList(args.required("command").split(" ", -1));
    readyLine = args.text("ready-line", "Freshet ready");
    rounds = args.count("rounds", 5);
    args.refuseUnknown();
    if (rounds < 1) {
      throw new LoadException("--rounds starts at 1");
    }
  }

  Report run() {
    double[] ready = new double[rounds];
    double[] connect = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      Times times = once();
      ready[round] = times.readyMs;
      connect[round] = times.connectMs;
    }
    Arrays.sort(ready);
    Arrays.sort(connect);
    return new Report()
        .put("ready_line_ms", ready[rounds / 2])
        .put("ready_line_max_ms", ready[rounds - 1])
        .put("first_login_ms", connect[rounds / 2])
        .put("first_login_max_ms", connect[rounds - 1]);
  }

  private Times once() {
    try {
      Path data = Files.createTempDirectory("freshet-cold");
      var words = command.stream().map(word -> word.replace("{data}", data.toString())).toList();
      long start = System.nanoTime();
      Process process =
          new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      try {
        var lineAt = new AtomicLong();
        Thread reader = Thread.ofPlatform().daemon().start(() -> watch(process, lineAt));
        long loggedIn = awaitLogin(process, start);
        reader.join(TimeUnit.NANOSECONDS.toMillis(LIMIT_NANOS));
        if (lineAt.get() == 0) {
          throw new LoadException("no line '" + readyLine + "' from " + words);
        }
        return new Times((lineAt.get() - start) / 1e6, (loggedIn - start) / 1e6);
      } finally {
        stop(process);
        deleteTree(data);
      }
    } catch (IOException e) {
      throw new LoadException("cannot run " + command, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LoadException("interrupted", e);
    }
  }

  /// Ends at the ready line; the pipe is drained no further, which no server here fills.
  private void watch(Process process, AtomicLong lineAt) {
    try {
      BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith(readyLine)) {
          lineAt.set(System.nanoTime());
          return;
        }
      }
    } catch (IOException e) {
      // The process went away; the missing line is reported by the other thread.
      return;
    }
  }

  private long awaitLogin(Process process, long start) throws InterruptedException {
    while (System.nanoTime() - start < LIMIT_NANOS) {
      if (!process.isAlive()) {
        throw new LoadException("the server ended with code " + process.exitValue());
      }
      long at = tryLogin();
      if (at != 0) {
        return at;
      }
      TimeUnit.MILLISECONDS.sleep(2);
    }
    throw new LoadException("no login within a minute");
  }

  /// When the login was through, 0 if the server is not there yet.
  private long tryLogin() {
    var opened = new AtomicLong();
    var handler =
        new Loop.Handler() {
          @Override
          public void opened(Connection connection) {
            opened.set(System.nanoTime());
          }

          @Override
          public void message(Connection connection, Message message) {
            throw new LoadException("unexpected " + message.describe());
          }
        };
    try (var loop = new Loop(url, handler)) {
      loop.open(1);
      loop.await(() -> opened.get() != 0, java.time.Duration.ofSeconds(5), "login");
      return opened.get();
    } catch (LoadException refused) {
      return 0;
    }
  }

  private static void stop(Process process) throws InterruptedException {
    process.destroy();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }

  private static void deleteTree(Path root) throws IOException {
    try (var files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
