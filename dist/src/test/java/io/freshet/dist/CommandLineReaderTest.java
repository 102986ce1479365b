// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineReaderTest {

  @Test
  void readsOptionsInBothForms() {
    var expected =
        new Command.Start(
            new Command.Sources(
                Optional.of("f.yml"),
                List.of("server.host=::1", "server.port=0", "data=/d", "retention.age=5m")),
            true);
    assertEquals(
        expected,
        read("start --host ::1 --port 0 --data /d --config f.yml --insecure --retention.age=5m"));
    assertEquals(
        expected,
        read("--host=::1 --port=0 start --data=/d --config=f.yml --retention.age=5m --insecure"));
  }

  @Test
  void readsEveryCommand() {
    var nothing = new Command.Sources(Optional.empty(), List.of());
    assertEquals(new Command.Start(nothing, false), read("start"));
    assertEquals(new Command.ConfigCheck(nothing), read("config check"));
    assertEquals(new Command.ConfigPrint(nothing), read("config print"));
    assertEquals(new Command.ConfigReference(), read("config reference"));
    assertEquals(
        new Command.PermissionsCheck(nothing, Optional.of("p.yml")),
        read("permissions check p.yml"));
    assertEquals(
        new Command.PermissionsCheck(nothing, Optional.empty()), read("permissions check"));
    assertEquals(new Command.Version(), read("version"));
    assertTrue(read("start --help") instanceof Command.Help);
    assertTrue(read("help") instanceof Command.Help);
    assertTrue(read("-h") instanceof Command.Help);
    assertTrue(read("key create --help") instanceof Command.Help);
    assertEquals(
        new Command.Identity(List.of("hash", "--pbkdf2", "md5")), read("hash --pbkdf2 md5"));
  }

  @Test
  void readsAdminCalls() {
    var sources = new Command.Sources(Optional.of("f.yml"), List.of("server.port=7"));
    assertEquals(
        new Command.Admin(
            sources,
            Optional.of("http://h:1"),
            Optional.of("t"),
            new TlsTrust(
                Optional.of("ca.pem"), Optional.empty(), Optional.empty(), Optional.empty()),
            new AdminAction.Put("a b", Optional.of("{}"))),
        CommandLineReader.read(
            new String[] {
              "admin",
              "put",
              "a b",
              "{}",
              "--url",
              "http://h:1",
              "--token=t",
              "--ca=ca.pem",
              "--config",
              "f.yml",
              "--port",
              "7"
            }));
    assertEquals(new AdminAction.Get("x"), action("admin get x"));
    assertEquals(new AdminAction.Put("x", Optional.empty()), action("admin put x"));
    assertEquals(new AdminAction.Put("x", Optional.empty()), action("admin put x -"));
    assertEquals(new AdminAction.Delete("x"), action("admin delete x"));
    assertEquals(new AdminAction.Connections(), action("admin connections"));
    assertEquals(new AdminAction.ReloadTls(), action("tls reload"));
    assertEquals(new AdminAction.KickUser("u"), action("admin kick --user u"));
    assertEquals(new AdminAction.KickConnection("7"), action("admin kick --connection=7"));
    assertEquals(new AdminAction.ReloadPermissions(), action("permissions reload --token=t"));
  }

  private static AdminAction action(String line) {
    return read(line) instanceof Command.Admin admin ? admin.action() : null;
  }

  @ParameterizedTest
  @CsvSource({
    "admin, 'admin takes one of'",
    "admin put, needs the name",
    "admin get a b, '\"b\" is too much'",
    "admin kick, either --user or --connection",
    "admin kick --user u --connection 1, either --user or --connection",
    "admin get a --user u, 'belong to: freshet admin kick'",
  })
  void refusesOtherAdminCallsInOneLine(String arguments, String problem) {
    var refusal = assertThrows(RefusedException.class, () -> read(arguments));
    assertEquals(ExitCode.USAGE, refusal.code());
    assertTrue(refusal.getMessage().contains(problem), refusal::getMessage);
    assertEquals(1, refusal.getMessage().lines().count());
  }

  @ParameterizedTest
  @CsvSource({
    "'', a command is missing",
    "stop, unknown command: stop",
    "start now, unknown command: start now",
    "config, unknown command: config",
    "start --port, --port needs a value",
    "version --port 1, this command takes no options",
  })
  void refusesTheRestWithTheHelpText(String arguments, String problem) {
    var refusal = assertThrows(RefusedException.class, () -> read(arguments));
    assertEquals(ExitCode.USAGE, refusal.code());
    assertTrue(refusal.getMessage().startsWith(problem), refusal::getMessage);
    assertTrue(refusal.getMessage().contains("--config FILE"), refusal::getMessage);
  }

  private static Command read(String arguments) {
    return CommandLineReader.read(arguments.isEmpty() ? new String[0] : arguments.split(" "));
  }
}
