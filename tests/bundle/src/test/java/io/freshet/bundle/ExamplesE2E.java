// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.testkit.Checkout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Every example, and the one in the README as it stands there, against a running server. Needs
/// Node 20 and npm; without them it fails.
class ExamplesE2E {
  private static final Path EXAMPLES = Checkout.root().resolve("examples");
  private static final Pattern README_EXAMPLE = Pattern.compile("```js\n(.*?)```", Pattern.DOTALL);
  private static final String README_ADDRESS = "'127.0.0.1:6020'";
  private static final int EXAMPLE_LINES_MAX = 150;
  private static final int INSTALL_SECONDS_MAX = 180;
  private static final int RUN_SECONDS_MAX = 30;

  @TempDir private static Path folder;
  private static RunningServer server;

  @BeforeAll
  static void start() throws Exception {
    run(folder, 10, "node", "--version");
    run(EXAMPLES, INSTALL_SECONDS_MAX, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
    server = RunningServer.start(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    if (server != null) {
      server.close();
    }
  }

  @TestFactory
  Stream<DynamicTest> endsWell() throws IOException {
    List<String> names;
    try (Stream<Path> files = Files.list(EXAMPLES)) {
      names =
          files
              .filter(file -> Files.exists(file.resolve("index.mjs")))
              .map(file -> file.getFileName().toString())
              .sorted()
              .toList();
    }
    assertEquals(
        List.of("js-active-provider", "js-events-rpc", "js-list", "js-live-record", "js-reconnect"),
        names);
    return names.stream()
        .map(name ->
            DynamicTest.dynamicTest(name, () -> runsAndIsExplained(EXAMPLES.resolve(name))));
  }

  private static void runsAndIsExplained(Path example) throws Exception {
    run(example, RUN_SECONDS_MAX, "node", "index.mjs", server.address());
    run(example, RUN_SECONDS_MAX, "node", "index.mjs", "ws://" + server.address());
    assertTrue(Files.exists(example.resolve("README.md")), example + " has no README.md");
    long lines = Files.readAllLines(example.resolve("index.mjs")).size();
    assertTrue(lines < EXAMPLE_LINES_MAX, example + " has " + lines + " lines");
  }

  @Test
  void theReadmesExampleWorksAsItIs() throws Exception {
    Matcher block = README_EXAMPLE.matcher(Files.readString(Checkout.root().resolve("README.md")));
    assertTrue(block.find(), "the README has no example");
    String example = block.group(1);
    assertEquals(2, example.split(README_ADDRESS, -1).length, "the address, once");
    Path file = folder.resolve("first.mjs");
    Files.writeString(file, example.replace(README_ADDRESS, "'" + server.address() + "'"));
    Files.createSymbolicLink(
        folder.resolve("node_modules"), EXAMPLES.resolve("node_modules").toAbsolutePath());
    String said = run(folder, RUN_SECONDS_MAX, "node", "first.mjs");
    assertTrue(said.contains("lat: 52.52"), said);
  }

  /// @return what the command said; it must end with code 0
  private static String run(Path in, int secondsMax, String... command) throws Exception {
    Path output = Files.createTempFile(folder, "run", ".out");
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .directory(in.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
    } catch (IOException e) {
      throw new AssertionError(
          "cannot run " + command[0] + ": the tests need Node 20 or newer, with npm", e);
    }
    if (!process.waitFor(secondsMax, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(
          String.join(" ", command) + " did not end: " + Files.readString(output));
    }
    String said = Files.readString(output);
    assertEquals(0, process.exitValue(), String.join(" ", command) + ": " + said);
    return said;
  }
}
