// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import io.freshet.protocol.Change;
import io.freshet.protocol.filter.IndexEntry.Slot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

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
  /// Filters of one value are counted no further: it is as good as none then.
  private static final int CROWD_MAX = 64;

  private final Map<Filter, IndexEntry<T>> entries = new HashMap<>();
  private final Map<Field, Map<Object, Slot<T>>> byValue = new LinkedHashMap<>();
  private final Set<IndexEntry<T>> others = new LinkedHashSet<>();
  private final Demands demands = new Demands(this::crowd);

  /// Equal rests are kept once, with the number of entries that have them: they are often all the
  /// same, and then in the processor's cache.
  private final Map<Filter, Rest> rests = new HashMap<>();

  /// Counts the rows and changes looked at, so that an entry found in two places is tested once.
  private long pass;

  public FilterIndex() {}

  private record Rest(Filter filter, int entries) {}

  /// Hangs a target on a filter.
  ///
  /// @return false when it hangs there already
  public boolean add(Filter filter, T target) {
    IndexEntry<T> entry = entries.get(filter);
    if (entry == null) {
      entry = filed(filter);
      entries.put(filter, entry);
    }
    return entry.add(target);
  }

  private IndexEntry<T> filed(Filter filter) {
    List<Condition.OneOf> chosen = demands.of(filter.node());
    var entry = new IndexEntry<T>(shared(Demands.rest(filter, chosen)));
    if (chosen == null) {
      others.add(entry);
      return entry;
    }
    for (Condition.OneOf demand : chosen) {
      for (Object value : demand.values()) {
        link(new Slot<>(entry, demand.field(), value));
      }
    }
    return entry;
  }

  private Filter shared(Filter rest) {
    Rest one = new Rest(rest, 1);
    return rests.merge(rest, one, (known, added) -> new Rest(known.filter, known.entries + 1))
        .filter;
  }

  private void link(Slot<T> slot) {
    Map<Object, Slot<T>> values = byValue.computeIfAbsent(slot.field, key -> new HashMap<>());
    Slot<T> head = values.putIfAbsent(slot.value, slot);
    if (head != null) {
      slot.previous = head;
      slot.next = head.next;
      if (head.next != null) {
        head.next.previous = slot;
      }
      head.next = slot;
    }
    slot.entry.slots.add(slot);
  }

  /// @return false when it did not hang there
  public boolean remove(Filter filter, T target) {
    IndexEntry<T> entry = entries.get(filter);
    if (entry == null || !entry.remove(target)) {
      return false;
    }
    if (entry.isEmpty()) {
      entries.remove(filter);
      others.remove(entry);
      entry.slots.forEach(this::unlink);
      rests.computeIfPresent(
          entry.rest,
          (key, rest) -> rest.entries == 1 ? null : new Rest(rest.filter, rest.entries - 1));
    }
    return true;
  }

  private void unlink(Slot<T> slot) {
    if (slot.next != null) {
      slot.next.previous = slot.previous;
    }
    if (slot.previous != null) {
      slot.previous.next = slot.next;
      return;
    }
    byValue.computeIfPresent(
        slot.field,
        (field, values) -> {
          values.remove(slot.value);
          if (slot.next != null) {
            values.put(slot.next.value, slot.next);
          }
          return values.isEmpty() ? null : values;
        });
  }

  /// How many filters are looked up by the most crowded value of the demand.
  private int crowd(Condition.OneOf demand) {
    int crowd = 0;
    Map<Object, Slot<T>> values = byValue.getOrDefault(demand.field(), Map.of());
    for (Object value : demand.values()) {
      int size = 0;
      for (Slot<T> slot = values.get(value); slot != null && size < CROWD_MAX; slot = slot.next) {
        size++;
      }
      crowd = Math.max(crowd, size);
    }
    return crowd;
  }

  /// Hands over every target whose filter lets the row through, once per filter it hangs on;
  /// targets of one filter in the order they were added.
  public void match(Row row, Consumer<? super T> sink) {
    forMatching(row, entry -> entry.forEach(sink));
  }

  /// Hands over every target for whose filter the change's transition is another than `NEVER`, once
  /// per filter it hangs on: first those it leaves, then the others.
  public void transitions(Change change, BiConsumer<Transition, ? super T> sink) {
    if (Transition.isNone(change)) {
      return;
    }
    long round = ++pass;
    var matching = new ArrayList<IndexEntry<T>>();
    if (change.after().isLive()) {
      forMatching(Row.after(change), matching::add);
    }
    matching.forEach(entry -> entry.matches = round);
    if (change.before().isLive()) {
      forMatching(
          Row.before(change),
          entry -> {
            entry.matched = round;
            if (entry.matches != round) {
              entry.forEach(target -> sink.accept(Transition.LEFT, target));
            }
          });
    }
    for (IndexEntry<T> entry : matching) {
      boolean stays = entry.matched == round;
      entry.forEach(target -> sink.accept(stays ? Transition.STAYS : Transition.ENTERED, target));
    }
  }

  /// Every filter that lets the row through.
  private void forMatching(Row row, Consumer<IndexEntry<T>> action) {
    pass++;
    byValue.forEach((field, values) -> {
      Object value = field.read(row);
      Slot<T> slot = value == null ? null : values.get(value);
      for (; slot != null; slot = slot.next) {
        test(slot.entry, row, action);
      }
    });
    for (IndexEntry<T> entry : others) {
      test(entry, row, action);
    }
  }

  private void test(IndexEntry<T> entry, Row row, Consumer<IndexEntry<T>> action) {
    if (entry.found != pass) {
      entry.found = pass;
      if (entry.rest.matches(row)) {
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
}
