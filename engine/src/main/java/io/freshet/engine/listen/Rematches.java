// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.function.Consumer;

/// Names nobody wanted, until they are offered again. They are collected into batches, so that a
/// million of them need a few timers: each waits for the interval or up to a sixteenth less.
final class Rematches {
  private final Timers timers;
  private final Duration window;
  private final Duration rest;
  private final Consumer<SequencedSet<Search>> due;
  private SequencedSet<Search> collecting = new LinkedHashSet<>();
  private boolean sealing;

  Rematches(Timers timers, Duration interval, Consumer<SequencedSet<Search>> due) {
    this.timers = timers;
    this.window = interval.dividedBy(16);
    this.rest = interval.minus(window);
    this.due = due;
  }

  /// The search is exhausted. The batch it may still be in from an earlier time forgets it.
  void add(Search search) {
    remove(search);
    collecting.add(search);
    search.batch = collecting;
    if (!sealing) {
      sealing = true;
      timers.after(window, this::seal);
    }
  }

  void remove(Search search) {
    SequencedSet<Search> batch = search.batch;
    if (batch != null) {
      batch.remove(search);
      search.batch = null;
    }
  }

  private void seal() {
    sealing = false;
    SequencedSet<Search> batch = collecting;
    collecting = new LinkedHashSet<>();
    if (!batch.isEmpty()) {
      timers.after(rest, () -> due.accept(batch));
    }
  }
}
