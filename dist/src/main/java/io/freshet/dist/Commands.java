// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.dist.log.LogOutput;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.server.config.ConfigInput;
import io.freshet.server.config.FreshetConfig;
import io.freshet.server.metrics.Metrics;
import io.freshet.server.net.AccessPolicy;
import io.freshet.server.net.BindFailedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does what the command line asks for.
final class Commands {
  private static final String DEFAULT_FILE = "freshet.yml";

  /// The thousand of the error numbers that is the store's.
  private static final int STORE_ERRORS = 3;

  private final Map<String, String> environment;
  private final InputStream in;
  private final PrintStream out;

  Commands(Map<String, String> environment, InputStream in, PrintStream out) {
    this.environment = environment;
    this.in = in;
    this.out = out;
  }

  /// Returns when done; for `start`, when the server accepts connections.
  void execute(Command command) {
    switch (command) {
      case Command.Start(Command.Sources sources, boolean insecure) -> start(sources, insecure);
      case Command.Version() -> out.println(version());
      case Command.Help(String text) -> out.print(text);
      case Command.ConfigCheck(Command.Sources sources) -> {
        FreshetConfig config = load(sources);
        PermissionParts.open(config);
        TlsParts.open(config, new Metrics());
        IdentityParts.open(config, new Metrics()).close();
        out.println("the configuration is valid");
      }
      case Command.PermissionsCheck(Command.Sources sources, Optional<String> file) ->
          checkPermissions(file.or(() -> load(sources).permissions()));
      case Command.ConfigPrint(Command.Sources sources) -> out.print(load(sources).print());
      case Command.ConfigReference() -> out.print(FreshetConfig.reference());
      case Command.Postgres(
              Command.Sources sources,
              Command.PostgresVerb verb,
              Optional<String> source) ->
          new PostgresCommands(out).execute(load(sources).sources(), verb, source);
      case Command.Identity(List<String> arguments) ->
          new IdentityCommands(out, System.in, InstantSource.system()).execute(arguments);
      case Command.Admin admin -> administrate(admin);
    }
  }

  private void checkPermissions(Optional<String> file) {
    String name =
        file.orElseThrow(() ->
            new RefusedException(
                ExitCode.USAGE,
                "which file? Name it, or the configuration that names it with --config"));
    PermissionParts.open(name);
    out.println(name + " is valid");
  }

  private void start(Command.Sources sources, boolean insecure) {
    FreshetConfig config = load(sources);
    LogOutput.configure(config.logging());
    if (!insecure && !IdentityParts.isOn(config)) {
      refuseOpenToOthers(config.server().host());
    }
    Server server;
    try {
      server = Server.start(config, new Metrics());
    } catch (BindFailedException e) {
      throw new RefusedException(ExitCode.CANNOT_LISTEN, String.valueOf(e.getMessage()));
    } catch (FreshetException e) {
      throw new RefusedException(exitCodeFor(e.code()), String.valueOf(e.getMessage()));
    }
    HangUp.handle(() -> {
      LoggerFactory.getLogger(Commands.class).info("SIGHUP: looking at all files");
      server.lookAtFiles();
    });
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "freshet-stop"));
    out.printf(
        "Freshet ready: %s (data %s, started in %d ms)%n",
        server.url(), Path.of(config.data()).toAbsolutePath().normalize(), upMillis());
    out.flush();
  }

  /// While starting, what the store refuses is about its directory.
  private static ExitCode exitCodeFor(ErrorCode code) {
    return code.number() / 1000 == STORE_ERRORS ? ExitCode.DATA_UNUSABLE : ExitCode.FAILURE;
  }

  private static void refuseOpenToOthers(String host) {
    if (!AccessPolicy.isLoopback(host.toLowerCase(Locale.ROOT))) {
      throw new RefusedException(
          ExitCode.USAGE,
          "server.host %s can be reached from other machines, and there is no authentication: "
                  .formatted(host)
              + "anybody there could read, change and delete everything. Say in auth who may"
              + " connect, listen on 127.0.0.1, or add --insecure if something else keeps strangers"
              + " out.");
    }
  }

  /// Runs when the process is told to end. The JVM would report a signal as a failure; here it is
  /// the way to stop a server, so the exit code is made to say so.
  private static void stop(Server server) {
    Logger log = LoggerFactory.getLogger(Commands.class);
    int status = ExitCode.OK.number();
    try {
      log.info("stopping");
      server.close();
      log.info("stopped");
    } catch (RuntimeException e) {
      log.error("could not stop cleanly", e);
      status = ExitCode.FAILURE.number();
    } finally {
      Runtime.getRuntime().halt(status);
    }
  }

  private void administrate(Command.Admin admin) {
    FreshetConfig config = load(admin.sources());
    URI server = admin.url().map(Commands::url).orElseGet(() -> url(config));
    String token =
        admin
            .token()
            .or(() -> config.access().adminToken())
            .orElseThrow(() ->
                new RefusedException(
                    ExitCode.USAGE,
                    "no admin token: set FRESHET_ADMIN_TOKEN to the server's admin.token, or"
                        + " name the server's configuration with --config"));
    new AdminClient(server, token, trust(admin, config), in, out).execute(admin.action());
  }

  private static TlsTrust trust(Command.Admin admin, FreshetConfig config) {
    return admin.url().isPresent()
        ? admin.trust()
        : admin.trust().with(config.tls().map(FreshetConfig.Tls::certificate));
  }

  private static URI url(String text) {
    try {
      var url = new URI(text);
      if (url.getHost() != null
          && ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))) {
        return url;
      }
    } catch (URISyntaxException _) {
      // said below
    }
    throw new RefusedException(
        ExitCode.USAGE, "--url must be like http://127.0.0.1:6020, not \"" + text + "\"");
  }

  /// Where a server with this configuration can be reached from its own machine.
  private static URI url(FreshetConfig config) {
    FreshetConfig.Server server = config.server();
    if (server.port() == 0) {
      throw new RefusedException(
          ExitCode.USAGE, "the configuration leaves the port open (0): name the server with --url");
    }
    String host =
        server.host().equals("0.0.0.0") || server.host().equals("::") ? "127.0.0.1" : server.host();
    return url(
        "%s://%s:%d"
            .formatted(
                config.tls().isPresent() ? "https" : "http",
                host.contains(":") ? "[" + host + "]" : host,
                server.port()));
  }

  private FreshetConfig load(Command.Sources sources) {
    Optional<Path> file = sources.file().map(Path::of).or(Commands::defaultFile);
    String text = file.map(Commands::read).orElse("");
    String name = file.map(Path::toString).orElse("");
    return FreshetConfig.load(new ConfigInput(name, text, environment, sources.flags()));
  }

  private static Optional<Path> defaultFile() {
    return Optional.of(Path.of(DEFAULT_FILE)).filter(Files::exists);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new RefusedException(
          ExitCode.USAGE, "cannot read the configuration file %s: %s".formatted(file, e));
    }
  }

  private static String version() {
    String version = Main.class.getPackage().getImplementationVersion();
    return "Freshet %s (Java %s)"
        .formatted(version == null ? "development" : version, Runtime.version());
  }

  /// Since the JVM began.
  private static long upMillis() {
    return System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
  }
}
