// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Turns arguments into a command. Written by hand because it stands in the way of every start:
/// picocli, whose class files are too old for the ahead of time cache, took 85 ms of processor
/// time.
final class CommandLineReader {
  private static final String HELP_BEGIN =
      """
      Freshet, a live-data server.

      freshet start [--insecure] [OPTION]...   run in the foreground until SIGTERM or SIGINT
      freshet config check [OPTION]...         report everything that is wrong with the configuration
      freshet config print [OPTION]...         print what is in effect and where it comes from
      freshet config reference                 print the reference page of all keys, in Markdown
      freshet version                          print the version
      freshet help                             print this text

      """;

  private static final String HELP_OPTIONS =
      """

      Options:
      --host H         where to listen (key server.host)
      --port N         the port, 0 for any free one (key server.port)
      --data DIR       directory of the embedded store (key data)
      --config FILE    the configuration; without it freshet.yml in this directory, if there is one
      --KEY=VALUE      any key of the configuration, as in --durability=os
      --insecure       listen on an address others can reach, although nobody has to log in

      """;

  /// Options that stand for a key.
  private static final Map<String, String> SHORTHANDS =
      Map.of("host", "server.host", "port", "server.port", "data", "data");

  private final List<String> words = new ArrayList<>();
  private final List<String> flags = new ArrayList<>();
  private final Map<String, String> adminOptions = new HashMap<>();
  private Optional<String> file = Optional.empty();
  private Optional<String> source = Optional.empty();
  private boolean insecure;
  private boolean dryRun;
  private boolean help;

  private CommandLineReader() {}

  /// @throws RefusedException with the help text if the arguments make no sense
  static Command read(String[] arguments) {
    List<String> all = Arrays.asList(arguments);
    if (!all.isEmpty() && IdentityCommands.NAMES.contains(all.getFirst())) {
      return all.contains("--help") ? new Command.Help(helpText()) : new Command.Identity(all);
    }
    var reader = new CommandLineReader();
    var rest = new ArrayList<>(Arrays.asList(arguments));
    while (!rest.isEmpty()) {
      reader.take(rest.removeFirst(), rest);
    }
    return reader.command();
  }

  private void take(String argument, List<String> rest) {
    if (argument.equals("-h") || argument.equals("--help")) {
      help = true;
    } else if (argument.equals("--insecure")) {
      insecure = true;
    } else if (argument.equals("--dry-run") && isPostgres()) {
      dryRun = true;
    } else if (argument.startsWith("--")) {
      takeOption(argument.substring(2), rest);
    } else {
      words.add(argument);
    }
  }

  /// `--port 1`, `--port=1` and `--server.port=1` are the same.
  private void takeOption(String option, List<String> rest) {
    int equals = option.indexOf('=');
    String name = equals < 0 ? option : option.substring(0, equals);
    String key = SHORTHANDS.get(name);
    boolean forAdmin = isAdmin() && AdminLine.OPTIONS.contains(name);
    boolean forPostgres = isPostgres() && name.equals("source");
    if (key == null && !name.equals("config") && !forAdmin && !forPostgres) {
      flags.add(option);
      return;
    }
    if (equals < 0 && rest.isEmpty()) {
      throw wrong("--" + name + " needs a value");
    }
    String value = equals < 0 ? rest.removeFirst() : option.substring(equals + 1);
    if (forAdmin) {
      adminOptions.put(name, value);
    } else if (forPostgres) {
      source = Optional.of(value);
    } else if (key == null) {
      file = Optional.of(value);
    } else {
      flags.add(key + "=" + value);
    }
  }

  private boolean isPostgres() {
    return !words.isEmpty() && words.getFirst().equals("postgres");
  }

  private Command postgres(Command.Sources sources, Command.PostgresVerb verb) {
    if (dryRun && verb == Command.PostgresVerb.DOCTOR) {
      throw wrong("--dry-run belongs to: freshet postgres setup");
    }
    return new Command.Postgres(sources, dryRun ? Command.PostgresVerb.SETUP_DRY : verb, source);
  }

  private boolean isAdmin() {
    return !words.isEmpty()
        && (words.getFirst().equals("admin") || isStreams() || isPermissions() || isTls());
  }

  private boolean isStreams() {
    return words.getFirst().equals("streams");
  }

  private boolean isTls() {
    return words.getFirst().equals("tls");
  }

  private boolean isPermissions() {
    return words.getFirst().equals("permissions");
  }

  private boolean isPermissionsCheck() {
    return isPermissions()
        && (words.size() == 2 || words.size() == 3)
        && words.get(1).equals("check")
        && adminOptions.isEmpty();
  }

  private Command admin(Command.Sources sources) {
    if (isPermissionsCheck()) {
      Optional<String> named = words.stream().skip(2).findFirst();
      return new Command.PermissionsCheck(sources, named);
    }
    var line = new AdminLine(words.subList(1, words.size()), adminOptions);
    AdminAction action =
        switch (words.getFirst()) {
          case "permissions" -> line.permissionsAction();
          case "streams" -> line.streamsAction();
          case "tls" -> line.tlsAction();
          default -> line.action();
        };
    return new Command.Admin(sources, line.url(), line.token(), line.trust(), action);
  }

  private Command command() {
    String name = String.join(" ", words);
    if (help) {
      return new Command.Help(helpText());
    }
    var sources = new Command.Sources(file, flags);
    if (isAdmin()) {
      return admin(sources);
    }
    return switch (name) {
      case "start" -> new Command.Start(sources, insecure);
      case "config check" -> new Command.ConfigCheck(sources);
      case "config print" -> new Command.ConfigPrint(sources);
      case "postgres doctor" -> postgres(sources, Command.PostgresVerb.DOCTOR);
      case "postgres setup" -> postgres(sources, Command.PostgresVerb.SETUP);
      case "postgres" -> throw wrong("postgres takes one of: doctor, setup");
      case "config reference" -> alone(new Command.ConfigReference());
      case "version" -> alone(new Command.Version());
      case "help" -> alone(new Command.Help(helpText()));
      case "" -> throw wrong("a command is missing");
      default -> throw wrong("unknown command: " + name);
    };
  }

  private Command alone(Command command) {
    if (!flags.isEmpty() || file.isPresent()) {
      throw wrong("this command takes no options");
    }
    return command;
  }

  private static RefusedException wrong(String problem) {
    return new RefusedException(
        ExitCode.USAGE,
        problem + System.lineSeparator() + System.lineSeparator() + helpText().stripTrailing());
  }

  private static String helpText() {
    String exitCodes = "\nExit codes:\n" + ExitCode.table();
    return HELP_BEGIN
        + PostgresCommands.HELP
        + IdentityCommands.HELP
        + AdminLine.HELP
        + HELP_OPTIONS
        + AdminLine.OPTIONS_HELP
        + exitCodes;
  }
}
