// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.compare;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A server that can be measured.
///
/// @param command with `{port}` and `{data}` for what differs per start; its process must stay the
///   one that was started (scripts hand over by `exec`), because processor time and memory are read
///   from it
/// @param readyLine how the line begins that it prints when it accepts connections
record Server(String name, List<String> command, String readyLine) {
  private static final String CORE = "0";

  static List<Server> all(Path root) {
    String peer = root.resolve("bench/peers/deepstream/start.js").toString();
    return List.of(
        new Server(
            "freshet",
            List.of(
                root.resolve("freshet").toString(),
                "start",
                "--host",
                "127.0.0.1",
                "--port",
                "{port}",
                "--data",
                "{data}"),
            "Freshet ready"),
        new Server("deepstream-uws", List.of("node", peer, "uws", "{port}"), "Peer ready"),
        new Server("deepstream-ws", List.of("node", peer, "ws", "{port}"), "Peer ready"),
        new Server("floor", floor(), "Floor ready"));
  }

  /// Bare sockets that only move the frames: what this machine, and the driver, can do at most.
  private static List<String> floor() {
    var words = new ArrayList<>(Driver.java());
    words.addAll(List.of("io.freshet.bench.load.Load", "floor", "--port", "{port}"));
    return words;
  }

  /// The command pinned to the server's core; `{data}` is left for the cold start to fill in.
  List<String> pinned(int port) {
    var words = new ArrayList<>(List.of("taskset", "-c", CORE));
    command.forEach(word -> words.add(word.replace("{port}", Integer.toString(port))));
    return words;
  }

  Running start(int port, Path data, Path log) {
    try {
      deleteTree(data);
      Files.createDirectories(data);
      var words =
          pinned(port).stream().map(word -> word.replace("{data}", data.toString())).toList();
      Process process =
          new ProcessBuilder(words)
              .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      var running = new Running(process, new CountDownLatch(1));
      Thread.ofPlatform().daemon().start(() -> running.watch(readyLine));
      running.awaitReady(name, log);
      return running;
    } catch (IOException e) {
      throw new CompareException("cannot start " + name + ": " + command, e);
    }
  }

  /// A started server; closing stops it.
  record Running(Process process, CountDownLatch ready) implements AutoCloseable {
    long pid() {
      return process.pid();
    }

    private void watch(String readyLine) {
      try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
          if (line.startsWith(readyLine)) {
            ready.countDown();
          }
        }
      } catch (IOException e) {
        // The process is gone; whoever waits for the line says so.
        return;
      }
    }

    private void awaitReady(String name, Path log) {
      try {
        for (int tenths = 0; tenths < 600; tenths++) {
          if (ready.await(100, TimeUnit.MILLISECONDS)) {
            return;
          }
          if (!process.isAlive()) {
            throw new CompareException(name + " ended while starting; see " + log);
          }
        }
        close();
        throw new CompareException(name + " was not ready within a minute; see " + log);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CompareException("interrupted", e);
      }
    }

    @Override
    public void close() {
      process.destroy();
      try {
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
          process.destroyForcibly().waitFor();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (var files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
