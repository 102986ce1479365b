// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

/// How marks get into the database's log. Stateless.
final class Marks {
  /// Where they are written before version 14, whose output plugin does not tell messages: in
  /// schema `public`, columns `slot` (primary key) and `mark`. It is part of the publication, and
  /// never a collection.
  static final String TABLE = "freshet_mark";

  private static final int MESSAGES_SINCE = 140_000;

  /// From here on a message can be flushed by itself.
  private static final int FLUSH_SINCE = 170_000;

  private Marks() {}

  static boolean areMessages(int version) {
    return version >= MESSAGES_SINCE;
  }

  /// A statement that writes a mark; its parameter is what it says, so that it reaches the reader
  /// at once: a message alone would wait until the log is written for some other reason.
  static String statement(int version, String slot) {
    if (version >= FLUSH_SINCE) {
      return "SELECT pg_logical_emit_message(false, '%s', ?, true)".formatted(Watermarks.PREFIX);
    }
    if (areMessages(version)) {
      // A transaction that has a number is flushed at its end.
      return "SELECT pg_logical_emit_message(false, '%s', ?), txid_current()"
          .formatted(Watermarks.PREFIX);
    }
    return """
    INSERT INTO public.%s (slot, mark) VALUES (%s, ?)
    ON CONFLICT (slot) DO UPDATE SET mark = excluded.mark\
    """
        .formatted(TABLE, Sql.text(slot));
  }
}
