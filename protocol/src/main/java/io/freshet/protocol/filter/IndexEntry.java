// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One filter of a [FilterIndex] and what hangs on it.
///
/// Laid out for memory that is cold when a change comes: few steps from the value that was looked
/// up to the one target there mostly is.
final class IndexEntry<T> {
  /// What is left to test when the entry was found. Equal rests are one object.
  final Filter rest;

  /// The last pass over a row in which this was found.
  long found;

  /// The last change whose state after matched, and the last whose state before did.
  long matches;

  long matched;

  private @Nullable T first;
  private @Nullable Set<T> more;

  /// Where the index keeps it; empty for filters that are tested every time, and impossible ones.
  final List<Slot<T>> slots = new ArrayList<>(1);

  IndexEntry(Filter rest) {
    this.rest = rest;
  }

  /// One of the entries that are looked up by the same value.
  static final class Slot<T> {
    final IndexEntry<T> entry;
    final Field field;
    final Object value;
    @Nullable Slot<T> next;
    @Nullable Slot<T> previous;

    Slot(IndexEntry<T> entry, Field field, Object value) {
      this.entry = entry;
      this.field = field;
      this.value = value;
    }
  }

  boolean isEmpty() {
    return first == null;
  }

  /// @return false when it hangs here already
  boolean add(T target) {
    if (first == null) {
      first = target;
      return true;
    }
    if (first.equals(target)) {
      return false;
    }
    if (more == null) {
      more = new LinkedHashSet<>();
    }
    return more.add(target);
  }

  /// @return false when it did not hang here
  boolean remove(T target) {
    if (first == null || !first.equals(target)) {
      return more != null && more.remove(target);
    }
    first = null;
    if (more != null && !more.isEmpty()) {
      first = more.iterator().next();
      more.remove(first);
    }
    return true;
  }

  /// In the order in which they were added.
  void forEach(Consumer<? super T> sink) {
    if (first != null) {
      sink.accept(first);
    }
    if (more != null) {
      more.forEach(sink);
    }
  }
}
