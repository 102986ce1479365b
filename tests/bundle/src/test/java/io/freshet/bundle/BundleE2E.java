// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.testkit.Checkout;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BundleE2E {
  private static final int STOP_SECONDS_MAX = 5;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void servesUntilItIsToldToStop(String signal) throws Exception {
    Path data = directory.resolve("some data");
    try (var server =
        BundleProcess.start(directory, "start", "--port", "0", "--data", data.toString())) {
      BundleProcess.Ready ready = server.awaitReady();
      assertEquals(data.toString(), ready.data());
      assertEquals("127.0.0.1", ready.url().getHost());
      assertEquals(200, get(ready.url(), "/health-check").statusCode());
      assertEquals(404, get(ready.url(), "/nowhere").statusCode());
      assertTrue(get(ready.url(), "/metrics").body().contains("jvm_memory_used_bytes"));
      try (var idle = new Socket(ready.url().getHost(), ready.url().getPort())) {
        server.signal(signal);
        assertEquals(0, server.awaitExit(STOP_SECONDS_MAX), server::errors);
        assertEquals(-1, idle.getInputStream().read());
      }
      assertFalse(server.errors().contains("rror"), server::errors);
    }
  }

  @Test
  void saysThatThePortIsTaken() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      var result = BundleProcess.run(directory, "start", "--port", port);
      assertEquals(3, result.code());
      assertEquals("", result.out());
      assertTrue(result.err().contains("cannot listen on 127.0.0.1 port " + port), result::err);
    }
  }

  @Test
  void refusesToListenToOthersUnlessTold() throws Exception {
    var refused = BundleProcess.run(directory, "start", "--port", "0", "--host", "0.0.0.0");
    assertEquals(2, refused.code());
    assertTrue(refused.err().contains("--insecure"), refused::err);
    try (var server =
        BundleProcess.start(directory, "start", "--port=0", "--host=0.0.0.0", "--insecure")) {
      URI url = server.awaitReady().url();
      URI here = URI.create("http://127.0.0.1:" + url.getPort());
      assertEquals(200, get(here, "/health-check").statusCode());
    }
  }

  @Test
  void reportsEveryConfigurationProblemAndDoesNotStart() throws Exception {
    Files.writeString(directory.resolve("freshet.yml"), "server: { prot: 1 }\ndurability: maybe\n");
    var result = BundleProcess.run(directory, "start", "--port", "0");
    assertEquals(2, result.code());
    assertEquals("", result.out());
    assertTrue(result.err().contains("did you mean server.port?"), result::err);
    assertTrue(result.err().contains("freshet.yml line 2: durability must be"), result::err);
    assertEquals(2, BundleProcess.run(directory, "config", "check").code());
    var missing = BundleProcess.run(directory, "config", "check", "--config", "no.yml");
    assertEquals(2, missing.code());
    assertTrue(missing.err().contains("no.yml"), missing::err);
  }

  @Test
  void printsWhatIsConfiguredAndWhereItComesFrom() throws Exception {
    Files.writeString(directory.resolve("other.yml"), "durability: os\n");
    var environment = Map.of("FRESHET_LOGGING_LEVEL", "warn");
    var printed =
        BundleProcess.run(
            directory, environment, "config", "print", "--config", "other.yml", "--port", "7");
    assertEquals(0, printed.code(), printed::err);
    assertEquals("", printed.err());
    assertTrue(printed.out().contains("  port: 7  # --server.port\n"), printed::out);
    assertTrue(printed.out().contains("durability: os  # other.yml line 1\n"), printed::out);
    assertTrue(
        printed.out().contains("level: warn  # environment variable FRESHET_LOGGING_LEVEL\n"),
        printed::out);
    assertEquals(0, BundleProcess.run(directory, "config", "check").code());
  }

  @Test
  void printsReferenceVersionAndHelp() throws Exception {
    Path page = Checkout.root().resolve("docs/reference/configuration.md");
    assertEquals(Files.readString(page), BundleProcess.run(directory, "config", "reference").out());
    assertTrue(
        BundleProcess.run(directory, "version").out().matches("Freshet \\S+ \\(Java .+\\)\n"));
    var help = BundleProcess.run(directory, "help");
    assertEquals(0, help.code());
    assertTrue(help.out().contains("freshet start"), help::out);
    var nothing = BundleProcess.run(directory);
    assertEquals(2, nothing.code());
    assertTrue(nothing.err().contains("freshet start"), nothing::err);
  }

  @Test
  void logsJsonOnRequest() throws Exception {
    try (var server =
        BundleProcess.start(directory, "start", "--port=0", "--logging.format=json")) {
      server.awaitReady();
      server.signal("TERM");
      assertEquals(0, server.awaitExit(STOP_SECONDS_MAX), server::errors);
      assertTrue(server.errors().contains("\"message\":\"stopped\""), server::errors);
      assertTrue(
          server.errors().lines().allMatch(line -> line.startsWith("{") && line.endsWith("}")),
          server::errors);
    }
  }

  @Test
  void worksWithoutACacheAndWithAForeignOneAndSaysNothingOfIt() throws Exception {
    Path bundle = copyWithoutCache();
    assertQuietStart(bundle);
    Files.writeString(bundle.resolve("lib/freshet.aot"), "not a cache");
    assertQuietStart(bundle);
    Files.copy(
        BundleProcess.BUNDLE.resolve("lib/freshet.aot"),
        bundle.resolve("lib/freshet.aot"),
        StandardCopyOption.REPLACE_EXISTING);
    assertQuietStart(bundle);
  }

  private void assertQuietStart(Path bundle) throws Exception {
    try (var server =
        new BundleProcess(
            bundle, directory, Map.of(), "start", "--port=0", "--logging.level=warn")) {
      server.awaitReady();
      server.signal("TERM");
      assertEquals(0, server.awaitExit(STOP_SECONDS_MAX), server::errors);
      assertEquals("", server.errors());
    }
  }

  /// Beside the bundle, so that hard links can be made instead of copies of a hundred megabytes.
  private static Path copyWithoutCache() throws IOException {
    Path copy = BundleProcess.BUNDLE.resolveSibling("freshet-without-cache");
    try (Stream<Path> files = Files.walk(BundleProcess.BUNDLE)) {
      for (Path file : files.toList()) {
        Path to = copy.resolve(BundleProcess.BUNDLE.relativize(file));
        if (Files.isDirectory(file)) {
          Files.createDirectories(to);
        } else {
          Files.deleteIfExists(to);
          Files.createLink(to, file);
        }
      }
    }
    Files.delete(copy.resolve("lib/freshet.aot"));
    return copy;
  }

  @Test
  void takesAnotherCollectorOverItsOwn() throws Exception {
    var run =
        BundleProcess.run(
            directory, Map.of("FRESHET_JAVA_OPTS", "-XX:+UseG1GC -Xmx128m"), "version");
    assertEquals(0, run.code(), run::err);
    assertEquals("", run.err());
  }

  @Test
  void hasACacheForThisJvm() throws Exception {
    var run =
        BundleProcess.run(directory, Map.of("FRESHET_JAVA_OPTS", "-XX:AOTMode=on"), "version");
    assertEquals(0, run.code(), run::err);
    assertTrue(Files.exists(BundleProcess.BUNDLE.resolve("lib/freshet.aot")));
  }

  private static HttpResponse<String> get(URI server, String path) throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(server.resolve(path)).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }
}
