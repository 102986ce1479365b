// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.engine.EngineMeter;
import io.freshet.server.metrics.Metrics;
import io.freshet.server.metrics.Spread;
import io.freshet.server.metrics.Tally;

/// Shows what the engine tells.
final class EngineMeters implements EngineMeter {
  private final Tally commands;
  private final Spread roundTrip;
  private final Tally conflicts;
  private final Tally failures;

  EngineMeters(Metrics metrics) {
    commands = metrics.counter("freshet.commands", "Commands decided");
    roundTrip =
        metrics.seconds(
            "freshet.commit.round.trip.seconds", "Time from gathering a batch to its answer");
    conflicts = metrics.counter("freshet.commit.conflicts", "Writes decided again");
    failures = metrics.counter("freshet.commit.failures", "Writes rejected by a failing store");
  }

  @Override
  public void commands(int handled) {
    commands.add(handled);
  }

  @Override
  public void committed(int writes, long nanos) {
    roundTrip.record(nanos);
  }

  @Override
  public void conflicts(int writes) {
    conflicts.add(writes);
  }

  @Override
  public void commitFailed(int writes) {
    failures.add(writes);
  }
}
