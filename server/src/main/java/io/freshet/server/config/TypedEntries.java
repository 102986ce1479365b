// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads a list of entries of which each has a type, and members that depend on it.
final class TypedEntries {
  private final String root;
  private final Map<String, List<Key<?>>> keysByType;
  private final String types;
  private final Pattern path;
  private final List<String> problems;
  private final TreeMap<Integer, List<Entry>> byIndex = new TreeMap<>();

  /// @param root what the list is called
  /// @param keysByType the members of each type
  /// @param problems takes whatever is wrong
  TypedEntries(String root, Map<String, List<Key<?>>> keysByType, List<String> problems) {
    this.root = root;
    this.keysByType = keysByType;
    this.types = String.join(", ", keysByType.keySet());
    this.path = Pattern.compile(Pattern.quote(root) + "\\.(\\d{1,3})\\.(.+)");
    this.problems = problems;
  }

  /// An entry as it was understood, with what it was made of.
  record TypedEntry(String type, Settings settings, String origin) {}

  /// Checks what concerns more than one member.
  interface Check {
    /// @param place how messages call the entry
    void check(String place, TypedEntry entry);
  }

  List<TypedEntry> read(List<Entry> written, Check check) {
    written.forEach(this::sort);
    var entries = new ArrayList<TypedEntry>();
    byIndex.forEach((index, members) -> {
      TypedEntry entry = entry(root + "." + index, members, check);
      if (entry != null) {
        entries.add(entry);
      }
    });
    return List.copyOf(entries);
  }

  private void sort(Entry entry) {
    Matcher matcher = path.matcher(entry.path());
    if (matcher.matches()) {
      byIndex
          .computeIfAbsent(Integer.valueOf(matcher.group(1)), _ -> new ArrayList<>())
          .add(new Entry(matcher.group(2), entry.values(), entry.list(), entry.origin()));
    } else {
      problems.add(
          "%s: %s takes a list of entries, each with a type (%s) and what belongs to it"
              .formatted(entry.origin(), root, types));
    }
  }

  private @Nullable TypedEntry entry(String place, List<Entry> members, Check check) {
    Entry type =
        members.stream()
            .filter(member -> member.path().equals("type"))
            .reduce((_, later) -> later)
            .orElse(null);
    String origin = members.getFirst().origin();
    if (type == null) {
      problems.add("%s: %s.type is missing; it must be one of %s".formatted(origin, place, types));
      return null;
    }
    String name = String.join(",", type.values());
    List<Key<?>> keys = keysByType.get(name);
    if (keys == null) {
      problems.add(
          "%s: %s.type must be one of %s, not \"%s\"; did you mean %s?"
              .formatted(
                  type.origin(), place, types, name, Names.nearest(name, keysByType.keySet())));
      return null;
    }
    var settings = new Settings();
    for (Entry member : members) {
      if (!member.path().equals("type")) {
        take(place, keys, member, settings);
      }
    }
    var entry = new TypedEntry(name, settings, type.origin());
    check.check(place + " (" + name + ")", entry);
    return entry;
  }

  private void take(String place, List<Key<?>> keys, Entry member, Settings settings) {
    Key<?> key =
        keys.stream().filter(each -> each.path().equals(member.path())).findFirst().orElse(null);
    if (key != null) {
      parse(place, key, member, settings);
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

  private <T> void parse(String place, Key<T> key, Entry member, Settings settings) {
    try {
      T value = ConfigLoader.valueOf(key.type(), member);
      settings.set(new Settings.Setting<>(key, key.path(), value, member.origin()));
    } catch (InvalidValueException e) {
      String shown = key.secret() ? "***" : String.join(",", member.values());
      problems.add(
          "%s: %s.%s %s, not \"%s\""
              .formatted(member.origin(), place, key.path(), e.getMessage(), shown));
    }
  }

  /// Complains of a member that must be there, unless it is there and wrong.
  void require(String place, TypedEntry entry, Key<?> key) {
    boolean wasWrong =
        problems.stream().anyMatch(problem -> problem.contains("." + key.path() + " "));
    if (entry.settings().origin(key).isEmpty() && !wasWrong) {
      problems.add("%s: %s needs %s".formatted(entry.origin(), place, key.path()));
    }
  }
}
