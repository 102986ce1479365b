// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

import io.freshet.engine.pattern.NamePattern;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The distinct patterns in use, indexed by the literal text that names must begin with, so that a
/// name is tried on few of them.
final class Patterns {
  /// Bounds memory and the cost of a change, which copies the patterns of one prefix.
  static final int DISTINCT_MAX = 100_000;

  private final Map<String, PatternEntry> byText = new HashMap<>();

  /// By prefix; the empty one for patterns that may match anywhere. The arrays are never changed,
  /// so that a job may go on with one while patterns come and go.
  private final Map<String, PatternEntry[]> byPrefix = new HashMap<>();

  /// How many distinct prefixes have which length.
  private final TreeMap<Integer, Integer> prefixLengths = new TreeMap<>();

  boolean isEmpty() {
    return byText.isEmpty();
  }

  /// @throws FreshetException `INVALID_PATTERN`, or `LIMIT_REACHED` when all sessions together have
  ///   too many
  PatternEntry entry(String text) {
    PatternEntry known = byText.get(text);
    if (known != null) {
      return known;
    }
    if (byText.size() >= DISTINCT_MAX) {
      throw new FreshetException(
          ErrorCode.LIMIT_REACHED,
          "The server holds " + DISTINCT_MAX + " different patterns already; use fewer");
    }
    var entry = new PatternEntry(NamePattern.compile(text));
    byText.put(text, entry);
    String prefix = entry.pattern.prefix();
    PatternEntry[] before = byPrefix.get(prefix);
    if (before == null) {
      byPrefix.put(prefix, new PatternEntry[] {entry});
      prefixLengths.merge(prefix.length(), 1, Integer::sum);
    } else {
      PatternEntry[] after = Arrays.copyOf(before, before.length + 1);
      after[before.length] = entry;
      byPrefix.put(prefix, after);
    }
    return entry;
  }

  /// Forgets a pattern nobody listens to any more.
  void remove(PatternEntry entry) {
    byText.remove(entry.pattern.text());
    String prefix = entry.pattern.prefix();
    PatternEntry[] after =
        Arrays.stream(byPrefix.getOrDefault(prefix, new PatternEntry[0]))
            .filter(other -> other != entry)
            .toArray(PatternEntry[]::new);
    if (after.length > 0) {
      byPrefix.put(prefix, after);
      return;
    }
    byPrefix.remove(prefix);
    prefixLengths.computeIfPresent(
        prefix.length(), (length, count) -> count == 1 ? null : count - 1);
  }

  /// The patterns whose prefix the name has, in groups that stay as they are.
  List<PatternEntry[]> near(DocumentKey key) {
    String name = key.recordName();
    var groups = new ArrayList<PatternEntry[]>(2);
    for (int length : prefixLengths.keySet()) {
      if (length > name.length()) {
        break;
      }
      PatternEntry[] group = byPrefix.get(name.substring(0, length));
      if (group != null) {
        groups.add(group);
      }
    }
    return groups;
  }
}
