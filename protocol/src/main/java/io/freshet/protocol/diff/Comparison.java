// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.diff;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.mutation.FieldPath;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One walk through two documents side by side. What both share is not walked through.
final class Comparison {
  /// Thrown when the budget is spent.
  static final class OverBudget extends RuntimeException {
    private static final long serialVersionUID = 1;

    OverBudget() {
      super("over budget", null, false, false);
    }
  }

  /// What an entry costs besides: its path is made, sorted and written.
  private static final int ENTRY_NODES = 4;

  private final List<Diff.Added> added = new ArrayList<>();
  private final List<Diff.Removed> removed = new ArrayList<>();
  private final List<Diff.Changed> changed = new ArrayList<>();
  private final List<String> at = new ArrayList<>();
  private int budgetNodes;

  private Comparison(int budgetNodes) {
    this.budgetNodes = budgetNodes;
  }

  /// @throws OverBudget when more nodes would have to be looked at
  static Diff compare(JsonValue pre, JsonValue post, int budgetNodes) {
    var comparison = new Comparison(budgetNodes);
    comparison.value(pre, post);
    return new Diff(
        sorted(comparison.added, Diff.Added::path),
        sorted(comparison.removed, Diff.Removed::path),
        sorted(comparison.changed, Diff.Changed::path),
        false);
  }

  private void value(JsonValue pre, JsonValue post) {
    if (pre instanceof JsonObject before && post instanceof JsonObject after) {
      before.forEachDifference(after, this::member);
    } else if (!isEqual(pre, post)) {
      changed.add(new Diff.Changed(path(), pre, post));
    }
  }

  private void member(String key, @Nullable JsonValue pre, @Nullable JsonValue post) {
    spend(1);
    at.add(key);
    if (pre == null) {
      if (post != null) {
        added.add(new Diff.Added(path(), post));
      }
    } else if (post == null) {
      removed.add(new Diff.Removed(path(), pre));
    } else {
      value(pre, post);
    }
    at.removeLast();
  }

  private void spend(int nodes) {
    budgetNodes -= nodes;
    if (budgetNodes < 0) {
      throw new OverBudget();
    }
  }

  /// The path of an entry.
  private FieldPath path() {
    spend(ENTRY_NODES);
    return new FieldPath(at);
  }

  /// Equal values have encodings of equal length, so most that differ are told apart at once.
  @SuppressWarnings("ReferenceEquality") // what is shared need not be compared
  private boolean isEqual(JsonValue pre, JsonValue post) {
    if (pre == post) {
      return true;
    }
    if (pre.encodedBytes() != post.encodedBytes() || pre.members() != post.members()) {
      return false;
    }
    return switch (pre) {
      case JsonArray before ->
          post instanceof JsonArray after
              && before.size() == after.size()
              && elementsEqual(before, after);
      case JsonObject before -> post instanceof JsonObject after && membersEqual(before, after);
      case JsonValue scalar -> scalar.equals(post);
    };
  }

  private boolean elementsEqual(JsonArray before, JsonArray after) {
    int i = before.firstDifference(after, 0);
    while (i < before.size()) {
      spend(1);
      if (!isEqual(before.get(i), after.get(i))) {
        return false;
      }
      i = before.firstDifference(after, i + 1);
    }
    return true;
  }

  private boolean membersEqual(JsonObject before, JsonObject after) {
    boolean[] equal = {true};
    before.forEachDifference(
        after,
        (key, pre, post) -> {
          if (equal[0]) {
            spend(1);
            equal[0] = pre != null && post != null && isEqual(pre, post);
          }
        });
    return equal[0];
  }

  private static <T> List<T> sorted(List<T> entries, Function<T, FieldPath> path) {
    if (entries.size() < 2) {
      return entries;
    }
    record Named<E>(String path, E entry) {}
    return entries.stream()
        .map(entry -> new Named<>(path.apply(entry).render(), entry))
        .sorted(Comparator.comparing(Named::path))
        .map(Named::entry)
        .toList();
  }
}
