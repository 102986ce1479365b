// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Finds the rule of one kind for a name: among the paths that have such a rule and are for the
/// name, the one with the longest text, of equals the later one in the file.
///
/// Threading: one thread; what was found is kept, up to a bound.
final class Choices {
  /// Names whose choice is remembered, unless they are unusually long.
  private static final int REMEMBERED_MAX = 4096;

  private static final int REMEMBERED_LENGTH_MAX = 128;

  private static final Choice NONE = new Choice(null, Map.of());

  /// The first that is for a name decides.
  private final List<Candidate> candidates;

  private final @Nullable Choice always;
  private final Map<String, Choice> byName = new Recent<>(REMEMBERED_MAX);

  /// A path that has a rule of the kind.
  record Candidate(PathPattern path, Rule rule) {}

  /// @param candidate null if no path is for the name
  /// @param variables of the path
  record Choice(@Nullable Candidate candidate, Map<String, String> variables) {}

  Choices(List<Entry> entries, RuleKind kind) {
    this.candidates = candidates(entries, kind);
    this.always = always(candidates);
  }

  private static List<Candidate> candidates(List<Entry> entries, RuleKind kind) {
    var sorted = new ArrayList<>(entries);
    sorted.sort(
        Comparator.<Entry>comparingInt(entry -> -entry.path().text().length())
            .thenComparingInt(entry -> -entry.place()));
    var candidates = new ArrayList<Candidate>();
    for (Entry entry : sorted) {
      Rule rule = entry.rule(kind);
      if (rule != null) {
        candidates.add(new Candidate(entry.path(kind), rule));
        if (entry.path(kind).isEverything()) {
          break;
        }
      }
    }
    return List.copyOf(candidates);
  }

  /// What holds for every name, if that needs no look at it.
  private static @Nullable Choice always(List<Candidate> candidates) {
    if (candidates.isEmpty()) {
      return NONE;
    }
    Candidate last = candidates.getLast();
    boolean same =
        last.path().isEverything()
            && candidates.stream()
                .allMatch(each ->
                    each.equals(last)
                        || each.rule() instanceof Rule.Constant && each.rule().equals(last.rule()));
    return same ? new Choice(last, Map.of()) : null;
  }

  Choice of(String name) {
    if (always != null) {
      return always;
    }
    Choice known = byName.get(name);
    if (known == null) {
      known = choose(name);
      if (isRemembered(name)) {
        byName.put(name, known);
      }
    }
    return known;
  }

  /// Whether something may be kept for this name: clients choose how many there are, and how long.
  static boolean isRemembered(@Nullable String name) {
    return name == null || name.length() <= REMEMBERED_LENGTH_MAX;
  }

  private Choice choose(String name) {
    for (Candidate candidate : candidates) {
      Map<String, String> variables = candidate.path().match(name);
      if (variables != null) {
        return new Choice(candidate, variables);
      }
    }
    return NONE;
  }

  /// All of them, the first that is for a name before the others.
  List<Candidate> all() {
    return candidates;
  }

  /// The rules that documents of a collection may come under; every document of it comes under one
  /// of them, or under none if the last is not for all of them.
  ///
  /// @param collection null for all of them
  List<Candidate> concerning(@Nullable String collection) {
    var found = new ArrayList<Candidate>();
    for (Candidate candidate : candidates) {
      if (candidate.path().mayConcern(collection)) {
        found.add(candidate);
        if (candidate.path().concernsAll(collection)) {
          break;
        }
      }
    }
    return found;
  }

  /// Keeps what was used last.
  static final class Recent<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1;
    private final int max;

    Recent(int max) {
      super(16, 0.75f, true);
      this.max = max;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > max;
    }
  }
}
