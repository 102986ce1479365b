// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.server.deepstream.DeepstreamMeter;
import io.freshet.server.metrics.Metrics;

/// Shows what the deepstream door tells.
final class DeepstreamMeters implements DeepstreamMeter {
  private final DoorTallies tallies;

  DeepstreamMeters(Metrics metrics, String door) {
    tallies = new DoorTallies(metrics, door, "deepstream-loops").counting(Refusal.values());
  }

  @Override
  public void refused(Refusal kind) {
    tallies.refused(kind);
  }

  @Override
  public void subscriptions(long change) {
    tallies.subscriptions().add(change);
  }

  @Override
  public void backlog(long change) {
    tallies.backlog().add(change);
  }
}
