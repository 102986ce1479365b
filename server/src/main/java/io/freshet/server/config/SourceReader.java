// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import io.freshet.server.config.TypedEntries.TypedEntry;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Reads the entries of `sources`.
final class SourceReader {
  private final List<String> problems;
  private final TypedEntries entries;
  private final Set<String> names = new HashSet<>();

  private SourceReader(List<String> problems) {
    this.problems = problems;
    this.entries = new TypedEntries("sources", SourceKeys.BY_TYPE, problems);
  }

  /// @param problems takes whatever is wrong
  static List<TypedEntry> read(List<Entry> written, List<String> problems) {
    var reader = new SourceReader(problems);
    return reader.entries.read(written, reader::check);
  }

  private void check(String place, TypedEntry entry) {
    entries.require(place, entry, SourceKeys.URL);
    entries.require(place, entry, SourceKeys.TABLES);
    String name = entry.settings().get(SourceKeys.SOURCE_NAME);
    if (!names.add(name)) {
      problems.add(
          "%s: %s: another source is called %s; give this one a name of its own"
              .formatted(entry.origin(), place, name));
    }
  }

  /// The settings of an entry without problems.
  static SourceSettings settings(TypedEntry source) {
    Settings settings = source.settings();
    return new SourceSettings.Postgres(
        settings.get(SourceKeys.SOURCE_NAME),
        settings.get(SourceKeys.URL),
        settings.get(SourceKeys.PASSWORD),
        settings.get(SourceKeys.TABLES).stream().map(SourceReader::table).toList(),
        settings.get(SourceKeys.PUBLICATION),
        settings.get(SourceKeys.SLOT_NAME),
        settings.get(SourceKeys.SETUP).equals("automatic"),
        settings.get(SourceKeys.HEARTBEAT));
  }

  private static SourceSettings.Table table(String text) {
    int equals = text.indexOf('=');
    return equals < 0
        ? new SourceSettings.Table(text, null)
        : new SourceSettings.Table(text.substring(0, equals), text.substring(equals + 1));
  }
}
