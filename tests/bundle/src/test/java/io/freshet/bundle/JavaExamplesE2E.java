// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.testkit.Checkout;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// The Java examples, run as their pages say; and the jars of the Java client, as programs use
/// them.
class JavaExamplesE2E {
  private static final Pattern COMMAND = Pattern.compile("^java -cp .*$", Pattern.MULTILINE);
  private static final Pattern ADDRESS = Pattern.compile("\\[ws://[^]]*]");
  private static final Pattern OUTPUT = Pattern.compile("```text\n(.*?)```", Pattern.DOTALL);
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin");
  private static final int EXAMPLE_LINES_MAX = 150;
  private static final int RUN_SECONDS_MAX = 60;

  @TempDir private static Path folder;
  private static RunningServer server;

  @BeforeAll
  static void start() throws Exception {
    server = RunningServer.start(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    if (server != null) {
      server.close();
    }
  }

  @TestFactory
  Stream<DynamicTest> saysWhatItsPageSays() {
    return Stream.of("java-records", "java-documents", "java-streams")
        .map(name ->
            DynamicTest.dynamicTest(
                name, () -> saysWhatItsPageSays(Checkout.root().resolve("examples/" + name))));
  }

  private static void saysWhatItsPageSays(Path example) throws Exception {
    String page = Files.readString(example.resolve("README.md"));
    Matcher command = COMMAND.matcher(page);
    assertTrue(command.find(), example + " does not say how to run it");
    String line = ADDRESS.matcher(command.group()).replaceFirst("ws://" + server.address());
    assertTrue(line.endsWith(server.address()), line);
    Matcher output = OUTPUT.matcher(page);
    assertTrue(output.find(), example + " does not say what it prints");
    assertEquals(output.group(1), run(Checkout.root(), "sh", "-c", line));
    try (Stream<Path> files = Files.list(example)) {
      for (Path source : files.filter(file -> file.toString().endsWith(".java")).toList()) {
        long lines = Files.readAllLines(source).size();
        assertTrue(lines < EXAMPLE_LINES_MAX, source + " has " + lines + " lines");
      }
    }
  }

  private static final String MODULE =
      """
      module pizza {
        requires io.freshet.client;
        opens pizza to io.freshet.client;
      }
      """;

  private static final String PROGRAM =
      """
      package pizza;

      import static io.freshet.client.FreshetClient.await;

      import io.freshet.client.Filter;
      import io.freshet.client.FreshetClient;
      import io.freshet.client.StreamOptions;

      public final class Main {
        record Order(String topping, int pieces) {}

        private Main() {}

        public static void main(String[] args) {
          try (FreshetClient client = FreshetClient.connect(args[0])) {
            var options =
                StreamOptions.<Order>all().created(Filter.ordered(Order::pieces).greaterThan(1));
            try (var orders = client.changes("pizza", Order.class).stream(options)) {
              await(orders.ready());
              var pizzas = client.sync().collection("pizza", Order.class);
              await(pizzas.create(new Order("olives", 1)));
              await(pizzas.create(new Order("ham", 2)));
              System.out.println(orders.iterator().next());
            }
          }
          System.out.println(Main.class.getModule() + ", " + FreshetClient.class.getModule());
        }
      }
      """;

  @Test
  void aNamedModuleUsesTheClient() throws Exception {
    Path classes = compiled("--module-path", List.of("module-info.java", "pizza/Main.java"));
    String said =
        run(
            folder,
            JAVA.resolve("java").toString(),
            "--module-path",
            classes + File.pathSeparator + jars(),
            "--module",
            "pizza/pizza.Main",
            "ws://" + server.address());
    assertTrue(said.startsWith("Created[created=Order[topping=ham, pieces=2]"), said);
    assertTrue(said.endsWith("module pizza, module io.freshet.client\n"), said);
  }

  @Test
  void aProgramOnTheClassPathUsesTheClient() throws Exception {
    Path classes = compiled("--class-path", List.of("pizza/Main.java"));
    String path = classes + File.pathSeparator + jars();
    String java = JAVA.resolve("java").toString();
    String said = run(folder, java, "-cp", path, "pizza.Main", "ws://" + server.address());
    assertTrue(said.startsWith("Created[created=Order[topping=ham, pieces=2]"), said);
  }

  /// Compiled for the oldest Java there may be, without a warning but those on the class path of
  /// the tests themselves.
  private static Path compiled(String kindOfPath, List<String> files) throws Exception {
    Path sources = Files.createTempDirectory(folder, "sources");
    Files.createDirectory(sources.resolve("pizza"));
    Files.writeString(sources.resolve("module-info.java"), MODULE);
    Files.writeString(sources.resolve("pizza/Main.java"), PROGRAM);
    Path classes = Files.createTempDirectory(folder, "classes");
    var arguments =
        new ArrayList<>(
            List.of("--release", "21", "-Xlint:all,-path", "-Werror", "-d", classes.toString()));
    Path annotations =
        Path.of(NullMarked.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    arguments.addAll(List.of(kindOfPath, jars() + File.pathSeparator + annotations));
    files.forEach(file -> arguments.add(sources.resolve(file).toString()));
    var said = new StringWriter();
    var out = new PrintWriter(said);
    int code =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(out, out, arguments.toArray(String[]::new));
    assertEquals(0, code, said.toString());
    return classes;
  }

  /// Nothing else is needed to run.
  private static String jars() {
    return jar("clients/java", "") + File.pathSeparator + jar("protocol", "");
  }

  private static Path jar(String module, String kind) {
    String name = "freshet-" + (module.equals("protocol") ? "protocol" : "client") + "-";
    Path target = Checkout.root().resolve(module).resolve("target");
    try (Stream<Path> files = Files.list(target)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(name))
          .filter(file -> file.toString().endsWith(kind + ".jar"))
          .filter(file -> !kind.isEmpty() || !file.toString().matches(".*-(sources|javadoc)\\.jar"))
          .findFirst()
          .orElseThrow(() -> new AssertionError("no jar " + name + "…" + kind + " in " + target));
    } catch (IOException e) {
      throw new AssertionError("nothing was packed in " + target, e);
    }
  }

  @Test
  void sourcesAndJavadocComeAlong() throws IOException {
    for (String module : List.of("clients/java", "protocol")) {
      Path root = Checkout.root().resolve(module).resolve("src/main/java");
      List<String> sources;
      try (Stream<Path> files = Files.walk(root)) {
        sources =
            files
                .filter(Files::isRegularFile)
                .map(file -> root.relativize(file).toString())
                .sorted()
                .toList();
      }
      assertEquals(sources, filesOf(jar(module, "-sources"), ".java"));
      String pages = String.join("\n", filesOf(jar(module, "-javadoc"), ".html"));
      String page = module.equals("protocol") ? "json/JsonValue.html" : "FreshetClient.html";
      assertTrue(pages.contains(page), pages);
      assertTrue(pages.contains("index.html"), pages);
    }
  }

  private static List<String> filesOf(Path jar, String ending) throws IOException {
    try (var zip = new ZipFile(jar.toFile())) {
      return zip.stream()
          .map(entry -> entry.getName())
          .filter(name -> name.endsWith(ending))
          .sorted()
          .collect(Collectors.toList());
    }
  }

  /// @return what the command said; it must end with code 0
  private static String run(Path in, String... command) throws Exception {
    Path output = Files.createTempFile(folder, "run", ".out");
    var builder = new ProcessBuilder(command).directory(in.toFile()).redirectErrorStream(true);
    builder.environment().merge("PATH", JAVA.toString(), (old, bin) -> bin + ":" + old);
    Process process = builder.redirectOutput(output.toFile()).start();
    if (!process.waitFor(RUN_SECONDS_MAX, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(
          String.join(" ", command) + " did not end: " + Files.readString(output));
    }
    String said = Files.readString(output, StandardCharsets.UTF_8);
    assertEquals(0, process.exitValue(), String.join(" ", command) + ": " + said);
    return said;
  }
}
