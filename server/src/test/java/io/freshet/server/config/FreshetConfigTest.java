// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.spi.Durability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FreshetConfigTest {

  @Test
  void hasADefaultForEverything() {
    FreshetConfig config = load("");
    assertEquals(
        new FreshetConfig.Server("127.0.0.1", 6020, List.of(), List.of(), List.of(), false),
        config.server());
    assertEquals("./data", config.data());
    assertEquals(new CollectionSettings(Durability.FSYNC), config.collection("driver"));
    assertEquals(
        new FreshetConfig.Retention(Duration.ofHours(24), 2L << 30, Duration.ofHours(24)),
        config.retention());
    assertEquals(Duration.ofMillis(500), config.deepstream().listenResponseTimeout());
    assertEquals(
        new FreshetConfig.Rpc(Duration.ofSeconds(1), Duration.ofSeconds(10), false, false),
        config.deepstream().rpc());
    assertEquals(
        new FreshetConfig.Features(true, true, true, true), config.deepstream().features());
    assertEquals(1 << 20, config.limits().documentBytesMax());
    assertEquals((1 << 20) + (64 << 10), config.limits().messageBytesMax());
    assertEquals(new FreshetConfig.Logging(LogLevel.INFO, LogFormat.TEXT), config.logging());
  }

  @Test
  void readsAFile() {
    FreshetConfig config =
        load(
            """
            server:
              host: "::1"
              port: 7000
              origins: ["https://App.example", http://other.example:81]
              hosts: db.example
            data: /var/lib/freshet
            durability: os
            retention: { age: 7d, bytes: 10GiB, tombstones: 90m }
            deepstream:
              listen: { responseTimeout: 250ms, shuffleProviders: false }
              heartbeatInterval: 2m
              rpc: { acceptTimeout: 100ms, responseTimeout: 2s, provideRequestorName: true, provideRequestorData: true }
              features: { record: true, event: false, rpc: true, presence: false }
            limits:   # nothing here
            logging: { level: debug, format: json }
            """);
    assertEquals("::1", config.server().host());
    assertEquals(7000, config.server().port());
    assertEquals(
        List.of("https://app.example", "http://other.example:81"), config.server().origins());
    assertEquals(List.of("db.example"), config.server().hosts());
    assertEquals("/var/lib/freshet", config.data());
    assertEquals(Durability.OS, config.collection("any").durability());
    assertEquals(
        new FreshetConfig.Retention(Duration.ofDays(7), 10L << 30, Duration.ofMinutes(90)),
        config.retention());
    assertEquals(Duration.ofMillis(250), config.deepstream().listenResponseTimeout());
    assertFalse(config.deepstream().listenShuffleProviders());
    assertEquals(Duration.ofMinutes(2), config.deepstream().heartbeatInterval());
    assertEquals(
        new FreshetConfig.Rpc(Duration.ofMillis(100), Duration.ofSeconds(2), true, true),
        config.deepstream().rpc());
    assertEquals(
        new FreshetConfig.Features(true, false, true, false), config.deepstream().features());
    assertEquals(LogFormat.JSON, config.logging().format());
  }

  @Test
  void prefersFlagOverEnvironmentOverFileOverDefault() {
    String file = "server: { port: 1, host: localhost }\ndata: file\n";
    var environment = Map.of("FRESHET_SERVER_PORT", "2", "FRESHET_DATA", "env");
    FreshetConfig config = load(file, environment, List.of("server.port=3"));
    assertEquals(3, config.server().port());
    assertEquals("env", config.data());
    assertEquals("localhost", config.server().host());
    assertEquals(LogLevel.INFO, config.logging().level());
  }

  @Test
  void readsCamelCaseKeysAndListsFromTheEnvironmentAndIgnoresEmptyVariables() {
    var environment =
        Map.of(
            "FRESHET_DEEPSTREAM_HEARTBEAT_INTERVAL", "5s",
            "FRESHET_SERVER_ORIGINS", "https://a.example, https://b.example",
            "FRESHET_SERVER_PORT", "",
            "FRESHET_JAVA_OPTS", "-Xmx1g",
            "PATH", "/bin");
    FreshetConfig config = load("", environment, List.of());
    assertEquals(Duration.ofSeconds(5), config.deepstream().heartbeatInterval());
    assertEquals(List.of("https://a.example", "https://b.example"), config.server().origins());
    assertEquals(6020, config.server().port());
  }

  @Test
  void replacesVariablesInTheFile() {
    FreshetConfig config =
        load("data: \"${HOME_DIR}/x$${NOT}\"", Map.of("HOME_DIR", "/h: {a\n"), List.of());
    assertEquals("/h: {a\n/x${NOT}", config.data());
    assertEquals(
        List.of("freshet.yml line 2: the environment variable NOT_SET is not set"),
        problems("\ndata: a${NOT_SET}b"));
  }

  @Test
  void overridesPerCollectionByNameThenByFirstPattern() {
    FreshetConfig config =
        load(
            """
            durability: os
            collections:
              "sensor-*": { durability: memory }
              "*-7": { durability: os }
              sensor-7: { durability: fsync }
            """);
    assertEquals(Durability.FSYNC, config.collection("sensor-7").durability());
    assertEquals(Durability.MEMORY, config.collection("sensor-8").durability());
    assertEquals(Durability.MEMORY, config.collection("sensor-7-7").durability());
    assertEquals(Durability.OS, config.collection("xsensor-8").durability());
    assertEquals(
        List.of("sensor-7", "sensor-*", "*-7"), List.copyOf(config.collections().keySet()));
    FreshetConfig flag = load("", Map.of(), List.of("collections.a*c.durability=memory"));
    assertEquals(Durability.MEMORY, flag.collection("abc").durability());
    assertEquals(Durability.FSYNC, flag.collection("abcd").durability());
  }

  @Test
  void reportsEveryProblemAtOnce() {
    var failure =
        assertThrows(
            ConfigException.class,
            () ->
                load(
                    "server: { prot: 1, port: 70000 }\ndurabilty: os\nserver2: {host: x}\n",
                    Map.of("FRESHET_SERVER_PROT", "1", "FRESHET_DATA_", "x"),
                    List.of("retention.age=soon", "logging=json", "data")));
    assertEquals(
        List.of(
            "freshet.yml line 1: unknown key server.prot; did you mean server.port?",
            "freshet.yml line 1: server.port must be a whole number, 0 to 65535, not \"70000\"",
            "freshet.yml line 2: unknown key durabilty; did you mean durability?",
            "freshet.yml line 3: unknown key server2.host; did you mean server.host?",
            "environment variable FRESHET_DATA_ sets no key; did you mean FRESHET_DATA?",
            "environment variable FRESHET_SERVER_PROT sets no key; did you mean"
                + " FRESHET_SERVER_PORT?",
            "--retention.age: retention.age must be a duration like 250ms, 5s, 2m, 24h or 7d, not"
                + " \"soon\"",
            "--logging: logging is a group of keys, it has no value of its own",
            "--data: needs a value, as in --data=VALUE"),
        failure.problems());
    assertTrue(failure.getMessage().startsWith("the configuration has 9 problems:"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "server.port | -1",
        "server.port | 6020x",
        "retention.age | 5",
        "retention.age | -5s",
        "retention.age | 99999999999999999999d",
        "retention.age | 999999999999d",
        "retention.bytes | 5MB",
        "retention.bytes | 1KiB",
        "limits.document | 17MiB",
        "limits.pendingPerConnection | 1MiB",
        "durability | replicated",
        "deepstream.listen.shuffleProviders | yes",
        "deepstream.rpc.acceptTimeout | 1ms",
        "deepstream.features.event | off",
        "server.origins | app.example",
        "server.origins | https://app.example/path",
        "server.hosts | http://db",
        "data | ''",
        "collections.a/b.durability | os",
        "collections..durability | os",
        "collections.driver.durabilty | os",
        "collections.driver | os",
        "collections.driver.retention.age | 1h",
        "pulse.models.User | x",
        "pulse.models.User.collection | a/b",
        "pulse.models.User.collection | a.b",
        "pulse.models..collection | users",
        "pulse.models.1User.collection | users",
        "pulse.models.User.idfeld | id",
        "pulse.models.User.idField | ''",
        "admin.token | x",
        "server.tls.certificate | x",
      })
  void refusesWhatIsOutOfBounds(String path, String value) {
    var failure =
        assertThrows(ConfigException.class, () -> load("", Map.of(), List.of(path + "=" + value)));
    assertEquals(1, failure.problems().size(), failure::getMessage);
    assertTrue(failure.getMessage().contains(path), failure::getMessage);
  }

  @Test
  void mapsModelsOfPulseClients() {
    FreshetConfig config =
        load(
            """
            pulse:
              models:
                User: { collection: people, idField: nr }
                Post: { collection: posts }
            """,
            Map.of(),
            List.of("pulse.models.Post.idField=slug"));
    assertEquals(
        Map.of(
            "User",
            new FreshetConfig.PulseModel(Optional.of("people"), Optional.of("nr")),
            "Post",
            new FreshetConfig.PulseModel(Optional.of("posts"), Optional.of("slug"))),
        config.pulseModels());
    assertTrue(config.print().contains("      collection: people"), config::print);
    assertEquals(
        List.of(
            "freshet.yml line 1: unknown key pulse.models.User.idfeld; did you mean"
                + " pulse.models.User.idField?"),
        problems("pulse: { models: { User: { idfeld: x } } }"));
  }

  @Test
  void namesTheNearestKeyWithTheCollectionsOwnName() {
    assertEquals(
        List.of(
            "freshet.yml line 1: unknown key collections.driver.durabilty; did you mean"
                + " collections.driver.durability?"),
        problems("collections: { driver: { durabilty: os } }"));
  }

  @Test
  void refusesBrokenYaml() {
    assertTrue(problems("server: [1").getFirst().startsWith("freshet.yml line 1: not valid YAML"));
    assertEquals(List.of("freshet.yml line 2: data is set twice"), problems("data: a\ndata: b"));
    assertEquals(
        List.of("freshet.yml line 1: data takes one value, not \"a,b\""), problems("data: [a, b]"));
    assertEquals(1, problems("? [a]\n: b").size());
    assertEquals(1, problems("server: { origins: [[a]] }").size());
    assertFalse(problems("a: &x { b: *x }").isEmpty());
  }

  @Test
  void printsWhatIsInEffectSoThatItReadsBackTheSame() {
    FreshetConfig config =
        load(
            """
            data: 'with "quotes" and \\ and: colon'
            server: { origins: [https://a.example] }
            collections:
              "b-*": { durability: os }
              a: { durability: memory }
            """,
            Map.of("FRESHET_SERVER_PORT", "7001"),
            List.of("logging.level=warn"));
    String printed = config.print();
    assertTrue(printed.contains("  port: 7001  # environment variable FRESHET_SERVER_PORT\n"));
    assertTrue(printed.contains("  level: warn  # --logging.level\n"));
    assertTrue(printed.contains("durability: fsync  # default\n"));
    FreshetConfig again = load(printed);
    assertEquals(withoutOrigins(printed), withoutOrigins(again.print()));
    assertEquals(config.data(), again.data());
    assertEquals(config.server(), again.server());
    assertEquals(config.collection("b-1"), again.collection("b-1"));
    assertEquals(config.collection("a"), again.collection("a"));
  }

  @Test
  void neverShowsASecret() {
    var secret =
        new Key<>("token", new ValueType.Whole(1, 9), 1L, "a secret of the test's own", true);
    List<Key<?>> keys = List.of(secret);
    var loader = new ConfigLoader(keys);
    Settings settings = loader.load(new ConfigInput("", "", Map.of(), List.of("token=7")));
    assertEquals(7L, settings.get(secret));
    assertEquals("token: \"***\"  # --token\n", ConfigPrinter.print(settings, keys));
    loader.load(new ConfigInput("", "", Map.of(), List.of("token=77")));
    assertEquals(
        List.of("--token: token must be a whole number, 1 to 9, not \"***\""), loader.problems());
  }

  @Test
  void adminTokensAreLongAndNeverShown() {
    FreshetConfig none = load("");
    assertEquals(Optional.empty(), none.access().adminToken());
    assertTrue(none.print().contains("  token:  # not set\n"), none::print);
    FreshetConfig set = load("admin: { token: 0123456789abcdef }");
    assertEquals(Optional.of("0123456789abcdef"), set.access().adminToken());
    assertFalse(set.print().contains("0123456789abcdef"), set::print);
    assertFalse(set.access().toString().contains("0123456789abcdef"));
    for (String wrong : List.of("\"***\"", "0123456789abcde", "\"0123456789 abcdef\"")) {
      var refused =
          assertThrows(ConfigException.class, () -> load("admin: { token: " + wrong + " }"));
      assertTrue(refused.getMessage().contains("at least 16"), refused::getMessage);
      assertFalse(refused.getMessage().contains("0123456789"), refused::getMessage);
    }
  }

  @Test
  void hasReadableDefaultsAndNoTwoVariablesAlike() {
    var variables = new HashSet<String>();
    for (Key<?> key : Keys.ALL) {
      assertTrue(variables.add(key.variable()), key.path());
      if (!key.isPerName()) {
        assertReadsBack(key);
      }
    }
  }

  private static <T> void assertReadsBack(Key<T> key) {
    assertEquals(key.fallback(), key.type().parse(key.type().format(key.fallback())), key.path());
  }

  @Test
  void hasACurrentReferencePage() throws IOException {
    Path page = Path.of("..", "docs", "reference", "configuration.md");
    assertEquals(
        FreshetConfig.reference(),
        Files.readString(page),
        "docs/reference/configuration.md is not current: write it with `./freshet config"
            + " reference`");
  }

  @ParameterizedTest
  @CsvSource({"port, prot, 1", "port, port, 0", "port, PORT, 0", "abc, '', 3", "host, hots, 1"})
  void measuresTypos(String from, String to, int edits) {
    assertEquals(edits, Names.distance(from, to));
    assertEquals(edits, Names.distance(to, from));
  }

  private static String withoutOrigins(String printed) {
    return printed.replaceAll("  # .*", "");
  }

  private static FreshetConfig load(String file) {
    return load(file, Map.of(), List.of());
  }

  private static FreshetConfig load(
      String file, Map<String, String> environment, List<String> flags) {
    return FreshetConfig.load(new ConfigInput("freshet.yml", file, environment, flags));
  }

  private static List<String> problems(String file) {
    return assertThrows(ConfigException.class, () -> load(file)).problems();
  }
}
