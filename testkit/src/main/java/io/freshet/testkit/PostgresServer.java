// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A real PostgreSQL on 127.0.0.1, from the binaries among the test resources. User `postgres`,
/// password `postgres`, ready for logical replication. It ends with this process, whatever ends
/// this process.
///
/// As a program: `PostgresServer VERSION DIRECTORY PORT` starts one (port 0: any), prints its URL,
/// and ends when standard input does. The directory is kept, and taken up again by the next.
public final class PostgresServer implements AutoCloseable {
  public static final String USER = "postgres";
  public static final String PASSWORD = "postgres";

  private static final Duration DEADLINE = Duration.ofSeconds(60);

  /// The server ends when this shell does, and the shell when its input does.
  private static final String KEEPER =
      "\"$@\" & server=$!; read -r nothing; kill -INT $server; wait $server";

  private static final List<String> SETTINGS =
      List.of(
          "wal_level=logical",
          "max_wal_senders=20",
          "max_replication_slots=20",
          "max_prepared_transactions=10",
          "max_connections=100",
          "listen_addresses=127.0.0.1",
          "unix_socket_directories=",
          "fsync=off",
          "full_page_writes=off",
          "log_min_messages=warning",
          "shared_buffers=64MB");

  private final int version;
  private final Path directory;
  private final int port;
  private final List<String> settings;
  private @Nullable Process keeper;

  private PostgresServer(int version, Path directory, int port, List<String> settings) {
    this.version = version;
    this.directory = directory;
    this.port = port;
    this.settings = settings;
  }

  /// @param version 15 or 18
  /// @param directory of its data; made if there is nothing
  /// @param port 0 for any free one
  /// @param settings more of `postgresql.conf`, `name=value`
  public static PostgresServer start(int version, Path directory, int port, List<String> settings) {
    try {
      var server = new PostgresServer(version, directory, port == 0 ? freePort() : port, settings);
      server.start();
      Runtime.getRuntime().addShutdownHook(new Thread(server::close));
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static void main(String[] arguments) throws IOException {
    int version = Integer.parseInt(arguments[0]);
    Path directory = Path.of(arguments[1]);
    int port = Integer.parseInt(arguments[2]);
    try (var server = start(version, directory, port, List.of())) {
      System.out.println(server.url("postgres"));
      System.in.transferTo(java.io.OutputStream.nullOutputStream());
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  public int version() {
    return version;
  }

  public int port() {
    return port;
  }

  /// As configuration takes it, without the password.
  public String url(String database) {
    return "postgresql://" + USER + "@127.0.0.1:" + port + "/" + database;
  }

  public Connection connect(String database) throws SQLException {
    var properties = new Properties();
    properties.setProperty("user", USER);
    properties.setProperty("password", PASSWORD);
    properties.setProperty("connectTimeout", "5");
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/" + database, properties);
  }

  /// Starts it where it is stopped or killed, on its directory and port.
  public synchronized void start() throws IOException {
    if (keeper != null && keeper.isAlive()) {
      return;
    }
    if (!Files.exists(directory.resolve("PG_VERSION"))) {
      initialise();
    }
    long end = System.nanoTime() + DEADLINE.toNanos();
    while (!startOnce(end)) {
      // Of a killed server its last children may still hold the shared memory.
      if (System.nanoTime() > end) {
        throw new IOException("PostgreSQL does not start: " + tailOfLog());
      }
    }
  }

  private void initialise() throws IOException {
    Files.createDirectories(directory);
    Path password = Files.createTempFile("password", "");
    try {
      Files.writeString(password, PASSWORD);
      var command = command("initdb");
      command.addAll(List.of("-D", directory.toString(), "-U", USER, "-A", "scram-sha-256"));
      command.addAll(List.of("--pwfile", password.toString(), "-E", "UTF8", "--locale=C", "-N"));
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (exitCode(process) != 0) {
        throw new IOException("initdb failed: " + said);
      }
    } finally {
      Files.delete(password);
    }
  }

  private boolean startOnce(long end) throws IOException {
    var command = new ArrayList<>(List.of("sh", "-c", KEEPER, "sh"));
    command.addAll(command("postgres"));
    command.addAll(List.of("-D", directory.toString(), "-p", Integer.toString(port)));
    for (String setting : SETTINGS) {
      command.addAll(List.of("-c", setting));
    }
    for (String setting : settings) {
      command.addAll(List.of("-c", setting));
    }
    Process started =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
            .start();
    keeper = started;
    while (System.nanoTime() < end) {
      if (answers()) {
        return true;
      }
      if (started.descendants().findAny().isEmpty() && ended(started)) {
        return false;
      }
    }
    return false;
  }

  /// Whether the shell has nothing left to keep; then it is let go.
  private boolean ended(Process shell) throws IOException {
    if (shell.descendants().findAny().isPresent()) {
      return false;
    }
    shell.getOutputStream().close();
    exitCode(shell);
    return true;
  }

  private boolean answers() {
    try (Connection connection = connect("postgres")) {
      return connection.isValid(5);
    } catch (SQLException notYet) {
      pause();
      return false;
    }
  }

  private static void pause() {
    java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
  }

  /// In the rare case that root runs the tests: PostgreSQL refuses to be root, so it is in a name
  /// space where it is not.
  private List<String> command(String program) throws IOException {
    Path binary = PostgresBinaries.of(version).resolve("bin").resolve(program);
    var command = new ArrayList<String>();
    if ("root".equals(System.getProperty("user.name"))) {
      command.addAll(List.of("unshare", "-U"));
    }
    command.add(binary.toString());
    return command;
  }

  private Path log() {
    return directory.resolveSibling(directory.getFileName() + ".log");
  }

  private String tailOfLog() throws IOException {
    List<String> lines = Files.readAllLines(log());
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
  }

  /// Ends it as `pg_ctl stop -m fast` does: connections are cut, everything is written.
  public synchronized void stop() {
    Process running = keeper;
    if (running == null) {
      return;
    }
    try {
      running.getOutputStream().close();
    } catch (IOException gone) {
      // It has ended on its own.
    }
    exitCode(running);
    keeper = null;
  }

  /// Ends it as a crash does, `kill -9`; returns when nothing of it runs.
  public synchronized void kill() throws IOException {
    Process running = keeper;
    if (running == null) {
      return;
    }
    List<ProcessHandle> all = running.descendants().toList();
    String pid = Files.readAllLines(directory.resolve("postmaster.pid")).getFirst().trim();
    ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
    all.forEach(ProcessHandle::destroyForcibly);
    running.getOutputStream().close();
    exitCode(running);
    for (ProcessHandle each : all) {
      each.onExit().orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS).join();
    }
    keeper = null;
  }

  private static int exitCode(Process process) {
    try {
      if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw new IllegalStateException("It does not end: " + process.info().commandLine());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// Stops it; the directory stays.
  @Override
  public void close() {
    stop();
  }
}
