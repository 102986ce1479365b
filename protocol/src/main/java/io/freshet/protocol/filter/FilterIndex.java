// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import io.freshet.protocol.Change;
import io.freshet.protocol.Operation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// From many filters to those a change matches, without asking each: a filter that demands one of
/// some values of a field is found by that value; only the others are tested every time. Equal
/// filters are tested once, however many hang on them.
///
/// A change costs one look-up per indexed field, plus a test of each filter that shares a value
/// with it or demands none. Of several demands of a filter the one counts whose values fewest
/// filters share when it is added, so that a demand they all have (`type = "order"`) is not the one
/// they are looked up by.
///
/// Threading: confined to one thread, and not to be changed from within a consumer.
///
/// @param <T> what hangs on a filter: a subscription, a stream. Found by `equals`
public final class FilterIndex<T> {
  /// A filter with more values than this to look up by is tested every time instead: each value
  /// takes some hundred bytes here.
  private static final int LOOKED_UP_MAX = 256;

  private final Map<Filter, Entry<T>> entries = new HashMap<>();
  private final Map<Field, Map<Object, Set<Entry<T>>>> byValue = new LinkedHashMap<>();
  private final Set<Entry<T>> others = new LinkedHashSet<>();

  /// Counts the changes looked at, so that an entry found in two places is tested once.
  private long round;

  /// Hangs a target on a filter.
  ///
  /// @return false when it hangs there already
  public boolean add(Filter filter, T target) {
    Entry<T> entry = entries.get(filter);
    if (entry == null) {
      entry = new Entry<>(filter, demands(filter.node()));
      entries.put(filter, entry);
      file(entry);
    }
    return entry.targets.add(target);
  }

  private void file(Entry<T> entry) {
    if (entry.demands == null) {
      others.add(entry);
      return;
    }
    for (Condition.OneOf demand : entry.demands) {
      Map<Object, Set<Entry<T>>> values =
          byValue.computeIfAbsent(demand.field(), key -> new HashMap<>());
      for (Object value : demand.values()) {
        values.computeIfAbsent(value, key -> new LinkedHashSet<>(2)).add(entry);
      }
    }
  }

  /// @return false when it did not hang there
  public boolean remove(Filter filter, T target) {
    Entry<T> entry = entries.get(filter);
    if (entry == null || !entry.targets.remove(target)) {
      return false;
    }
    if (entry.targets.isEmpty()) {
      entries.remove(filter);
      unfile(entry);
    }
    return true;
  }

  private void unfile(Entry<T> entry) {
    if (entry.demands == null) {
      others.remove(entry);
      return;
    }
    for (Condition.OneOf demand : entry.demands) {
      byValue.computeIfPresent(
          demand.field(),
          (field, values) -> {
            demand
                .values()
                .forEach(value ->
                    values.computeIfPresent(
                        value,
                        (key, filed) -> {
                          filed.remove(entry);
                          return filed.isEmpty() ? null : filed;
                        }));
            return values.isEmpty() ? null : values;
          });
    }
  }

  /// Demands of which a row that gets through meets at least one; none when no row gets through.
  ///
  /// @return null when the filter demands no values, or too many
  private @Nullable List<Condition.OneOf> demands(Node node) {
    return switch (node) {
      case Node.Constant(boolean holds) -> holds ? null : List.of();
      case Node.All(List<Node> parts) -> rarest(parts);
      case Node.Any(List<Node> parts) -> joined(parts);
      case Condition.OneOf demand ->
          demand.values().size() > LOOKED_UP_MAX ? null : List.of(demand);
      case Node.Not not -> null;
      case Condition condition -> null;
    };
  }

  private @Nullable List<Condition.OneOf> joined(List<Node> parts) {
    var joined = new ArrayList<Condition.OneOf>();
    int values = 0;
    for (Node part : parts) {
      List<Condition.OneOf> demands = demands(part);
      values += demands == null ? 0 : valuesOf(demands);
      if (demands == null || values > LOOKED_UP_MAX) {
        return null;
      }
      joined.addAll(demands);
    }
    return joined;
  }

  private @Nullable List<Condition.OneOf> rarest(List<Node> parts) {
    List<Condition.OneOf> rarest = null;
    for (Node part : parts) {
      List<Condition.OneOf> demands = demands(part);
      if (demands != null && (rarest == null || isRarer(demands, rarest))) {
        rarest = demands;
      }
    }
    return rarest;
  }

  private boolean isRarer(List<Condition.OneOf> one, List<Condition.OneOf> other) {
    int byCrowd = Integer.compare(crowd(one), crowd(other));
    return byCrowd < 0 || byCrowd == 0 && valuesOf(one) < valuesOf(other);
  }

  private static int valuesOf(List<Condition.OneOf> demands) {
    return demands.stream().mapToInt(demand -> demand.values().size()).sum();
  }

  /// Most filters that are found by any one of these values.
  private int crowd(List<Condition.OneOf> demands) {
    int crowd = 0;
    for (Condition.OneOf demand : demands) {
      Map<Object, Set<Entry<T>>> values = byValue.getOrDefault(demand.field(), Map.of());
      for (Object value : demand.values()) {
        crowd = Math.max(crowd, values.getOrDefault(value, Set.of()).size());
      }
    }
    return crowd;
  }

  /// Hands over every target whose filter lets the row through, once per filter it hangs on;
  /// targets of one filter in the order they were added.
  public void match(Row row, Consumer<? super T> sink) {
    round++;
    forCandidates(
        row,
        entry -> {
          if (entry.filter.matches(row)) {
            entry.targets.forEach(sink);
          }
        });
  }

  /// Hands over every target for whose filter the change's transition is another than `NEVER`, in
  /// the order of [#match].
  public void transitions(Change change, BiConsumer<Transition, ? super T> sink) {
    if (change.operation() == Operation.OPEN) {
      return;
    }
    round++;
    Row before = change.before().isLive() ? Row.before(change) : null;
    Row after = change.after().isLive() ? Row.after(change) : null;
    Consumer<Entry<T>> tested =
        entry -> {
          Filter filter = entry.filter;
          Transition transition =
              Transition.of(
                  before != null && filter.matches(before), after != null && filter.matches(after));
          if (transition != Transition.NEVER) {
            entry.targets.forEach(target -> sink.accept(transition, target));
          }
        };
    if (after != null) {
      forCandidates(after, tested);
    }
    if (before != null) {
      forCandidates(before, tested);
    }
  }

  /// Every filter that may let the row through, unless it was handed over in this round already.
  private void forCandidates(Row row, Consumer<Entry<T>> action) {
    byValue.forEach((field, values) -> {
      Object value = field.read(row);
      Set<Entry<T>> found = value == null ? null : values.get(value);
      if (found != null) {
        hand(found, action);
      }
    });
    hand(others, action);
  }

  private void hand(Set<Entry<T>> found, Consumer<Entry<T>> action) {
    for (Entry<T> entry : found) {
      if (entry.round != round) {
        entry.round = round;
        action.accept(entry);
      }
    }
  }

  /// Different filters, however many targets hang on them.
  public int filters() {
    return entries.size();
  }

  public boolean isEmpty() {
    return entries.isEmpty();
  }

  /// One filter and all that hangs on it.
  private static final class Entry<T> {
    private final Filter filter;
    private final @Nullable List<Condition.OneOf> demands;
    private final Set<T> targets = new LinkedHashSet<>();
    private long round;

    Entry(Filter filter, @Nullable List<Condition.OneOf> demands) {
      this.filter = filter;
      this.demands = demands;
    }
  }
}
