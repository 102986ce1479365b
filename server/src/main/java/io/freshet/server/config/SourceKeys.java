// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// The members an entry of `sources` may have, by its type, in the order of the reference page.
final class SourceKeys {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,63}");
  private static final Pattern SLOT = Pattern.compile("[a-z0-9_]{1,63}");

  static final String INTRODUCTION =
      """
      A list of databases whose tables are collections here. Each entry has a `type` and what
      belongs to it. On the command line an entry is named by its place, from 0:
      `--sources.0.password=secret`. How to set one up: [PostgreSQL](../guides/postgres.md).
      """;

  static final Key<String> SOURCE_NAME =
      new Key<>(
          "name",
          new ValueType.Text("letters, digits, - and _", SourceKeys::name),
          "main",
          "What this server calls it. Its log, and the places of streams in it, go by this name.");
  static final Key<String> URL =
      new Key<>(
          "url",
          new ValueType.DatabaseUrl(),
          "",
          "The database, like `postgresql://user@host:5432/database`; `sslmode` and other"
              + " parameters of the driver may follow a `?`. Must be given.");
  static final Key<String> PASSWORD =
      new Key<>(
          "password",
          new ValueType.Text("text", text -> text),
          "",
          "The user's password, unless the URL has it; best `${NAME}` of an environment variable.",
          true);
  static final Key<List<String>> TABLES =
      new Key<>(
          "tables",
          new ValueType.Several<>(new ValueType.Text("tables", SourceKeys::table)),
          List.of(),
          "Which tables: `User` (of schema `public`), `schema.Table`, `*` (all of schema `public`),"
              + " `schema.*`. A table is the collection of its name; for another one write"
              + " `{ table: public.users, collection: User }`, or `public.users=User`. Must be"
              + " given.");
  static final Key<String> PUBLICATION =
      new Key<>(
          "publication",
          new ValueType.Text("name", text -> text),
          "freshet",
          "The publication that says what is replicated.");
  static final Key<String> SLOT_NAME =
      new Key<>(
          "slot",
          new ValueType.Text("lower-case letters, digits and _", SourceKeys::slot),
          "freshet",
          "The replication slot, which keeps the database's log until it is read here. Nobody else"
              + " may read from it.");
  static final Key<String> SETUP =
      new Key<>(
          "setup",
          new ValueType.Text("automatic or manual", SourceKeys::setup),
          "automatic",
          "Whether publication and slot are made at the start if they are missing.");
  static final Key<Duration> HEARTBEAT =
      new Key<>(
          "heartbeat",
          new ValueType.Time(Duration.ZERO, Duration.ofHours(1)),
          Duration.ofSeconds(10),
          "How often the database's log is moved on where nothing else does, so that it is not kept"
              + " for tables that do not change; `0s` for never.");

  static final Map<String, List<Key<?>>> BY_TYPE = byType();

  private SourceKeys() {}

  private static Map<String, List<Key<?>>> byType() {
    var types = new LinkedHashMap<String, List<Key<?>>>();
    types.put(
        "postgres",
        List.of(SOURCE_NAME, URL, PASSWORD, TABLES, PUBLICATION, SLOT_NAME, SETUP, HEARTBEAT));
    return types;
  }

  private static String name(String text) {
    if (!NAME.matcher(text).matches()) {
      throw new InvalidValueException("must be 1 to 63 letters, digits, - and _");
    }
    return text;
  }

  private static String slot(String text) {
    if (!SLOT.matcher(text).matches()) {
      throw new InvalidValueException("must be 1 to 63 lower-case letters, digits and _");
    }
    return text;
  }

  private static String setup(String text) {
    if (!text.equals("automatic") && !text.equals("manual")) {
      throw new InvalidValueException("must be automatic or manual");
    }
    return text;
  }

  private static String table(String text) {
    int equals = text.indexOf('=');
    String table = equals < 0 ? text : text.substring(0, equals);
    if (table.isBlank() || equals == text.length() - 1) {
      throw new InvalidValueException("must name a table, and behind = its collection");
    }
    if (equals >= 0 && table.endsWith("*")) {
      throw new InvalidValueException("cannot make several tables one collection");
    }
    if (equals >= 0) {
      Keys.collection(text.substring(equals + 1));
    }
    return text;
  }

  /// @throws InvalidValueException if it is not one
  static String url(String text) {
    try {
      var uri = new URI(text);
      boolean known = "postgresql".equals(uri.getScheme()) || "postgres".equals(uri.getScheme());
      String user = uri.getRawUserInfo();
      String path = uri.getPath();
      if (known
          && uri.getHost() != null
          && user != null
          && !user.isEmpty()
          && !user.startsWith(":")
          && path != null
          && path.length() > 1) {
        return text;
      }
    } catch (URISyntaxException _) {
      // The exception below says so.
    }
    throw new InvalidValueException("must be like postgresql://user@host:5432/database");
  }
}
