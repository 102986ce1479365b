// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

import java.time.Duration;
import java.util.LinkedHashSet;

/// Work that may be too much for one turn of the engine's thread. Calls run it at once as long as
/// the turn's budget lasts; what is left continues in later turns, the jobs taking steps by turns.
///
/// Bound: one job per new pattern, per name being searched, per withdrawn listener and per batch of
/// names offered again; a job that has lost its purpose is removed.
final class Backlog {
  /// Something done in small steps. Compared by identity.
  interface Job {
    /// @return what the step cost, in steps of a pattern matcher; 0 when nothing was left to do
    long step();
  }

  private final Timers timers;
  private final long turnSteps;
  private final LinkedHashSet<Job> jobs = new LinkedHashSet<>();
  private long left;
  private boolean running;
  private boolean continued;

  /// @param turnSteps most steps a turn, the last one begun with being whole
  Backlog(Timers timers, long turnSteps) {
    this.timers = timers;
    this.turnSteps = turnSteps;
    this.left = turnSteps;
  }

  void add(Job job) {
    jobs.add(job);
  }

  void remove(Job job) {
    jobs.remove(job);
  }

  void run() {
    if (running) {
      return;
    }
    running = true;
    try {
      while (left > 0 && !jobs.isEmpty()) {
        Job job = jobs.removeFirst();
        long cost = job.step();
        left -= cost;
        if (cost > 0) {
          jobs.add(job);
        }
      }
    } finally {
      running = false;
    }
    if (!jobs.isEmpty() && !continued) {
      continued = true;
      timers.after(Duration.ZERO, this::nextTurn);
    }
  }

  private void nextTurn() {
    continued = false;
    left = turnSteps;
    run();
  }
}
