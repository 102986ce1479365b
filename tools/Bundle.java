// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// Completes the runnable bundle: launcher, JVM options, the program's jar, and the JVM's ahead of
/// time cache, which halves the cold start. The cache is recorded by a training run: the server is
/// started as users start it, asked a few things, and stopped. A bundle without the cache works
/// too, so a training run that fails is only reported.
///
/// Usage: `java tools/Bundle.java ROOT JAR BUNDLE`; the libraries are in BUNDLE/lib already.
final class Bundle {
  private static final String READY = "Freshet ready: ";
  private static final int TRAINING_SECONDS_MAX = 60;

  private final Path lib;
  private final Path cache;

  private Bundle(Path bundle) {
    this.lib = bundle.resolve("lib");
    this.cache = lib.resolve("freshet.aot");
  }

  public static void main(String[] arguments) throws Exception {
    Path root = Path.of(arguments[0]);
    var bundle = new Bundle(Path.of(arguments[2]).toAbsolutePath());
    bundle.copyIfChanged(Path.of(arguments[1]), bundle.lib.resolve("freshet.jar"));
    bundle.copyIfChanged(
        root.resolve("dist/src/main/launcher/jvm.options"), bundle.lib.resolve("jvm.options"));
    Path launcher = Path.of(arguments[2]).resolve("bin/freshet");
    Files.createDirectories(launcher.getParent());
    bundle.copyIfChanged(root.resolve("freshet"), launcher);
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    bundle.unpackNatives();
    if (bundle.cacheIsOlderThanAnything()) {
      bundle.train();
    }
    Files.writeString(bundle.lib.resolve(".built"), "");
  }

  /// Native libraries of this machine's kind, which their users would otherwise unpack from their
  /// jars into the temporary directory at every start: a tenth of a second.
  private void unpackNatives() throws IOException {
    Path folder = Files.createDirectories(lib.resolve("native"));
    String arch = System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64";
    String rocks = "librocksdbjni-linux%s.so".formatted(arch.equals("aarch64") ? "-aarch64" : "64");
    List<String> wanted =
        List.of("META-INF/native/libnetty_transport_native_epoll_%s.so".formatted(arch), rocks);
    try (Stream<Path> jars = Files.list(lib)) {
      for (Path jar : jars.filter(name -> name.toString().endsWith(".jar")).toList()) {
        try (var zip = new ZipFile(jar.toFile())) {
          for (String name : wanted) {
            ZipEntry entry = zip.getEntry(name);
            if (entry != null) {
              unpack(zip, entry, folder.resolve(Path.of(name).getFileName()));
            }
          }
        }
      }
    }
  }

  private static void unpack(ZipFile zip, ZipEntry entry, Path to) throws IOException {
    if (!Files.exists(to) || Files.size(to) != entry.getSize()) {
      try (InputStream in = zip.getInputStream(entry)) {
        Files.copy(in, to, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /// The cache remembers the time stamps of the jars, so an equal file is left alone.
  private void copyIfChanged(Path from, Path to) throws IOException {
    if (!Files.exists(to) || Files.mismatch(from, to) >= 0) {
      Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private boolean cacheIsOlderThanAnything() throws IOException {
    if (!Files.exists(cache)) {
      return true;
    }
    FileTime made = Files.getLastModifiedTime(cache);
    try (Stream<Path> files = Files.list(lib)) {
      for (Path file : files.filter(name -> !name.endsWith(".built")).toList()) {
        if (Files.getLastModifiedTime(file).compareTo(made) > 0) {
          return true;
        }
      }
    }
    return false;
  }

  private void train() throws Exception {
    Files.deleteIfExists(cache);
    Path data = Files.createTempDirectory("freshet-training");
    try {
      var command = new ArrayList<String>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(Files.readAllLines(lib.resolve("jvm.options")));
      command.add("-XX:AOTCacheOutput=" + cache);
      command.add("-Djava.library.path=" + lib.resolve("native"));
      command.addAll(List.of("-jar", lib.resolve("freshet.jar").toString()));
      command.addAll(List.of("start", "--port", "0", "--data", data.toString()));
      Process server =
          new ProcessBuilder(command).redirectErrorStream(true).directory(data.toFile()).start();
      String output = exercise(server);
      if (!server.waitFor(TRAINING_SECONDS_MAX, TimeUnit.SECONDS)) {
        server.destroyForcibly();
      }
      if (!Files.exists(cache)) {
        System.err.println("No ahead of time cache; the bundle starts more slowly. The run said:");
        System.err.println(output);
      }
    } finally {
      deleteAll(data);
    }
  }

  /// Waits for the ready line, asks for what every server is asked, and stops the server.
  private static String exercise(Process server) throws Exception {
    var output = new StringBuilder();
    var reader =
        new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8));
    String line;
    while ((line = reader.readLine()) != null) {
      output.append(line).append('\n');
      if (line.startsWith(READY)) {
        visit(URI.create(line.substring(READY.length()).split(" ", 2)[0]));
        server.toHandle().destroy(); // Process.destroy would close the output too
      }
    }
    return output.toString();
  }

  private static void visit(URI server) throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      for (String path : List.of("/health-check", "/metrics", "/nowhere")) {
        http.send(
            HttpRequest.newBuilder(server.resolve(path)).build(),
            HttpResponse.BodyHandlers.ofString());
      }
      exerciseDoor(http, server);
    }
  }

  /// What the official client sends to log in, to open the record `r/1`, and to write it;
  /// hexadecimal.
  private static final List<String> LOGIN =
      List.of(
          "3210021a2e08052a1177733a2f2f682f6465657073747265616d3204302e31613a05372e302e35420a6a617661"
              + "736372697074",
          "0a10031a06080212027b7d",
          "0e10051a0a08171a01303a03722f31");

  private static final String WRITE = "1c10051a1808111201313203722f3162016168ffffffffffffffffff01";

  private static final int WRITES = 3000;

  private static final int CONNECTIONS = 1000;

  /// The cache also keeps which methods are hot, so a server starts out warmer: for writes, and for
  /// many clients that come back at once.
  private static void exerciseDoor(HttpClient http, URI server) throws Exception {
    URI door = URI.create("ws" + server.toString().substring("http".length()) + "/deepstream");
    for (int i = 0; i < CONNECTIONS; i++) {
      String name = HexFormat.of().formatHex("%03d".formatted(i).getBytes(StandardCharsets.UTF_8));
      talk(http, door, LOGIN.stream().map(each -> each.replace("722f31", name)).toList());
    }
    var messages = new ArrayList<>(LOGIN);
    messages.addAll(Collections.nCopies(WRITES, WRITE));
    talk(http, door, messages);
  }

  /// Sends the messages and waits for the answers to the first three.
  private static void talk(HttpClient http, URI door, List<String> messages) throws Exception {
    var answered = new CountDownLatch(4);
    var listener =
        new WebSocket.Listener() {
          @Override
          public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            answered.countDown();
            socket.request(1);
            return CompletableFuture.completedStage(null);
          }
        };
    WebSocket socket = http.newWebSocketBuilder().buildAsync(door, listener).join();
    for (String message : messages) {
      send(socket, message);
    }
    answered.await(TRAINING_SECONDS_MAX, TimeUnit.SECONDS);
    socket.abort();
  }

  private static void send(WebSocket socket, String hex) {
    socket.sendBinary(ByteBuffer.wrap(HexFormat.of().parseHex(hex)), true).join();
  }

  private static void deleteAll(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
