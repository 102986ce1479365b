// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

import java.util.LinkedHashSet;

/// Work that may be too much for one turn of the engine's thread. Calls run it at once as long as
/// the turn's budget lasts; what is left continues in later turns, after a pause each, the jobs
/// taking steps by turns.
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
  private final Pace pace;
  private final LinkedHashSet<Job> jobs = new LinkedHashSet<>();
  private long left;
  private boolean running;
  private boolean continued;

  /// @param pace most steps a turn, the last one begun with being whole, and the pause
  Backlog(Timers timers, Pace pace) {
    this.timers = timers;
    this.pace = pace;
    this.left = pace.turnSteps();
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
      timers.after(pace.pause(), this::nextTurn);
    }
  }

  private void nextTurn() {
    continued = false;
    left = pace.turnSteps();
    run();
  }
}
