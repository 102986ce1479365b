// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import io.freshet.protocol.DocumentKey;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/// The members an entry of `sources` may have, in the order of the reference page. One that must be
/// there, or may be absent, has an empty fallback.
final class SourceKeys {
  /// Between a table and the collection it is.
  static final String AS = " as ";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final Pattern SLOT = Pattern.compile("[a-z0-9_]{1,63}");

  enum Setup {
    AUTOMATIC,
    MANUAL
  }

  static final Key<String> TYPE =
      new Key<>(
          "type",
          new ValueType.Text("postgres", SourceKeys::type),
          "",
          "Which kind of database this is. Must be given.");
  static final Key<String> NAME_OF =
      new Key<>(
          "name",
          new ValueType.Text("letters, digits, - and _", SourceKeys::name),
          "main",
          "What the source is called in logs and metrics. Its log is kept under this name: with"
              + " another name everything begins anew.");
  static final Key<String> URL =
      new Key<>(
          "url",
          new ValueType.Text("postgresql URL", SourceKeys::url),
          "",
          "Where the database is: `postgresql://user@host:5432/database`, behind a `?` the driver's"
              + " own parameters, such as `sslmode=verify-full`. Must be given.");
  static final Key<String> PASSWORD =
      new Key<>(
          "password",
          new ValueType.Text("text", text -> text),
          "",
          "The password of the URL's user.",
          true);
  static final Key<List<String>> TABLES =
      new Key<>(
          "tables",
          new ValueType.Several<>(new ValueType.Text("tables", SourceKeys::table)),
          List.of(),
          "Which tables are collections: `schema.name`, `name` in the schema `public`, `schema.*`,"
              + " or `*` for all of `public`; case counts. A collection is called like its table;"
              + " `{ table: public.users, collection: User }` (or `public.users as User`) calls it"
              + " something else. Must be given.");
  static final Key<String> PUBLICATION =
      new Key<>(
          "publication",
          new ValueType.Text("name", text -> text),
          "freshet",
          "The publication in the database that tells of these tables.");
  static final Key<String> SLOT_OF =
      new Key<>(
          "slot",
          new ValueType.Text("lower case letters, digits and _", SourceKeys::slot),
          "freshet",
          "The replication slot; nobody else may use it.");
  static final Key<Setup> SETUP =
      new Key<>(
          "setup",
          new ValueType.Choice<>(List.of(Setup.values())),
          Setup.AUTOMATIC,
          "Whether publication and slot are made, and tables added to the publication, where they"
              + " are missing. `manual` leaves that to `freshet postgres setup`.");
  static final Key<Duration> HEARTBEAT =
      new Key<>(
          "heartbeat",
          new ValueType.Time(Duration.ZERO, Duration.ofHours(1)),
          Duration.ofSeconds(10),
          "How often a word is written into the database's log where nothing else moves it on, so"
              + " that it can be let go; `0s` for never.");

  static final Key<Long> MAX_ROW =
      new Key<>(
          "maxRow",
          new ValueType.Size(1L << 10, 64L << 20),
          16L << 20,
          "Largest row, as JSON. A change of a larger one stops the source in front of it: nothing"
              + " is lost, and nothing behind it is told until this is raised.");

  static final List<Key<?>> ALL =
      List.of(
          TYPE, NAME_OF, URL, PASSWORD, TABLES, PUBLICATION, SLOT_OF, SETUP, HEARTBEAT, MAX_ROW);

  private SourceKeys() {}

  private static String type(String text) {
    if (!text.equals("postgres")) {
      throw new InvalidValueException("must be postgres");
    }
    return text;
  }

  private static String name(String text) {
    if (!NAME.matcher(text).matches()) {
      throw new InvalidValueException("must be made of letters, digits, - and _, at most 64");
    }
    return text;
  }

  private static String slot(String text) {
    if (!SLOT.matcher(text).matches()) {
      throw new InvalidValueException("must be made of a to z, 0 to 9 and _, at most 63");
    }
    return text;
  }

  private static String url(String text) {
    try {
      var uri = new URI(text);
      boolean known = "postgresql".equals(uri.getScheme()) || "postgres".equals(uri.getScheme());
      String user = uri.getRawUserInfo();
      String path = uri.getRawPath();
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

  private static String table(String text) {
    int as = text.indexOf(AS);
    String table = (as < 0 ? text : text.substring(0, as)).strip();
    if (table.isEmpty() || table.startsWith(".") || table.endsWith(".")) {
      throw new InvalidValueException("must name a table, like public.users, or be * or public.*");
    }
    if (as < 0) {
      return table;
    }
    String collection = text.substring(as + AS.length()).strip();
    if (table.endsWith("*")) {
      throw new InvalidValueException("can give one table a collection, not several");
    }
    if (!DocumentKey.isCollection(collection) || collection.equals(DocumentKey.UNNAMED)) {
      throw new InvalidValueException(
          "must name a collection (1 to 128 bytes without / . * > or white space)");
    }
    return table + AS + collection;
  }
}
