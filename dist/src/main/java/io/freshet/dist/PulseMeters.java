// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.server.metrics.Metrics;
import io.freshet.server.metrics.Tally;
import io.freshet.server.pulse.PulseMeter;

/// Shows what one of the Pulse door's routes tells.
final class PulseMeters implements PulseMeter {
  private final DoorTallies tallies;
  private final Tally mismatched;
  private final Tally notShown;
  private final Tally ignored;

  PulseMeters(Metrics metrics, String door) {
    tallies =
        new DoorTallies(metrics, door, door.substring(1) + "-loops")
            .counting(ErrorCode.values())
            .counting(Ended.values());
    mismatched =
        metrics.counter(
            "freshet.pulse.values.mismatched",
            "Values that were not of their field's type and were sent as null",
            "door",
            door);
    notShown =
        metrics.counter(
            "freshet.pulse.changes.unshown",
            "Changes that were not sent because their document is a list",
            "door",
            door);
    ignored =
        metrics.counter(
            "freshet.pulse.messages.ignored",
            "Messages of clients that were no acknowledgements",
            "door",
            door);
  }

  @Override
  public void refused(ErrorCode code) {
    tallies.refused(code);
  }

  @Override
  public void ended(Ended why) {
    tallies.refused(why);
  }

  @Override
  public void subscriptions(long change) {
    tallies.subscriptions().add(change);
  }

  @Override
  public void mismatched(int values) {
    mismatched.add(values);
  }

  @Override
  public void notShown() {
    notShown.increment();
  }

  @Override
  public void ignored() {
    ignored.increment();
  }

  @Override
  public void backlog(long change) {
    tallies.backlog().add(change);
  }
}
