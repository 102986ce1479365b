// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.follow;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/// Collects a page in slices, so that large items end it before they fill the memory.
final class Page<T> {
  private static final int FIRST_SLICE = 16;
  private static final int SLICE_MAX = 512;

  private final List<T> items = new ArrayList<>();
  private final int itemsMax;
  private final long bytesMax;
  private final ToLongFunction<T> bytesOf;
  private long bytes;
  private int looked;

  Page(int itemsMax, long bytesMax, ToLongFunction<T> bytesOf) {
    this.itemsMax = Math.max(1, itemsMax);
    this.bytesMax = bytesMax;
    this.bytesOf = bytesOf;
  }

  /// How many to read next; 0 when the page is full.
  int slice() {
    if (looked >= itemsMax || bytes >= bytesMax) {
      return 0;
    }
    long fitting = looked == 0 ? FIRST_SLICE : (bytesMax - bytes) / Math.max(1, bytes / looked);
    return Math.clamp(Math.min(fitting, itemsMax - looked), 1, SLICE_MAX);
  }

  /// @param wanted whether it belongs on the page, or was only looked at
  void add(T item, boolean wanted) {
    looked++;
    if (wanted) {
      items.add(item);
      bytes += bytesOf.applyAsLong(item);
    }
  }

  List<T> items() {
    return List.copyOf(items);
  }
}
