// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import io.freshet.protocol.Change;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// From many filters to those a change matches, without asking each: filters that demand one of
/// some values of a field are found by that value; only the others are tested every time. Equal
/// filters are tested once, however many hang on them.
///
/// Threading: confined to one thread, and not to be changed from within a consumer.
///
/// @param <T> what hangs on a filter: a subscription, a stream. Found by `equals`
public final class FilterIndex<T> {
  private final Map<Filter, Set<T>> targets = new LinkedHashMap<>();

  /// Hangs a target on a filter.
  ///
  /// @return false when it hangs there already
  public boolean add(Filter filter, T target) {
    return targets.computeIfAbsent(filter, key -> new LinkedHashSet<>()).add(target);
  }

  /// @return false when it did not hang there
  public boolean remove(Filter filter, T target) {
    Set<T> hanging = targets.getOrDefault(filter, Set.of());
    boolean removed = hanging.remove(target);
    if (removed && hanging.isEmpty()) {
      targets.remove(filter);
    }
    return removed;
  }

  /// Hands over every target whose filter lets the row through, once per filter it hangs on;
  /// targets of one filter in the order they were added.
  public void match(Row row, Consumer<? super T> sink) {
    targets.forEach((filter, hanging) -> {
      if (filter.matches(row)) {
        hanging.forEach(sink);
      }
    });
  }

  /// Hands over every target for whose filter the change's transition is another than `NEVER`, in
  /// the order of [#match].
  public void transitions(Change change, BiConsumer<Transition, ? super T> sink) {
    targets.forEach((filter, hanging) -> {
      Transition transition = Transition.of(filter, change);
      if (transition != Transition.NEVER) {
        hanging.forEach(target -> sink.accept(transition, target));
      }
    });
  }

  /// Different filters, however many targets hang on them.
  public int filters() {
    return targets.size();
  }

  public boolean isEmpty() {
    return filters() == 0;
  }
}
