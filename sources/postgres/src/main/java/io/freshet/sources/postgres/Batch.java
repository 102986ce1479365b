// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.spi.RowChange;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Row changes that are appended together, and how far the source has told with them. It belongs to
/// one thread at a time.
final class Batch {
  /// About so many are worth one append: more would only wait longer.
  private static final int ROWS_MAX = 1_000;

  private static final long BYTES_MAX = 1 << 20;

  private final ArrayList<RowChange> rows = new ArrayList<>();
  private long bytes;
  private boolean alone;
  private long oldestMs;
  private @Nullable Progress progress;

  void add(RowChange row, long size) {
    rows.add(row);
    bytes += size;
  }

  /// The only row of this batch; nothing is to come behind it.
  void addAlone(RowChange row) {
    add(row, 1);
    alone = true;
  }

  /// @param committedMs when its transaction was committed
  void committedAt(long committedMs) {
    if (oldestMs == 0) {
      oldestMs = committedMs;
    }
  }

  void reached(Progress reached) {
    progress = reached;
  }

  /// Takes what comes after this batch into it.
  void take(Batch next) {
    rows.addAll(next.rows);
    bytes += next.bytes;
    oldestMs = oldestMs == 0 ? next.oldestMs : oldestMs;
    progress = next.progress;
  }

  /// Whether it must not be made one with others.
  boolean isAlone() {
    return alone;
  }

  boolean isFull() {
    return alone || rows.size() >= ROWS_MAX || bytes >= BYTES_MAX;
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  List<RowChange> rows() {
    return rows;
  }

  /// As received, roughly.
  long bytes() {
    return bytes;
  }

  /// When the oldest of it was committed; 0 if nothing says so.
  long oldestMs() {
    return oldestMs;
  }

  Progress progress() {
    if (progress == null) {
      throw new IllegalStateException("A batch that reaches nothing");
    }
    return progress;
  }
}
