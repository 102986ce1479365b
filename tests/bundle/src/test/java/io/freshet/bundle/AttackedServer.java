// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The packaged server with a heap of 256 MB, and a [Witness] that works on it from the first
/// moment to the last.
final class AttackedServer implements AutoCloseable {
  static final long HEAP_BYTES_MAX = 256L << 20;
  private static final int VERSIONS_SEEN = 20;
  private static final int STOP_SECONDS_MAX = 10;

  private final HttpClient http = HttpClient.newHttpClient();
  private final BundleProcess process;
  private final URI url;
  private final Witness witness;

  AttackedServer(Path directory, String... options) throws Exception {
    var arguments = new ArrayList<>(List.of("start", "--port=0", "--logging.level=warn"));
    arguments.addAll(List.of(options));
    process =
        new BundleProcess(
            BundleProcess.BUNDLE,
            directory,
            Map.of("FRESHET_JAVA_OPTS", "-Xmx" + HEAP_BYTES_MAX),
            arguments.toArray(String[]::new));
    url = process.awaitReady().url();
    witness = new Witness(url);
  }

  URI url() {
    return url;
  }

  String authority() {
    return url.getAuthority();
  }

  /// The same process as at the start is up and healthy, within its memory, and the well-behaved
  /// clients still get every version.
  void assertUnharmed() throws Exception {
    witness.awaitProgress(VERSIONS_SEEN);
    assertTrue(process.isAlive(), process::errors);
    assertEquals(200, get("/health-check").statusCode());
    assertTrue(metric("jvm_memory_used_bytes{area=\"heap\"") < HEAP_BYTES_MAX);
    assertFalse(process.errors().contains("OutOfMemory"), process::errors);
    assertFalse(process.errors().contains(" ERROR "), process::errors);
    assertFalse(process.errors().contains("xception"), process::errors);
  }

  /// Bytes of the heap that are still in use after a collection.
  long liveHeapBytes() throws Exception {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    var collect =
        new ProcessBuilder(jcmd.toString(), Long.toString(process.pid()), "GC.run")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertTrue(collect.waitFor(60, TimeUnit.SECONDS), "no collection");
    return (long) metric("jvm_memory_used_bytes{area=\"heap\"");
  }

  /// The sum of the series whose text begins so.
  double metric(String series) throws Exception {
    Matcher lines =
        Pattern.compile("^" + Pattern.quote(series) + ".*? ([0-9.Ee+-]+)$", Pattern.MULTILINE)
            .matcher(get("/metrics").body());
    double sum = 0;
    boolean found = false;
    while (lines.find()) {
      sum += Double.parseDouble(lines.group(1));
      found = true;
    }
    assertTrue(found, "no metric " + series);
    return sum;
  }

  HttpResponse<String> get(String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(url.resolve(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  String errors() {
    return process.errors();
  }

  /// Stops it in good order: nothing of what happened may have broken that.
  @Override
  public void close() throws Exception {
    try (process) {
      witness.close();
      process.signal("TERM");
      assertEquals(0, process.awaitExit(STOP_SECONDS_MAX), process::errors);
    } finally {
      http.close();
    }
  }
}
