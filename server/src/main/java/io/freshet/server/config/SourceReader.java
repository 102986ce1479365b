// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Makes settings out of what was written under `sources`. Collects all problems. Stateless.
final class SourceReader {
  private static final String WRONG =
      "sources takes a list of entries, each with a type (postgres), url and tables";
  private static final List<Key<?>> NEEDED =
      List.of(SourceKeys.TYPE, SourceKeys.URL, SourceKeys.TABLES);

  private SourceReader() {}

  /// An entry as it was understood, with what it was made of.
  record Source(Settings settings, String origin) {}

  /// @param problems takes whatever is wrong
  static List<Source> read(List<Entry> written, List<String> problems) {
    var sources = new ArrayList<Source>();
    var names = new HashSet<String>();
    EntryMembers.byPlace(written, WRONG, problems)
        .forEach((index, members) -> {
          String place = "sources." + index;
          Source source = source(place, members, problems);
          sources.add(source);
          String name = source.settings().get(SourceKeys.NAME_OF);
          if (!names.add(name)) {
            problems.add(
                "%s: %s: there is a source called %s already; give this one another name"
                    .formatted(source.origin(), place, name));
          }
        });
    return List.copyOf(sources);
  }

  private static Source source(String place, List<Entry> members, List<String> problems) {
    var settings = new Settings();
    String origin = members.getFirst().origin();
    for (Entry member : members) {
      EntryMembers.take(place, SourceKeys.ALL, member, settings, problems);
    }
    NEEDED.forEach(key -> EntryMembers.require(place, origin, members, key, problems));
    checkCollections(place, origin, settings, problems);
    return new Source(settings, origin);
  }

  private static void checkCollections(
      String place, String origin, Settings settings, List<String> problems) {
    Set<String> taken = new HashSet<>();
    for (SourceSettings.Table table : tables(settings)) {
      String name = table.table().substring(table.table().indexOf('.') + 1);
      String collection = table.collection().orElse(name);
      if (!name.equals("*") && !taken.add(collection)) {
        problems.add(
            "%s: %s.tables: two tables would be the collection %s; give one of them another"
                    .formatted(origin, place, collection)
                + " collection: { table: %s, collection: NAME }".formatted(table.table()));
      }
    }
  }

  private static List<SourceSettings.Table> tables(Settings settings) {
    return settings.get(SourceKeys.TABLES).stream()
        .map(text -> {
          int as = text.indexOf(SourceKeys.AS);
          return as < 0
              ? new SourceSettings.Table(text, Optional.empty())
              : new SourceSettings.Table(
                  text.substring(0, as), Optional.of(text.substring(as + SourceKeys.AS.length())));
        })
        .toList();
  }

  /// The settings of an entry without problems.
  static SourceSettings settings(Source source) {
    Settings settings = source.settings();
    return new SourceSettings(
        settings.get(SourceKeys.NAME_OF),
        settings.get(SourceKeys.URL),
        settings.get(SourceKeys.PASSWORD),
        tables(settings),
        settings.get(SourceKeys.PUBLICATION),
        settings.get(SourceKeys.SLOT_OF),
        settings.get(SourceKeys.SETUP) == SourceKeys.Setup.AUTOMATIC,
        settings.get(SourceKeys.HEARTBEAT),
        settings.get(SourceKeys.MAX_ROW));
  }
}
