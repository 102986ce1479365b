// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.metrics;

import io.freshet.spi.StoreMeter;

/// What the way into the store costs.
///
/// @param latencyNanos from handing a batch to the store until it is committed, per batch
/// @param batchWrites writes accepted per batch
/// @param logBytes bytes handed to the log
/// @param fsyncNanos one sync of the write-ahead log
public record CommitMeters(
    Spread latencyNanos, Spread batchWrites, Tally logBytes, Spread fsyncNanos)
    implements StoreMeter {

  @Override
  public void committed(int writes, long bytes, long nanos) {
    latencyNanos.record(nanos);
    batchWrites.record(writes);
    logBytes.add(bytes);
  }

  @Override
  public void synced(long nanos) {
    fsyncNanos.record(nanos);
  }
}
