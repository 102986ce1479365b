// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.server.identity.ApiKey;
import io.freshet.server.identity.ApiKeyFile;
import io.freshet.server.identity.IdentityException;
import io.freshet.server.identity.PasswordHash;
import io.freshet.server.identity.TokenSigner;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The commands that make and keep what clients log in with: `hash`, `key` and `token`.
final class IdentityCommands {
  static final Set<String> NAMES = Set.of("hash", "key", "token");

  static final String HELP =
      """
      freshet hash [PASSWORD]                  print the hash of a password, for a users file
        --pbkdf2 DIGEST --iterations N --key-length N    in deepstream's form instead of argon2id
      freshet key create --keys FILE --name TEXT [--user ID] [--data JSON] [--expires 90d]
                                               make an API key; prints it once
      freshet key list --keys FILE             what is known of each key
      freshet key revoke --keys FILE ID        take a key back; ends its connections
      freshet token --secret TEXT|--key FILE --sub ID [--aud NAME] [--iss NAME] [--expires 1h]
        [--kid ID] [--claims JSON]             sign a token (JWT), for trying things out
      A password or secret that is - or left out is read from standard input.
      """;

  private static final Map<String, Set<String>> OPTIONS =
      Map.of(
          "hash", Set.of("pbkdf2", "iterations", "key-length"),
          "key create", Set.of("keys", "name", "user", "data", "expires"),
          "key list", Set.of("keys"),
          "key revoke", Set.of("keys"),
          "token", Set.of("secret", "key", "sub", "aud", "iss", "expires", "kid", "claims"));
  private static final Pattern TIME = Pattern.compile("(\\d{1,6})([smhd])");

  private final PrintStream out;
  private final InputStream in;
  private final InstantSource clock;
  private final Map<String, String> options = new HashMap<>();
  private @Nullable String operand;

  IdentityCommands(PrintStream out, InputStream in, InstantSource clock) {
    this.out = out;
    this.in = in;
    this.clock = clock;
  }

