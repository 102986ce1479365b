// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads what stands behind `freshet admin`.
final class AdminLine {
  /// Options that take a value and mean something to `admin` only.
  static final Set<String> OPTIONS =
      Set.of("url", "token", "ca", "cert", "key", "user", "connection", "to");

  /// Those about how the server is reached.
  private static final Set<String> CONNECTING = Set.of("url", "token", "ca", "cert", "key");

  static final String HELP =
      """
      freshet admin get NAME [ADMIN OPTION]...           print a record's data, as JSON
      freshet admin put NAME [JSON|-] [ADMIN OPTION]...  write a record; its data from standard input
                                                         with - or without JSON
      freshet admin delete NAME [ADMIN OPTION]...        delete a record
      freshet admin connections [ADMIN OPTION]...        list who is connected
      freshet admin kick --user U|--connection ID [ADMIN OPTION]...
                                                         close connections; most clients reconnect
      freshet permissions check [FILE]                   report everything that is wrong with the rules
      freshet permissions reload [ADMIN OPTION]...       read them again now; bad ones change nothing
      freshet tls reload [ADMIN OPTION]...               read certificate and key again now
      freshet streams list [ADMIN OPTION]...             list change streams: place, lag, client
      freshet streams show NAME [ADMIN OPTION]...        print all about one, as JSON
      freshet streams reset NAME --to latest|earliest|EVENT [ADMIN OPTION]...
                                                         place its cursor anew; no client may have it
      freshet streams delete NAME [ADMIN OPTION]...      forget its cursor; no client may have it
      """;

  static final String OPTIONS_HELP =
      """
      Admin options:
      --url URL        the server; without it http://HOST:PORT of the configuration
      --token T        its admin.token; without it that of the configuration or of the environment
                       variable FRESHET_ADMIN_TOKEN, which others on this machine cannot see
      --ca FILE        whose certificates to trust for https, PEM; without it whom Java trusts, and
                       the very certificate that the configuration names
      --cert FILE, --key FILE
                       a certificate of one's own to show, and its key, PEM
      """;

  private final List<String> words;
  private final Map<String, String> options;

  /// @param words behind `admin` or `streams`
  AdminLine(List<String> words, Map<String, String> options) {
    this.words = new ArrayList<>(words);
    this.options = new HashMap<>(options);
  }

  Optional<String> url() {
    return Optional.ofNullable(options.get("url"));
  }

  Optional<String> token() {
    return Optional.ofNullable(options.get("token"));
  }

  /// How the server is known to be the one that is meant, and what it is shown.
  TlsTrust trust() {
    Optional<String> cert = Optional.ofNullable(options.get("cert"));
    Optional<String> key = Optional.ofNullable(options.get("key"));
    if (cert.isPresent() != key.isPresent()) {
      throw wrong("--cert and --key belong together");
    }
    return new TlsTrust(Optional.ofNullable(options.get("ca")), Optional.empty(), cert, key);
  }

  /// @throws RefusedException if the words make no sense
  AdminAction action() {
    String verb = words.isEmpty() ? "" : words.removeFirst();
    boolean kick = verb.equals("kick");
    if (!kick && (options.containsKey("user") || options.containsKey("connection"))) {
      throw wrong("--user and --connection belong to: freshet admin kick");
    }
    if (options.containsKey("to")) {
      throw wrong("--to belongs to: freshet streams reset");
    }
    AdminAction action =
        switch (verb) {
          case "get" -> new AdminAction.Get(name(verb));
          case "put" -> new AdminAction.Put(name(verb), json());
          case "delete" -> new AdminAction.Delete(name(verb));
          case "connections" -> new AdminAction.Connections();
          case "kick" -> kick();
          default -> throw wrong("admin takes one of: get, put, delete, connections, kick");
        };
    if (!words.isEmpty()) {
      throw wrong("admin %s: \"%s\" is too much".formatted(verb, words.getFirst()));
    }
    return action;
  }

  /// As [#action], of the words behind `streams`.
  ///
  /// @throws RefusedException if the words make no sense
  AdminAction streamsAction() {
    String verb = words.isEmpty() ? "" : words.removeFirst();
    if (options.containsKey("user") || options.containsKey("connection")) {
      throw wrong("--user and --connection belong to: freshet admin kick");
    }
    if (options.containsKey("to") != verb.equals("reset")) {
      throw wrong("--to says where a stream begins: freshet streams reset NAME --to latest");
    }
    AdminAction action =
        switch (verb) {
          case "list" -> new AdminAction.Streams();
          case "show" -> new AdminAction.ShowStream(stream(verb));
          case "reset" -> new AdminAction.ResetStream(stream(verb), options.getOrDefault("to", ""));
          case "delete" -> new AdminAction.DeleteStream(stream(verb));
          default -> throw wrong("streams takes one of: list, show, reset, delete");
        };
    if (!words.isEmpty()) {
      throw wrong("streams %s: \"%s\" is too much".formatted(verb, words.getFirst()));
    }
    return action;
  }

  /// As [#action], of the words behind `permissions`, but for `check`.
  ///
  /// @throws RefusedException if the words make no sense
  AdminAction permissionsAction() {
    if (!words.equals(List.of("reload"))) {
      throw wrong("permissions takes one of: check, reload");
    }
    if (options.keySet().stream().anyMatch(option -> !CONNECTING.contains(option))) {
      throw wrong("permissions reload takes --url, --token, --ca, --cert and --key");
    }
    return new AdminAction.ReloadPermissions();
  }

  /// As [#action], of the words behind `tls`.
  ///
  /// @throws RefusedException if the words make no sense
  AdminAction tlsAction() {
    if (!words.equals(List.of("reload"))) {
      throw wrong("tls takes: reload");
    }
    if (options.containsKey("user") || options.containsKey("connection")) {
      throw wrong("--user and --connection belong to: freshet admin kick");
    }
    return new AdminAction.ReloadTls();
  }

  private String stream(String verb) {
    if (words.isEmpty()) {
      throw wrong("streams %s needs the name of a stream".formatted(verb));
    }
    return words.removeFirst();
  }

  private String name(String verb) {
    if (words.isEmpty()) {
      throw wrong("admin %s needs the name of a record".formatted(verb));
    }
    return words.removeFirst();
  }

  private Optional<String> json() {
    return words.isEmpty()
        ? Optional.empty()
        : Optional.of(words.removeFirst()).filter(text -> !text.equals("-"));
  }

  private AdminAction kick() {
    String user = options.get("user");
    String connection = options.get("connection");
    if (user != null && connection == null) {
      return new AdminAction.KickUser(user);
    }
    if (connection != null && user == null) {
      return new AdminAction.KickConnection(connection);
    }
    throw wrong("admin kick needs either --user or --connection");
  }

  private static RefusedException wrong(String problem) {
    return new RefusedException(ExitCode.USAGE, problem + "; see: freshet help");
  }
}
