// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads lists whose entries are mappings, such as `auth` and `sources`. Stateless.
final class EntryMembers {
  private static final Pattern PLACE = Pattern.compile("[a-z]+\\.(\\d{1,3})\\.(.+)");

  /// What stands between the user and the host of a URL.
  private static final Pattern URL_PASSWORD = Pattern.compile("(://[^:@/]*):.*@");

  private EntryMembers() {}

  /// The members of each entry by its place, with paths that begin in the entry.
  ///
  /// @param wrong what to say of one that is in no entry; its origin is put in
  static SortedMap<Integer, List<Entry>> byPlace(
      List<Entry> written, String wrong, List<String> problems) {
    var byPlace = new TreeMap<Integer, List<Entry>>();
    for (Entry entry : written) {
      Matcher matcher = PLACE.matcher(entry.path());
      if (matcher.matches()) {
        byPlace
            .computeIfAbsent(Integer.valueOf(matcher.group(1)), _ -> new ArrayList<>())
            .add(new Entry(matcher.group(2), entry.values(), entry.list(), entry.origin()));
      } else {
        problems.add("%s: %s".formatted(entry.origin(), wrong));
      }
    }
    return byPlace;
  }

  /// @param place of the entry, for messages: `auth.0`
  static void take(
      String place, List<Key<?>> keys, Entry member, Settings settings, List<String> problems) {
    Key<?> key =
        keys.stream().filter(each -> each.path().equals(member.path())).findFirst().orElse(null);
    if (key != null) {
      parse(place, key, member, settings, problems);
      return;
    }
    String known =
        keys.isEmpty()
            ? "it takes none"
            : "did you mean "
                + Names.nearest(member.path(), keys.stream().map(Key::path).toList())
                + "?";
    problems.add(
        "%s: unknown key %s.%s; %s".formatted(member.origin(), place, member.path(), known));
  }

  /// @param members of the entry
  /// @param key one that must be among them
  static void require(
      String place, String origin, List<Entry> members, Key<?> key, List<String> problems) {
    if (members.stream().noneMatch(member -> member.path().equals(key.path()))) {
      problems.add("%s: %s needs %s".formatted(origin, place, key.path()));
    }
  }

  private static <T> void parse(
      String place, Key<T> key, Entry member, Settings settings, List<String> problems) {
    try {
      T value = ConfigLoader.valueOf(key.type(), member);
      settings.set(new Settings.Setting<>(key, key.path(), value, member.origin()));
    } catch (InvalidValueException e) {
      String shown = key.secret() ? "***" : masked(String.join(",", member.values()));
      problems.add(
          "%s: %s.%s %s, not \"%s\""
              .formatted(member.origin(), place, key.path(), e.getMessage(), shown));
    }
  }

  /// Without the password, if it is a URL that has one.
  static String masked(String text) {
    return URL_PASSWORD.matcher(text).replaceAll("$1:***@");
  }
}