  /// @throws RefusedException saying what is wrong
  void execute(List<String> arguments) {
    String name = arguments.getFirst();
    int from = 1;
    if (name.equals("key") && arguments.size() > 1) {
      name = "key " + arguments.get(1);
      from = 2;
    }
    Set<String> known = OPTIONS.get(name);
    if (known == null) {
      throw wrong("key needs one of create, list and revoke");
    }
    read(known, arguments.subList(from, arguments.size()));
    boolean takesOperand = name.equals("hash") || name.equals("key revoke");
    if (operand != null && !takesOperand) {
      throw wrong("unexpected: " + operand);
    }
    try {
      run(name);
    } catch (IdentityException e) {
      throw new RefusedException(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private void read(Set<String> known, List<String> arguments) {
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (!argument.startsWith("--")) {
        if (operand != null) {
          throw wrong("unexpected: " + argument);
        }
        operand = argument;
        continue;
      }
      int equals = argument.indexOf('=');
      String name = argument.substring(2, equals < 0 ? argument.length() : equals);
      if (!known.contains(name)) {
        throw wrong("unknown option --" + name);
      }
      if (equals < 0 && i + 1 == arguments.size()) {
        throw wrong("--" + name + " needs a value");
      }
      options.put(name, equals < 0 ? arguments.get(++i) : argument.substring(equals + 1));
    }
  }

  private void run(String name) {
    switch (name) {
      case "hash" -> hash();
      case "key create" -> createKey();
      case "key list" -> listKeys();
      case "key revoke" -> revokeKey();
      case "token" -> signToken();
      default -> throw new IllegalStateException("a command without code: " + name);
    }
  }

  private void hash() {
    String digest = options.get("pbkdf2");
    if (digest == null && !options.isEmpty()) {
      throw wrong("--iterations and --key-length go with --pbkdf2");
    }
    String password = secret(operand, "Password: ");
    out.println(
        digest == null
            ? PasswordHash.Argon2id.of(password, new SecureRandom())
            : PasswordHash.Pbkdf2.of(
                password,
                new PasswordHash.Pbkdf2.Parameters(
                    digest, whole("iterations", 100), whole("key-length", 32)),
                new SecureRandom()));
  }

  private void createKey() {
    String name = needed("name");
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    Duration life = time("expires");
    ApiKey.Made made =
        ApiKey.make(
            name,
            options.getOrDefault("user", name),
            object("data"),
            now,
            life == null ? null : now.plus(life),
            new SecureRandom());
    ApiKeyFile.add(Path.of(needed("keys")), made.key());
    out.println(made.text());
  }

  private void listKeys() {
    out.printf("%-14s%-24s%-24s%-22s%s%n", "ID", "NAME", "USER", "CREATED", "STATE");
    for (ApiKey key : ApiKeyFile.list(Path.of(needed("keys")))) {
      out.printf(
          "%-14s%-24s%-24s%-22s%s%n", key.id(), key.name(), key.user(), key.created(), state(key));
    }
  }

  private String state(ApiKey key) {
    if (key.revoked() != null) {
      return "revoked " + key.revoked();
    }
    Instant expires = key.expires();
    return expires == null
        ? "good"
        : (expires.isAfter(clock.instant()) ? "good until " : "expired ") + expires;
  }

  private void revokeKey() {
    if (operand == null) {
      throw wrong("key revoke needs the id of a key; `freshet key list` shows it");
    }
    ApiKeyFile.revoke(
        Path.of(needed("keys")), operand, clock.instant().truncatedTo(ChronoUnit.SECONDS));
    out.println("revoked");
  }

  private void signToken() {
    if (options.containsKey("secret") == options.containsKey("key")) {
      throw wrong("token needs exactly one of --secret and --key");
    }
    TokenSigner signer =
        options.containsKey("key")
            ? TokenSigner.ofPrivateKey(file(needed("key")))
            : TokenSigner.ofSecret(secret(options.get("secret"), "Secret: "));
    Duration life = time("expires");
    long now = clock.instant().getEpochSecond();
    JsonObject claims =
        object("claims")
            .with("sub", JsonString.of(needed("sub")))
            .with("iat", JsonNumber.of(now))
            .with(
                "exp",
                JsonNumber.of(now + (life == null ? Duration.ofHours(1) : life).toSeconds()));
    for (String name : List.of("aud", "iss")) {
      String value = options.get(name);
      claims = value == null ? claims : claims.with(name, JsonString.of(value));
    }
    out.println(signer.sign(claims, options.get("kid")));
  }

  private String needed(String option) {
    String value = options.get(option);
    if (value == null) {
      throw wrong("--" + option + " is missing");
    }
    return value;
  }

  private int whole(String option, int fallback) {
    try {
      int value = Integer.parseInt(options.getOrDefault(option, Integer.toString(fallback)));
      if (value > 0) {
        return value;
      }
    } catch (NumberFormatException _) {
      // The exception below says so.
    }
    throw wrong("--" + option + " must be a whole number above 0");
  }

  private @Nullable Duration time(String option) {
    String text = options.get(option);
    if (text == null) {
      return null;
    }
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches()) {
      throw wrong("--" + option + " must be a duration like 30s, 15m, 12h or 90d");
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }

  private JsonObject object(String option) {
    try {
      if (Json.parse(options.getOrDefault(option, "{}")) instanceof JsonObject object) {
        return object;
      }
    } catch (FreshetException _) {
      // The exception below says so.
    }
    throw wrong("--" + option + " must be a JSON object");
  }

  private static String file(String name) {
    try {
      return Files.readString(Path.of(name));
    } catch (IOException e) {
      throw new RefusedException(ExitCode.USAGE, "cannot read %s: %s".formatted(name, e));
    }
  }

  /// On a terminal it is asked for, and not shown.
  private String secret(@Nullable String given, String prompt) {
    if (given != null && !given.equals("-")) {
      return given;
    }
    var terminal = Optional.ofNullable(System.console()).filter(Console::isTerminal);
    if (given == null && terminal.isPresent()) {
      return new String(terminal.get().readPassword(prompt));
    }
    try {
      var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      String line = reader.readLine();
      if (line != null && !line.isEmpty()) {
        return line;
      }
    } catch (IOException e) {
      throw new RefusedException(ExitCode.USAGE, "cannot read standard input: " + e);
    }
    throw wrong("standard input holds nothing to read");
  }

  private static RefusedException wrong(String problem) {
    return new RefusedException(
        ExitCode.USAGE, problem + System.lineSeparator() + System.lineSeparator() + HELP);
  }
}
